"""Cells that are there more than once: which counts, and that it counts."""

from __future__ import annotations

from collections.abc import Iterator

from grader.grading.repair import words
from grader.grading.repair.code import bound, defined, is_python, plain
from grader.grading.repair.handout import Handout, HandoutCell
from grader.grading.repair.notebook import Cell, Notebook
from grader.grading.repair.recognising import is_untouched
from grader.model.finding import Finding
from grader.model.text import Text, say


def settle_copies(notebook: Notebook, handout: Handout) -> Iterator[Finding]:
    """Set aside copies of answers that are blank or no Python, where another is neither; say that the last counts."""
    for asked in handout.by_grade_id.values():
        if not asked.is_answer:
            continue
        there = [c for c in notebook.cells if c.grade_id == asked.grade_id and plain(c.text)]
        if not asked.is_code:
            yield from _texts(there, asked)
            continue
        cells = [cell for cell in there if cell.is_code]
        yield from _copies(cells, asked)
        if len(cells) == 1:
            yield from _answered_elsewhere(cells[0], asked, notebook, handout)


def said_twice(asked: HandoutCell, cells: list[Cell]) -> Text:
    """That a cell is there more than once."""
    return say(
        "The answer `{id}` is there more than once: cells {cells}.", id=asked.key, cells=words.numbers(cells)
    )


def _texts(there: list[Cell], asked: HandoutCell) -> Iterator[Finding]:
    own = [cell for cell in there if not is_untouched(cell, asked)]
    if len(own) > 1:
        yield words.finding("copied", said_twice(asked, own), words.ALL_READ, asked=asked)


def _copies(cells: list[Cell], asked: HandoutCell) -> Iterator[Finding]:
    good = [cell for cell in cells if not is_untouched(cell, asked) and is_python(cell.text)]
    if len(cells) < 2 or not good:
        return
    found = said_twice(asked, cells)
    for cell in cells:
        number = cell.place + 1
        if cell in good:
            continue
        if is_untouched(cell, asked):
            done = say("Cell {cell} is as it was handed out: it was not run.", cell=number)
        elif _are_one_thing([cell, good[-1]]):
            done = say("Cell {cell} is no Python: it was not run.", cell=number)
        else:
            continue
        cell.set_aside()
        yield words.finding("copied", found, done, asked=asked, cell=cell)
    if len(good) > 1 and _are_one_thing(good):
        done = say(
            "They ran in this order, so that the last one counts: cell {cell}.", cell=good[-1].place + 1
        )
        yield words.finding("copied", said_twice(asked, good), done, asked=asked, cell=good[-1])


def _are_one_thing(cells: list[Cell]) -> bool:
    """Whether the last defines something that one before it defined, too: two parts of one answer do not."""
    *before, last = (defined(cell.text) or bound(cell.text) for cell in cells)
    return any(last & names for names in before)


def _answered_elsewhere(
    cell: Cell, asked: HandoutCell, notebook: Notebook, handout: Handout
) -> Iterator[Finding]:
    """An answer cell that is as it was handed out, and would undo what a cell above it defines."""
    if not asked.defined or not plain(cell.text) or not is_untouched(cell, asked):
        return
    code = notebook.code
    above = [c for c in code[: code.index(cell)] if c.grade_id not in handout.by_grade_id]
    own = [c for c in above if asked.defined & defined(c.text)]
    if not own or not asked.defined <= frozenset().union(*(defined(c.text) for c in own)):
        return
    cell.set_aside()
    found = say(
        "The cell `{id}` is as it was handed out; its code stands in other cells: {cells}.",
        id=asked.key,
        cells=words.numbers(own),
    )
    done = say("Cell {cell} is as it was handed out: it was not run.", cell=cell.place + 1)
    yield words.finding("copied", found, done, asked=asked, cell=cell)
