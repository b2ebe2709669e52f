"""Cells that were merged into others: their code runs where it stands now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from grader.grading.repair import words
from grader.grading.repair.code import defined
from grader.grading.repair.handout import Handout, HandoutCell
from grader.grading.repair.notebook import Cell, Notebook
from grader.grading.repair.recognising import holds
from grader.model.finding import Finding
from grader.model.text import say


def tell_merged(notebook: Notebook, handout: Handout) -> Iterator[Finding]:
    """Say where the code of cells is that are gone; a given cell that holds an answer counts as the answer."""
    there = {cell.grade_id for cell in notebook.cells}
    merged: dict[int, list[HandoutCell]] = defaultdict(list)
    marked = [cell for cell in notebook.code if cell.grade_id in handout.by_grade_id]
    for asked in handout.cells:
        if asked.is_code and asked.grade_id is not None and asked.grade_id not in there:
            found = next((cell for cell in marked if _stands_in(asked, cell)), None)
            if found is not None:
                merged[found.place].append(asked)
    for cell in marked:
        if cell.place not in merged:
            continue
        inside = merged[cell.place]
        own = handout.by_grade_id[cell.grade_id or ""]
        names = ", ".join(f"`{asked.key}`" for asked in (own, *inside))
        told = say("Cell {cell} holds the code of several: {names}.", cell=cell.place + 1, names=names)
        answer = next((asked for asked in inside if asked.is_answer), None)
        if answer is not None and not own.is_answer:
            cell.mark_as(answer)
        yield words.finding("merged", told, words.RUN_THERE, asked=own, cell=cell)


def _stands_in(asked: HandoutCell, cell: Cell) -> bool:
    if not asked.is_answer:
        return holds(cell, asked)
    return bool(asked.defined) and asked.defined <= defined(cell.text)
