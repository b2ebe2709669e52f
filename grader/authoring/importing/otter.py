"""Otter Assign's notebooks: raw cells (or text cells fenced as ```otter) begin and end questions, solutions and tests.

Source: otter-grader 7, `otter/assign/blocks.py`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain, count
from typing import Any

from grader.authoring.importing.drafts import Drafts
from grader.authoring.importing.material import Material
from grader.authoring.importing.notebook import files_named, marks
from grader.authoring.importing.otter_questions import (
    Question,
    by_hand_points,
    finish,
    read_test_cell,
    read_yaml,
)
from grader.authoring.importing.otter_solutions import BEGIN, rewritten, without_ignored, without_otter
from grader.errors import CatalogError
from grader.model.text import Text, say

_BOUNDARY = re.compile(r"#\s+(begin|end)\s+(question|prompt|solution|tests)\b", re.IGNORECASE)
_CONFIG = re.compile(r"#\s+assignment\s+config\b", re.IGNORECASE)
_FENCED = re.compile(r"\s*```otter\s*\n(.*?)\n?```\s*$", re.DOTALL)
_BEFORE_RAW_CELLS = re.compile(r"```\s*\n\s*BEGIN (?:ASSIGNMENT|QUESTION)\b")
_INCLUDED = "otter_include"
"""Tag of a text in a solution block that students see."""
_WITHOUT_MEANING = frozenset(("name", "tests"))


def is_otter(notebook: Any) -> bool:
    """Whether it has Otter's cells, of today or of its first years."""
    return any(_marked(cell) or _is_of_the_first_years(cell) for cell in notebook.cells)


def read(notebook: Any, source: str) -> Material:
    """All questions, with points, tests and answers.

    Raises: CatalogError when a block is open or out of place, a configuration is no YAML, or the format is that of
        Otter's first years.
    """
    if any(_is_of_the_first_years(cell) for cell in notebook.cells):
        raise CatalogError(
            say(
                "{path}: is written for Otter before version 4, with configurations in fenced blocks of text cells."
                " Turn them into raw cells (`# BEGIN QUESTION`, …) as today's Otter wants them, and import it again.",
                path=source,
            )
        )
    drafts = Drafts.of("Otter", source, *_code(notebook.cells))
    return _Reader(drafts, source).read(notebook.cells)


class _Reader:
    """Goes from cell to cell; knows which blocks are open."""

    def __init__(self, drafts: Drafts, source: str) -> None:
        self.drafts = drafts
        self.source = source
        self.open: list[str] = []
        self.question: Question | None = None
        self.grade_ids: set[str] = set()

    def read(self, cells: Sequence[Any]) -> Material:
        for number, cell in enumerate(cells):
            place = say("cell {cell}", cell=number + 1)
            text = _marked(cell)
            if text is None:
                self._cell(cell, place)
            elif _CONFIG.match(text):
                self._assignment(read_yaml(text, self._placed(place)))
            else:
                self._boundary(text, place)
        if self.open:
            raise CatalogError(
                say(
                    "{path}: `# BEGIN {block}` has no `# END`.", path=self.source, block=self.open[-1].upper()
                )
            )
        return self.drafts.finished(cells)

    def _boundary(self, text: str, place: Text) -> None:
        match = _BOUNDARY.match(text)
        if match is None:
            return
        begins, block = match[1].lower() == "begin", match[2].lower()
        if begins:
            fits = not self.open if block == "question" else self.open == ["question"]
            if not fits:
                raise CatalogError(
                    say(
                        "{place}: `# BEGIN {block}` inside {open}.",
                        place=self._placed(place),
                        block=block.upper(),
                        open=", ".join(self.open) or say("no question"),
                    )
                )
            self.open.append(block)
            if block == "question":
                self._begin_question(read_yaml(text, self._placed(place)), place)
        elif not self.open or self.open.pop() != block:
            raise CatalogError(
                say(
                    "{place}: `# END {block}` ends a block that is not open.",
                    place=self._placed(place),
                    block=block.upper(),
                )
            )
        elif block == "question" and self.question is not None:
            finish(self.question, self.drafts)
            self.question = None

    def _assignment(self, config: dict[str, Any]) -> None:
        told = ", ".join(sorted(key for key in config if key not in _WITHOUT_MEANING))
        if told:
            self.drafts.leave(
                "the assignment's settings",
                told,
                "They are Otter's own. Files and packages that the notebook needs go out with it, and into the"
                " grader's environment; seeds are the grader's.",
            )

    def _begin_question(self, config: dict[str, Any], place: Text) -> None:
        name = config.get("name")
        if not isinstance(name, str | int) or not str(name).strip():
            raise CatalogError(
                say("{place}: the question has no name (`name: q1`).", place=self._placed(place))
            )
        grade_id = self._free(re.sub(r"[^A-Za-z0-9_-]+", "_", str(name)).strip("_") or "question")
        self.question = Question(
            name=grade_id,
            manual=bool(config.get("manual")),
            points=config.get("points"),
            all_or_nothing=bool(config.get("all_or_nothing")),
            place=say("{place} ({id})", place=place, id=grade_id),
        )
        self.drafts.begin(grade_id, str(name))

    def _placed(self, place: Text) -> Text:
        return say("{path}: {place}", path=self.source, place=place)

    def _free(self, name: str) -> str:
        """The name, or one like it that no cell has."""
        found = next(n for n in chain([name], (f"{name}_{k}" for k in count(2))) if n not in self.grade_ids)
        self.grade_ids.add(found)
        return found

    def _cell(self, cell: Any, place: Text) -> None:
        for name in files_named(cell):
            self.drafts.leave(
                place, f"the file {name}", "Files beside the notebook are not copied; hand them out."
            )
        block = self.open[-1] if self.open else ""
        if block == "tests" and self.question is not None:
            if cell.cell_type == "code":
                self.question.tests.append(read_test_cell(cell.source, self._placed(place)))
        elif block == "prompt":
            self.drafts.leave(
                place, "a prompt", "The handout has a placeholder of ours in its place.", cell.source
            )
        elif block == "solution" and self.question is not None:
            self._answer(cell, self.question, place)
        else:
            cell.metadata = {}
            if cell.cell_type == "code":
                cell.source = without_otter(without_ignored(cell.source)).strip("\n")
            if cell.source.strip():
                self.drafts.cells.append(cell)

    def _answer(self, cell: Any, question: Question, place: Text) -> None:
        if cell.cell_type not in ("code", "markdown"):
            return
        stays = _INCLUDED in cell.metadata.get("tags", ())
        cell.metadata = {}
        if cell.cell_type == "markdown" and stays:
            self.drafts.cells.append(cell)
            return
        if cell.cell_type == "markdown" and not question.manual:
            why = "Tests judge the answer, so that nobody would read another text here."
            self.drafts.leave(place, "a text of the solution", why, cell.source)
            return
        grade_id = question.name if not question.answers else self._free(question.name)
        task = self.drafts.tasks[-1].id
        if cell.cell_type == "markdown":
            points = float(by_hand_points(question)) if question.manual and not question.answers else 0.0
            cell.metadata = marks(grade_id, task, points=points)
        else:
            try:
                found = rewritten(cell.source)
            except CatalogError as error:
                raise CatalogError(
                    say("{place}: {fault}.", place=self._placed(place), fault=error.text)
                ) from error
            cell.source = found.text
            if found.prompt:
                why = "The handout has a placeholder of ours in its place."
                self.drafts.leave(place, "a prompt", why, found.prompt)
            if BEGIN not in found.text:  # Otter gives such a cell to students as it is.
                self.drafts.cells.append(cell)
                return
            cell.metadata = marks(grade_id, task)
        question.answers.append(grade_id)
        self.drafts.cells.append(cell)


def _code(cells: Sequence[Any]) -> tuple[list[str], list[str]]:
    """The code of solution blocks, and all other but that of tests."""
    block = ""
    answers: list[str] = []
    given: list[str] = []
    for cell in cells:
        match = _BOUNDARY.match(_marked(cell) or "")
        if match and match[2].lower() in ("solution", "tests"):
            block = match[2].lower() if match[1].lower() == "begin" else ""
        elif cell.cell_type == "code" and block != "tests":
            (answers if block == "solution" else given).append(without_ignored(cell.source))
    return answers, given


def _marked(cell: Any) -> str | None:
    """The text of a cell that speaks to Otter."""
    text = str(cell.source)
    if cell.cell_type == "markdown":
        fenced = _FENCED.match(text)
        if fenced is None:
            return None
        text = fenced[1]
    elif cell.cell_type != "raw":
        return None
    text = text.lstrip()
    return text if _BOUNDARY.match(text) or _CONFIG.match(text) else None


def _is_of_the_first_years(cell: Any) -> bool:
    return cell.cell_type == "markdown" and _BEFORE_RAW_CELLS.search(cell.source) is not None
