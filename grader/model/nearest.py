"""The nearest right word, for messages about names that are not there."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import process

LIKE = 60
"""From 0 to 100: how like a word must be to be what was meant."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The word of those known that is most like another; None where none is like it."""
    match = process.extractOne(word, list(known), score_cutoff=LIKE)
    return match[0] if match else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """` (did you mean 'x'?)`, or nothing."""
    found = nearest(word, known)
    return "" if found is None else f" (did you mean {found!r}?)"
