"""Cells that were split inside a function or a statement: their parts are joined again."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from grader.grading.repair import words
from grader.grading.repair.code import ALWAYS_THERE, bound, is_python, local_names, needs, plain
from grader.grading.repair.handout import Handout
from grader.grading.repair.notebook import Cell, Notebook
from grader.model.finding import Finding
from grader.model.notebook_code import parse
from grader.model.text import say

MOST_PARTS = 5


def join_split(notebook: Notebook, handout: Handout) -> Iterator[Finding]:
    """Join the parts of answers and given cells; the first part's cell gets it all, the others stay empty."""
    code = notebook.code
    at = 0
    while at < len(code):
        parts = _parts(code, at, handout)
        if parts is None:
            at += 1
            continue
        asked = next(filter(None, (handout.by_grade_id.get(p.grade_id or "") for p in parts)))
        first, *others = parts
        first.text = "\n".join(part.text for part in parts)
        first.mark_as(asked)
        first.note("changed")
        for part in others:
            part.text = ""
            part.mark_as(None)
            part.note("changed")
        found = say(
            "The cell `{id}` was split: its code stands in the cells {cells}.",
            id=asked.key,
            cells=words.numbers(parts),
        )
        done = say("They were run as one, cell {cell}.", cell=first.place + 1)
        yield words.finding("split", found, done, asked=asked, cell=first)
        at = code.index(parts[-1]) + 1


def _parts(code: Sequence[Cell], at: int, handout: Handout) -> list[Cell] | None:
    """The parts that begin with a cell; as many as there are of an answer, all of them neighbours."""
    first = code[at]
    if not plain(first.text) or first.mark is not None:
        return None
    parts, found = [first], None
    for cell in code[at + 1 : at + MOST_PARTS]:
        if not _may_follow(parts, cell, handout):
            break
        parts = [*parts, cell]
        if plain(cell.text) and _is_one(parts, code[:at], handout):
            found = parts
    return found


def _may_follow(parts: Sequence[Cell], cell: Cell, handout: Handout) -> bool:
    """Whether a cell may be the next part: it stands right behind, and all parts have one mark at most."""
    known = {p.grade_id for p in (*parts, cell)} & set(handout.by_grade_id)
    is_behind = cell.place == parts[-1].place + 1 and cell.mark is None
    return is_behind and len(known) == 1


def _is_one(parts: Sequence[Cell], before: Sequence[Cell], handout: Handout) -> bool:
    """Whether the last part is no code of its own, and they are code together."""
    *firsts, last = parts
    head = "\n".join(part.text for part in firsts)
    if not is_python(f"{head}\n{last.text}"):
        return False
    if not is_python(last.text) or not is_python(head):
        return True
    if last.text.lstrip("\n")[:1] not in (" ", "\t"):
        return False
    there = ALWAYS_THERE.union(*(bound(cell.text) for cell in before), bound(head))
    return _is_method(head, last.text) or bool((needs(last.text) - there) & local_names(head))


def _is_method(head: str, text: str) -> bool:
    """Whether a class ends before it, and it begins with a method."""
    above, below = parse(head), parse(text)
    if above is None or below is None or not above.body or not below.body:
        return False
    first = below.body[0]
    if not isinstance(first, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    parameters = [argument.arg for argument in (*first.args.posonlyargs, *first.args.args)]
    return isinstance(above.body[-1], ast.ClassDef) and parameters[:1] == ["self"]
