"""The nearest right word, for messages about names that are not there."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import process

from grader.model.text import Text, say

LIKE = 60
"""From 0 to 100: how like a word must be to be what was meant."""


def nearest(word: str, known: Iterable[str], *, like: float = LIKE) -> str | None:
    """The word of those known that is most like another; None where none is like it."""
    match = process.extractOne(word, list(known), processor=str.casefold, score_cutoff=like)
    return match[0] if match else None


def did_you_mean(word: str, known: Iterable[str]) -> Text | str:
    """` (did you mean 'x'?)`, or nothing; stands before the end of a sentence.

    A word half as long, or twice as long, is none that was meant: `e` is part of `center`, and yet another name.
    """
    alike = [other for other in known if len(word) <= 2 * len(other) and len(other) <= 2 * len(word)]
    found = nearest(word, alike)
    return "" if found is None else say(" (did you mean '{word}'?)", word=found)


def meant_or_known(
    word: str, known: Iterable[str], *, like: float = 50, otherwise: Text | None = None
) -> Text:
    """`did you mean 'x'?`, or what there is instead; ends a sentence."""
    names = list(known)
    found = nearest(word, names, like=like)
    if found is not None:
        return say("did you mean '{word}'?", word=found)
    return otherwise or say("there are {known}.", known=", ".join(names))
