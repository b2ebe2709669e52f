"""Cells that came with the exercise: those that are missing, or were changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet

from grader.grading.repair import words
from grader.grading.repair.code import bound, is_python, is_same_code, needs, plain
from grader.grading.repair.handout import Handout, HandoutCell
from grader.grading.repair.notebook import Cell, Notebook
from grader.grading.repair.recognising import around, holds
from grader.model.finding import Finding
from grader.model.text import say

Asked = Callable[[], AbstractSet[str]]
"""Names that are asked of the notebook once it has run; found only where they matter."""


def mend_given(notebook: Notebook, handout: Handout, asked_names: Asked) -> Iterator[Finding]:
    """Put back what is missing and needed, and run as handed out what lost its names.

    `asked_names`: what is asked of the notebook once it has run.
    """
    for given in handout.cells:
        if not given.is_material or not given.plain:
            continue
        cell = _cell_of(given, notebook, handout)
        if cell is None:
            yield from _missing(given, notebook, handout, asked_names)
        elif given.is_given and cell.mark != "put_back":
            yield from _changed(given, cell, notebook, asked_names)


def put_back_after(notebook: Notebook, given: HandoutCell, cell: Cell) -> Cell:
    """The one handed out, to run right after a changed one."""
    runs = notebook.cells
    behind = runs[runs.index(cell) + 1 :]
    before = next((c.place for c in behind if c.mark != "put_back"), notebook.end)
    return notebook.put_back(given, before=before)


def place_of(given: HandoutCell, notebook: Notebook, handout: Handout) -> int:
    """The position before which a missing cell should run: behind what stood before it."""
    before, after = around(given, notebook, handout)
    if before is not None:
        return before.place + 1 if before.mark != "put_back" else _runs_before(before, notebook)
    return after.place if after is not None else 0


def _runs_before(cell: Cell, notebook: Notebook) -> int:
    """The position before which a cell runs that was put back."""
    runs = notebook.cells
    behind = runs[runs.index(cell) + 1 :]
    return next((c.place for c in behind if c.mark != "put_back"), notebook.end)


def _cell_of(given: HandoutCell, notebook: Notebook, handout: Handout) -> Cell | None:
    """The cell that is it, or holds its code, or stands in its place."""
    code = [cell for cell in notebook.code if plain(cell.text)]
    if given.grade_id is not None:
        marked = [cell for cell in code if cell.grade_id == given.grade_id]
        if marked:
            return marked[0]
    same = [cell for cell in code if holds(cell, given)]
    if same:
        return same[0]
    if given.grade_id is not None:
        return None
    kept = (cell for cell in code if cell.grade_id is None and cell.id == given.id and given.id is not None)
    return next(kept, None)


def _missing(
    given: HandoutCell, notebook: Notebook, handout: Handout, asked_names: Asked
) -> Iterator[Finding]:
    place = place_of(given, notebook, handout)
    above, below = _parted(notebook, place)
    lacking = given.bound - _bound_by(above)
    rests_on_answers = bool(given.needs - handout.given_names)
    is_needed = bool(_needed(lacking, below, asked_names)) or (not given.bound and not rests_on_answers)
    if not is_needed and not given.is_given:
        return
    found = say("The given cell `{id}` is missing.", id=given.key)
    if is_needed:
        notebook.put_back(given, before=place)
    yield words.finding(
        "given_missing", found, words.PUT_BACK if is_needed else words.NOT_NEEDED, asked=given
    )


def _changed(given: HandoutCell, cell: Cell, notebook: Notebook, asked_names: Asked) -> Iterator[Finding]:
    if is_same_code(cell.text, given.text) or holds(cell, given):
        return
    runs = notebook.cells
    at = runs.index(cell)
    found = say("The given cell `{id}` was changed.", id=given.key)
    if not is_python(cell.text):
        put_back_after(notebook, given, cell)
        cell.set_aside()
        done = say("Your version is no Python: the one handed out was run in its place.")
        yield words.finding("given_changed", found, done, asked=given, cell=cell)
        return
    above = [c for c in runs[: at + 1] if c.is_code]
    below = [c for c in runs[at + 1 :] if c.is_code]
    lost = _needed(given.bound - _bound_by(above), below, asked_names)
    if lost:
        put_back_after(notebook, given, cell)
        cell.mark_as(None)
        cell.may_fail()
        cell.note("superseded")
        names = ", ".join(f"`{name}`" for name in sorted(lost))
        done = say("Your version does not define {names}: the one handed out was run after it.", names=names)
        yield words.finding("given_changed", found, done, asked=given, cell=cell)
    elif given.bound:
        done = say("It was run as you changed it.")
        yield words.finding("given_changed", found, done, asked=given, cell=cell)


def _parted(notebook: Notebook, place: int) -> tuple[list[Cell], list[Cell]]:
    """Code cells that run before and behind the beginning of a position."""
    runs = notebook.cells
    at = next(
        (n for n, cell in enumerate(runs) if cell.mark != "put_back" and cell.place >= place), len(runs)
    )
    return [c for c in runs[:at] if c.is_code], [c for c in runs[at:] if c.is_code]


def _needed(names: AbstractSet[str], below: Sequence[Cell], asked_names: Asked) -> set[str]:
    """Of these names, those that a cell needs before one gives them a value; and those asked for, and given by none."""
    found: set[str] = set()
    had: set[str] = set()
    for cell in below:
        found |= (set(names) & needs(cell.text)) - had
        had |= bound(cell.text)
    left = set(names) - had - found
    return found | (left & asked_names() if left else set())


def _bound_by(cells: Sequence[Cell]) -> frozenset[str]:
    return frozenset().union(*(bound(cell.text) for cell in cells))
