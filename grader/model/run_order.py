"""In which order a notebook's cells run: as they stand, but for cells that a repair put back or moved.

A cell keeps its position in the file for good, so that numbers in messages are those that its author sees; cells that
were put back stand behind all others. What a repair did to a cell stands in the cell's metadata, under `grade`; intake
lets no file bring such a mark along.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

RUNS_BEFORE = "runs_before"
"""Key of the position of the cell before which one runs, and its rank among those that run there."""
RECOGNISED = "recognised"
"""Key of whether a cell had lost its marks, and got them back by what stands in it."""
REPAIR = "repair"
"""Key of what was done to a cell."""
Mark = Literal["put_back", "set_aside", "changed", "superseded"]
"""Not in the file; not run; run otherwise than it stands in the file; run, and followed by the one handed out."""

Before = tuple[int, int]
"""A position, and a rank: cells that run before the same one run in the order of the handout."""


def run_order(cells: Sequence[Mapping[str, Any]]) -> list[int]:
    """The positions of cells of nbformat 4, as they run."""
    return sorted(range(len(cells)), key=lambda index: order_of(index, place_before(cells[index])))


def order_of(index: int, before: Before | None) -> tuple[int, int, int]:
    """What cells are sorted by; `before`: the cell before which one runs."""
    return (index, 1, index) if before is None else (before[0], 0, before[1])


def mark_of(cell: Mapping[str, Any]) -> Mark | None:
    """What a repair did to a cell; None where it was left as it is."""
    mark = _ours(cell).get(REPAIR)
    return mark if mark in get_args(Mark) else None


def place_before(cell: Mapping[str, Any]) -> Before | None:
    """Before which cell one runs; None where it runs in its own place."""
    place = _ours(cell).get(RUNS_BEFORE)
    match place:
        case [int(position), int(rank)]:
            return position, rank
        case _:
            return None


def _ours(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = cell.get("metadata")
    ours = metadata.get("grade") if isinstance(metadata, Mapping) else None
    return ours if isinstance(ours, Mapping) else {}
