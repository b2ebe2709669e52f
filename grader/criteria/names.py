"""Names in students' code: the one that was meant, and those that a cell gives a value."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from rapidfuzz.distance import DamerauLevenshtein

from grader.model.code_names import names_left
from grader.model.notebook_code import parse


def did_you_mean(name: str, defined: Iterable[str]) -> str | None:
    """The defined name that differs from `name` only by case, accents, underscores or one letter."""
    others = sorted({other for other in defined if other != name and not other.startswith("__")})
    for other in others:
        if _plain(other) == _plain(name):
            return other
    # One letter makes another name of `w` or `lr`: only longer names are forgiven.
    if len(name) < 4:
        return None
    near = [o for o in others if DamerauLevenshtein.distance(_plain(name), _plain(o), score_cutoff=1) <= 1]
    return near[0] if near else None


def stored_names(text: str) -> set[str]:
    """The names that a cell leaves behind where it runs to its end; none when it is not Python."""
    tree = parse(text)
    return names_left(tree) if tree is not None else set()


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).replace("_", "").casefold()
