"""nbgrader's source notebooks: the metadata `nbgrader` of a cell says what it is.

Source: nbgrader 0.9, `docs/source/contributor_guide/metadata.rst`, `preprocessors/clearsolutions.py`,
`clearhiddentests.py`, `clearmarkingscheme.py`.
"""

from __future__ import annotations

import re
from typing import Any

from grader.authoring.importing.asserts import AUTOTEST, read_test, written_as_tests
from grader.authoring.importing.drafts import Drafts
from grader.authoring.importing.material import LeftOut, Material, points_of
from grader.authoring.importing.notebook import files_named, markdown, marks
from grader.errors import CatalogError
from grader.model.text import Text, say

_HIDDEN = re.compile(r"^[^\n]*BEGIN HIDDEN TESTS.*?END HIDDEN TESTS[^\n]*\n?", re.MULTILINE | re.DOTALL)
_SCHEME = re.compile(r"^[^\n]*BEGIN MARK SCHEME.*?END MARK SCHEME[^\n]*\n?", re.MULTILINE | re.DOTALL)
_DELIMITER = re.compile(r"^([ \t]*)[^\n]*?\b(BEGIN|END) (?:HIDDEN TESTS|MARK SCHEME)[^\n]*$", re.MULTILINE)
_SOLUTION = re.compile(r"^([ \t]*)[^\n]*?\b(BEGIN|END) SOLUTION\b[^\n]*$", re.MULTILINE)
_ASKED_ONLY = "The cell only shows and runs for students; nothing that it says in their kernel is believed."


def is_nbgrader(notebook: Any) -> bool:
    """Whether any cell has nbgrader's metadata."""
    return any("nbgrader" in cell.metadata for cell in notebook.cells)


def read(notebook: Any, source: str) -> Material:
    """All tasks, with points, tests and answers.

    Raises: CatalogError when the metadata are of an old schema, or contradict themselves.
    """
    answers = [cell.source for cell in notebook.cells if cell.cell_type == "code" and _is(cell, "solution")]
    given = [cell.source for cell in notebook.cells if cell.cell_type == "code" and _is_given(cell)]
    drafts = Drafts.of("nbgrader", source, answers, given)
    for number, cell in enumerate(notebook.cells):
        place = say("cell {cell}", cell=number + 1)
        for name in files_named(cell):
            drafts.leave(
                place, f"the file {name}", "Files beside the notebook are not copied; hand them out with it."
            )
        drafts.note_heading(cell)
        meta = cell.metadata.get("nbgrader")
        if meta is None:
            drafts.cells.append(_bare(cell))
            continue
        grade_id = _grade_id(meta, place)
        place = say("cell {cell} ({id})", cell=number + 1, id=grade_id)
        if _is(cell, "task"):
            _task_cell(cell, meta, grade_id, place, drafts)
        elif _is(cell, "solution"):
            _answer(cell, meta, grade_id, place, drafts)
        elif _is(cell, "grade"):
            _test(cell, meta, grade_id, place, drafts)
        else:
            _given(cell, grade_id, drafts)
    return drafts.finished(notebook.cells)


def _grade_id(meta: Any, place: Text) -> str:
    if not isinstance(meta, dict):
        raise CatalogError(say("{place}: its nbgrader metadata are no table.", place=place))
    version = meta.get("schema_version", 0)
    if version not in (1, 2, 3):
        hint = (
            say("run `nbgrader update` on the notebook first")
            if version == 0
            else say("{first} to {last} can be read", first=1, last=3)
        )
        raise CatalogError(
            say(
                "{place}: nbgrader metadata of schema {version}; {hint}.",
                place=place,
                version=repr(version),
                hint=hint,
            )
        )
    grade_id = meta.get("grade_id")
    if not isinstance(grade_id, str) or not re.fullmatch(r"[a-zA-Z0-9_-]+", grade_id):
        raise CatalogError(
            say(
                "{place}: nbgrader.grade_id is {value}; letters, digits, - and _ are expected. Validate the notebook"
                " with nbgrader first.",
                place=place,
                value=repr(grade_id),
            )
        )
    return grade_id


def _is(cell: Any, key: str) -> bool:
    meta = cell.metadata.get("nbgrader")
    return isinstance(meta, dict) and bool(meta.get(key))


def _is_given(cell: Any) -> bool:
    """Neither an answer nor a test: what tests define is theirs."""
    return not _is(cell, "solution") and not _is(cell, "grade")


def _bare(cell: Any) -> Any:
    cell.metadata = {key: value for key, value in cell.metadata.items() if key == "tags"}
    return cell


def _given(cell: Any, grade_id: str, drafts: Drafts) -> None:
    cell.metadata = {"nbgrader": marks(grade_id, "", solution=False)["nbgrader"]}
    drafts.cells.append(cell)


def _answer(cell: Any, meta: Any, grade_id: str, place: Text, drafts: Drafts) -> None:
    """An answer: marked by a person where it is graded itself, else by the tests that follow."""
    cell.source = _SOLUTION.sub(r"\1### \2 SOLUTION", cell.source)
    task = drafts.begin(grade_id)
    by_hand = _is(cell, "grade") or cell.cell_type == "markdown"
    scheme = _SCHEME.search(cell.source)
    if scheme is not None:
        cell.source = _SCHEME.sub("", cell.source).strip("\n")
        drafts.leave(
            place, "the mark scheme", "Markers find it here; the report has no place for it.", scheme[0]
        )
    points = points_of(meta.get("points", 0), place)
    cell.metadata = marks(grade_id, task.id, points=float(points) if by_hand else None)
    drafts.cells.append(cell)
    if by_hand:
        drafts.by_hand("text" if cell.cell_type == "markdown" else "code", points, grade_id)


def _task_cell(cell: Any, meta: Any, grade_id: str, place: Text, drafts: Drafts) -> None:
    """nbgrader lets students add any cells below; here an answer has a cell of its own."""
    task = drafts.begin(grade_id)
    points = points_of(meta.get("points", 0), place)
    scheme = _SCHEME.search(cell.source)
    cell.source = _SCHEME.sub("", cell.source).rstrip("\n")
    cell.metadata = marks(grade_id, task.id, solution=False)
    answer = _DELIMITER.sub("", scheme[0]).strip() if scheme else "(The source has no answer to this task.)"
    named = f"{grade_id}_answer"
    drafts.cells += [
        cell,
        markdown(answer, f"{cell.id}-answer", **marks(named, task.id, points=float(points))),
    ]
    drafts.by_hand("text", points, named)
    drafts.leave(
        place,
        "a task whose answer may be any cells below it",
        "A text cell for the answer was added; a person marks it, and looks for further cells of the student's.",
    )


def _test(cell: Any, meta: Any, grade_id: str, place: Text, drafts: Drafts) -> None:
    """A test cell: what can be asked becomes a criterion, the rest is for a person."""
    points = points_of(meta.get("points", 0), place)
    hidden = _HIDDEN.search(cell.source) is not None
    whole = written_as_tests(_DELIMITER.sub("", cell.source), drafts.answers)
    read = read_test(whole, drafts.answers, drafts.given)
    shown = AUTOTEST.sub("", _HIDDEN.sub("", cell.source)).strip("\n")
    task = drafts.current(grade_id)
    drafts.test(grade_id, points, read, place=place, public=not hidden)
    if shown.strip():
        cell.source = shown
        cell.metadata = marks(grade_id, task.id, solution=False)
        drafts.cells.append(cell)
        drafts.once(LeftOut("test cells", "that they stop with an error when they fail", _ASKED_ONLY))
