"""Reads names of files with kindness: accents, case, separators, copy numbers, endings that browsers add."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

_SUFFIX = re.compile(r"\.ipynb(?:\.(?:json|txt))?$", re.IGNORECASE)
_COPY = re.compile(
    r"[\s_-]*(?:\((?P<a>\d{1,3})\)|-(?P<b>\d{1,3})|[\s_-]+(?:copy|copie)[\s_-]*\(?(?P<c>\d{0,3})\)?)$",
    re.IGNORECASE,
)
_LEADING_NUMBER = re.compile(r"^\d+")
_SEPARATORS = re.compile(r"[\s_\-.,()\[\]]+")


class Stem(NamedTuple):
    """A file's name without its ending, and the number that a copy of it bears."""

    stem: str
    copy: int


def is_notebook_name(name: str) -> bool:
    """`.ipynb`, also in capitals and with the `.json` or `.txt` that browsers add."""
    return _SUFFIX.search(name) is not None


def without_suffix(name: str) -> str:
    """A notebook's file name without its ending."""
    return _SUFFIX.sub("", name)


def without_copy_number(stem: str) -> Stem:
    """`TP1 (2)`, `TP1-2` and `TP1-Copy2` are copy 2 of `TP1`; a first one is copy 0."""
    match = _COPY.search(stem)
    if match is None or match.start() == 0:
        return Stem(stem.strip(), 0)
    number = match["a"] or match["b"] or match["c"] or "1"
    return Stem(stem[: match.start()].strip(), int(number))


def words(text: str) -> tuple[str, ...]:
    """Lower-case words without accents: `01_Régression linéaire` -> `01`, `regression`, `lineaire`."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return tuple(re.findall(r"[a-z]+|\d+", plain.casefold()))


def compact(text: str) -> str:
    """All words in one: `01_Régression linéaire` -> `01regressionlineaire`."""
    return "".join(words(text))


def without_number(compacted: str) -> str:
    """A compact name without the number in front of it; as it is where nothing else is left."""
    return _LEADING_NUMBER.sub("", compacted) or compacted


def without_exercise(stem: str, exercises: Iterable[str]) -> str:
    """What a file's name tells besides the exercise: `XOR_pytorch_Zoé` -> `Zoé`; exercises by their compact names."""
    known = {name for exercise in exercises for name in (exercise, without_number(exercise))}
    pieces = [piece for piece in _SEPARATORS.split(stem) if piece]
    longest: tuple[int, int] = (0, 0)
    for start in range(len(pieces)):
        for end in range(start + 1, len(pieces) + 1):
            if compact("_".join(pieces[start:end])) in known and end - start > longest[1] - longest[0]:
                longest = (start, end)
    start, end = longest
    if start == end:
        return stem
    return " ".join(pieces[:start] + pieces[end:])
