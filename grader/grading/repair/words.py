"""Words for what was found in a notebook, and for what was done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from grader.grading.repair.handout import HandoutCell
from grader.grading.repair.notebook import Cell
from grader.model.finding import Finding, FindingKind
from grader.model.text import Text, say

NOTHING_DONE = say("Nothing was changed: for this exercise, notebooks are judged as they were handed in.")
RUN_AS_CODE = say("It was run as code.")
RUN_CODE_IN_IT = say("The code in it was run.")
READ_AS_TEXT = say("It was read as text, and not run.")
ALL_READ = say("All of them are read.")
RECOGNISED = say("They were recognised by what stands in them, and by their place.")
NO_TIME = say("There was no time to run the notebook once more: it counts as it ran.")
RUN_THERE = say("It was run where it stands now.")
PUT_BACK = say("It was put back.")
NOT_NEEDED = say("Nothing rests on it: it was left out.")


def finding(
    kind: FindingKind, found: Text, done: Text, *, asked: HandoutCell | None = None, cell: Cell | None = None
) -> Finding:
    """One finding, about one cell or several."""
    place = None if cell is None or cell.mark == "put_back" else cell.place
    return Finding(kind=kind, grade_id=asked.grade_id if asked else None, cell=place, found=found, done=done)


def numbers(cells: Iterable[Cell]) -> str:
    """`3, 7, 8`, as their author counts them."""
    return ", ".join(str(cell.place + 1) for cell in cells)


def marks_lost(found: Sequence[tuple[HandoutCell, Cell]]) -> Text:
    """Which cells had lost their marks."""
    shown = ", ".join(f"`{asked.key}` ({cell.place + 1})" for asked, cell in found)
    return say("Cells had lost the marks by which the grader knows them: {cells}.", cells=shown)
