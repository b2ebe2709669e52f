"""Cells of the wrong kind: code that became text, text that became code, text that was merged into code."""

from __future__ import annotations

from collections.abc import Iterator

from grader.grading.repair import words
from grader.grading.repair.code import ALWAYS_THERE, bound, is_python, plain
from grader.grading.repair.handout import Handout, HandoutCell
from grader.grading.repair.notebook import Cell, Notebook
from grader.grading.repair.recognising import is_untouched
from grader.grading.repair.texts import code_in, resolve_conflict, says_something
from grader.model.finding import Finding
from grader.model.text import say


def read_as_text(notebook: Notebook, handout: Handout) -> Iterator[Finding]:
    """Text answers, and texts of the exercise, that became code; an answer that does something stays code."""
    for cell in notebook.code:
        asked = handout.by_grade_id.get(cell.grade_id or "")
        number = cell.place + 1
        if asked is not None and not asked.is_code and not says_something(cell.text):
            found = say("Cell {cell}, the text answer `{id}`, is a code cell.", cell=number, id=asked.key)
        elif asked is None and plain(cell.text) in handout.texts and not says_something(cell.text):
            found = say("Cell {cell}, a text of the exercise, is a code cell.", cell=number)
        else:
            continue
        cell.kind = "markdown"
        yield words.finding("code_for_text", found, words.READ_AS_TEXT, asked=asked, cell=cell)


def take_out_text(notebook: Notebook, handout: Handout) -> Iterator[Finding]:
    """Code cells that are no Python because of a git conflict, or of text and fences around the code."""
    for cell in notebook.code:
        if is_python(cell.text):
            continue
        asked = handout.by_grade_id.get(cell.grade_id or "")
        number = cell.place + 1
        resolved = resolve_conflict(cell.text, None if asked is None else asked.text)
        if resolved is not None:
            cell.text = resolved.text
            cell.note("changed")
            done = (
                say("The second version was run.")
                if resolved.side == "theirs"
                else say("The first version was run.")
            )
            found = say(
                "Cell {cell} holds both versions of a conflict of git (`<<<<<<<`, `>>>>>>>`).", cell=number
            )
            yield words.finding("conflict", found, done, asked=asked, cell=cell)
            continue
        code = code_in(cell.text, handout)
        if code is not None:
            cell.text = code
            cell.note("changed")
            found = say("In cell {cell}, text stands among the code.", cell=number)
            yield words.finding("text_in_code", found, say("Only its code was run."), asked=asked, cell=cell)


def run_as_code(notebook: Notebook, handout: Handout) -> Iterator[Finding]:
    """Answers and given cells that became text, where nothing else in the notebook does what they do."""
    for cell in notebook.cells:
        asked = handout.by_grade_id.get(cell.grade_id or "")
        if cell.is_code or asked is None or not asked.is_code or not plain(cell.text):
            continue
        code = code_in(cell.text, handout) or (cell.text if _begins_like(cell, asked) else None)
        if code is None or _is_done_elsewhere(cell, code, asked, notebook, handout):
            continue
        is_all = code == cell.text
        cell.kind = "code"
        if not is_all:
            cell.text = code
            cell.note("changed")
        yield words.finding(
            "text_for_code",
            say("Cell {cell}, the code cell `{id}`, is a text cell.", cell=cell.place + 1, id=asked.key),
            words.RUN_AS_CODE if is_all else words.RUN_CODE_IN_IT,
            asked=asked,
            cell=cell,
        )


def _begins_like(cell: Cell, asked: HandoutCell) -> bool:
    """Whether a line of the handout's that is code stands in it: then it is code, right or not."""
    lines = {line.strip() for line in cell.text.split("\n")}
    told = {line.strip() for line in asked.text.split("\n")}
    return any(line in lines for line in told if line.endswith(":") or "=" in line or "(" in line)


def _is_done_elsewhere(
    cell: Cell, code: str, asked: HandoutCell, notebook: Notebook, handout: Handout
) -> bool:
    """Whether other code of the student's does it: then the text is an attempt that was kept."""
    others = [other for other in notebook.code if other is not cell]
    if any(other.grade_id == asked.grade_id and not is_untouched(other, asked) for other in others):
        return True
    own = [other for other in others if (other.grade_id or "") not in handout.by_grade_id]
    names = asked.defined or (bound(code) - ALWAYS_THERE)
    return bool(names) and names <= frozenset().union(*(bound(other.text) for other in own))
