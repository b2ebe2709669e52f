"""Mutants of a reference: copies with one small mistake each, made by rule from its solution regions.

The same reference gives the same mutants in the same order. Called by `grade exercise mutate`, which has each of them
graded as a student's notebook is.
"""

from __future__ import annotations

import difflib
from collections import Counter
from typing import Any

import nbformat

from grader.authoring.mutation.code import Code, Edit
from grader.authoring.mutation.rules import RULES
from grader.errors import CatalogError
from grader.model.base import Frozen
from grader.model.text import say


class MutantKey(Frozen):
    """What names a mutant; it stays the same when other lines of the reference change."""

    cell: str
    """Grade id."""
    rule: str
    line: str
    """The line of the reference on which the edit begins, without its indentation."""
    nth: int = 1
    """Which of the mutants that agree in all this, from 1, in the order of the text."""

    def __str__(self) -> str:
        return f"{self.cell} · {self.rule} · {self.line}" + (f" · no. {self.nth}" if self.nth > 1 else "")


class Mutant(Frozen):
    """One mutant."""

    key: MutantKey
    number: int
    """Its line in the cell, from 1."""
    text: str
    """The whole new text of the cell."""
    original: str
    """The text that the cell has in the reference."""

    @property
    def name(self) -> str:
        """`train:12 autograd.detach`."""
        nth = f"#{self.key.nth}" if self.key.nth > 1 else ""
        return f"{self.key.cell}:{self.number} {self.key.rule}{nth}"

    @property
    def diff(self) -> str:
        """The lines that differ, marked by `-` and `+`."""
        lines = difflib.unified_diff(self.original.splitlines(), self.text.splitlines(), lineterm="", n=0)
        return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))


def mutants_of(reference: str, exercise: str) -> tuple[Mutant, ...]:
    """All mutants of a reference notebook (nbformat 4 JSON), in the order of its cells and lines.

    Raises: CatalogError when a solution cell is no Python.
    """
    found: list[Mutant] = []
    for index, cell in enumerate(nbformat.reads(reference, as_version=4).cells):
        meta = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and meta.get("solution"):
            try:
                code = Code(cell.source)
            except SyntaxError as error:
                raise CatalogError(
                    say(
                        "{exercise}: cell {cell} ({id}), line {line}: is not Python: {reason}.",
                        exercise=exercise,
                        cell=index + 1,
                        id=str(meta["grade_id"]),
                        line=error.lineno or 1,
                        reason=error.msg,
                    )
                ) from error
            found += _of_cell(meta["grade_id"], code)
    return tuple(found)


def put_into(reference: str, mutant: Mutant) -> str:
    """The notebook that such a student would hand in; nbformat 4 JSON in and out."""
    notebook: Any = nbformat.reads(reference, as_version=4)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == mutant.key.cell:
            cell.source = mutant.text
    return str(nbformat.writes(notebook, version=4))


def _of_cell(grade_id: str, code: Code) -> list[Mutant]:
    """Where two rules make the same text, the first rule's name stays."""
    edits: dict[str, Edit] = {}
    for rule in RULES:
        for edit in rule(code):
            text = code.text[: edit.start] + edit.new + code.text[edit.end :]
            if text != code.text and _compiles(text):
                edits.setdefault(text, edit)
    lines = code.text.splitlines()
    counts: Counter[tuple[str, str]] = Counter()
    made = []
    for text, edit in sorted(edits.items(), key=lambda pair: (pair[1].start, pair[1].rule, pair[0])):
        number = code.line(edit.start)
        line = lines[number - 1].strip()
        counts[edit.rule, line] += 1
        key = MutantKey(cell=grade_id, rule=edit.rule, line=line, nth=counts[edit.rule, line])
        made.append(Mutant(key=key, number=number, text=text, original=code.text))
    return made


def _compiles(text: str) -> bool:
    """Whether it is Python: a mistake of syntax is found by whoever runs the cell, and teaches nothing."""
    try:
        compile(text, "cell", "exec")
    except SyntaxError:
        return False
    return True
