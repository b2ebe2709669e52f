"""What a notebook drew, as `grader.inkernel.figures` sends it, read without believing it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from grader.criteria.network import Floats
from grader.model.probe import Entries, Items, Leaf, Value, Words


@dataclass(frozen=True, eq=False)
class Drawn:
    """One line, cloud of points or set of bars."""

    kind: str
    """`lines`, `points` or `bars`."""
    x: Floats
    y: Floats
    joined: bool
    """Points are joined by a line."""
    marked: bool
    """Points are marked one by one."""


@dataclass(frozen=True)
class Picture:
    """One figure."""

    drawn: tuple[Drawn, ...]
    others: str
    """What else is in it: images, surfaces."""


def cell_key(text: str) -> str:
    """How a figure names the cell that drew it."""
    return hashlib.sha256(text.strip().encode("utf-8", "replace")).hexdigest()


def pictures(value: Value | None, given: Collection[str] = ()) -> tuple[Picture, ...] | None:
    """The figures, oldest first, without those drawn by cells of the handout; None when it is no such list."""
    figures = _items(value)
    if figures is None:
        return None
    ours = {cell_key(text) for text in given}
    found: list[Picture] = []
    for figure in figures:
        entries = _entries(figure)
        if _word(entries, "cell") in ours:
            continue
        axes = [_entries(one) for one in _items(entries.get("axes")) or ()]
        drawn = [
            d for one in axes for kind in ("lines", "points", "bars") for d in _drawn(kind, one.get(kind))
        ]
        found.append(Picture(tuple(drawn), ", ".join(filter(None, (_word(one, "others") for one in axes)))))
    return tuple(found)


def _drawn(kind: str, value: Value | None) -> list[Drawn]:
    found: list[Drawn] = []
    for artist in _items(value) or ():
        entries = _entries(artist)
        data = entries.get("data")
        if not isinstance(data, Leaf) or data.array.dtype.kind not in "fiu":
            continue
        if data.array.ndim != 2 or len(data.array) != 2:
            continue
        x, y = np.asarray(data.array, dtype=np.float64)
        style, marker = _word(entries, "style"), _word(entries, "marker")
        joined = kind == "lines" and style not in ("None", "none", " ", "")
        marked = kind == "points" or (kind == "lines" and marker not in ("None", "none", " ", ""))
        found.append(Drawn(kind, x, y, joined, marked))
    return found


def _items(value: Value | None) -> tuple[Value, ...] | None:
    if isinstance(value, Items):
        return value.items
    return () if isinstance(value, Leaf) and value.array.size == 0 else None


def _entries(value: Value | None) -> Mapping[str, Value]:
    return value.entries if isinstance(value, Entries) else {}


def _word(entries: Mapping[str, Value], name: str) -> str:
    word = entries.get(name)
    return word.text if isinstance(word, Words) else ""
