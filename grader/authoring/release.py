"""A reference notebook in, the notebook that students get out: no solutions, no outputs, the same bytes every time.

A solution region reaches from a line with `### BEGIN SOLUTION` to the next one with `### END SOLUTION`; the
placeholder that takes its place is indented as the first of them. A solution cell without a region is replaced
whole. nbgrader's metadata (schema 3) is completed as its own `generate_assignment` does it; our own keys stand in
`metadata["grade"]`. Called by `grade exercise release` and by the tests that hold references and handouts in step.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

import nbformat
from rapidfuzz import fuzz

from grader.errors import CatalogError
from grader.model.nearest import nearest
from grader.model.text import Text, say

FORMAT_VERSION = 1
"""Version of our own keys in a notebook's metadata."""

CODE_PLACEHOLDER = ("# Votre code ici", 'raise NotImplementedError("à compléter")')
TEXT_PLACEHOLDER = ("*Votre réponse ici : remplacez cette ligne.*",)

BEGIN = "### BEGIN SOLUTION"
END = "### END SOLUTION"
_NEARLY = 90
"""From 0 to 100: how like a mark is a line that was meant to be it; the two marks are 88 alike."""
_UNREADABLE = "incorrectly_encoded_metadata"
"""Where Jupytext puts a cell's marks that are no JSON."""
_KEPT_CELL_METADATA = ("grade", "nbgrader", "tags")
_NBGRADERS = {"grade_id", "grade", "solution", "locked", "task", "points"}
_GRADE_ID = re.compile(r"[a-zA-Z0-9_-]+")


def release(reference: str, *, exercise: str) -> str:
    """Make the handout of a reference notebook; both are nbformat 4 JSON, the handout ends with a newline.

    Raises:
        CatalogError: the notebook cannot be read, a solution region is open, nested or outside of a solution
            cell, or nbgrader's metadata does not hold together; the message names the cell.
    """
    notebook = _read(reference, exercise)
    seen: set[str] = set()
    for index, cell in enumerate(notebook.cells):
        id_ = cell.get("id") or say("without id")
        place = say("{exercise}: cell {cell} ({id})", exercise=exercise, cell=index + 1, id=id_)
        _check_nbgrader(cell, place, seen)
        cell.metadata = _cell_metadata(cell)
        cell.source = _without_solution(cell, place)
        if cell.cell_type == "code":
            cell.outputs = []
            cell.execution_count = None
        _complete_nbgrader(cell)
    notebook.metadata = nbformat.from_dict(
        {
            "grade": {"exercise": exercise, "format": FORMAT_VERSION},
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    written: str = nbformat.writes(notebook, version=4)
    return written.rstrip("\n") + "\n"


def checksum(cell: Any) -> str:
    """nbgrader's checksum of a cell (MD5 in hexadecimal), by which it tells an untouched or a tampered cell."""
    meta = cell.metadata["nbgrader"]
    parts = [cell.source, cell.cell_type]
    parts += [str(bool(meta["grade"])), str(bool(meta["solution"])), str(_is_locked(meta))]
    parts.append(meta["grade_id"])
    if meta["grade"]:
        parts.append(str(float(meta["points"])))
    digest = hashlib.md5(usedforsecurity=False)
    for part in parts:
        digest.update(part.encode("utf-8"))
    return digest.hexdigest()


def _read(reference: str, exercise: str) -> Any:
    try:
        notebook = nbformat.reads(reference, as_version=nbformat.NO_CONVERT)
        nbformat.validate(notebook)
    except (ValueError, KeyError, AttributeError, nbformat.ValidationError) as error:
        raise CatalogError(
            say(
                "{exercise}: the reference is not a notebook in nbformat 4.5: {reason}",
                exercise=exercise,
                reason=str(error),
            )
        ) from error
    if (notebook.nbformat, notebook.nbformat_minor) < (4, 5):
        raise CatalogError(
            say(
                "{exercise}: the reference is in nbformat {major}.{minor}; 4.5 is needed, in which every cell has an"
                " id",
                exercise=exercise,
                major=notebook.nbformat,
                minor=notebook.nbformat_minor,
            )
        )
    return notebook


def _check_nbgrader(cell: Any, place: Text, seen: set[str]) -> None:
    if _UNREADABLE in cell.metadata:
        raise CatalogError(
            say(
                "{place}: Jupytext could not read what stands behind its `# %%`, {words}; JSON is expected, with quotes"
                " around names, and true and false in small letters",
                place=place,
                words=repr(cell.metadata[_UNREADABLE]),
            )
        )
    meta = cell.metadata.get("nbgrader")
    if not isinstance(cell.metadata.get("nbgrader", {}), dict):
        raise CatalogError(
            say(
                "{place}: nbgrader is {value}; a table with grade_id, solution, grade, locked is expected",
                place=place,
                value=repr(meta),
            )
        )
    if meta is None:
        if BEGIN in cell.source or END in cell.source:
            raise CatalogError(
                say("{place}: has a solution region, but no nbgrader metadata with a grade_id", place=place)
            )
        return
    grade_id = meta.get("grade_id", "")
    if not isinstance(grade_id, str) or not _GRADE_ID.fullmatch(grade_id):
        raise CatalogError(
            say(
                "{place}: nbgrader.grade_id is {value}; letters, digits, - and _ are expected",
                place=place,
                value=repr(grade_id),
            )
        )
    if grade_id in seen:
        raise CatalogError(
            say("{place}: nbgrader.grade_id '{id}' is taken by an earlier cell", place=place, id=grade_id)
        )
    seen.add(grade_id)
    for key in ("grade", "solution", "locked"):
        if not isinstance(meta.get(key), bool):
            raise CatalogError(
                say(
                    "{place}: nbgrader.{key} must be true or false{hint}",
                    place=place,
                    key=key,
                    hint=_instead(key, meta),
                )
            )
    if meta.grade and "points" not in meta:
        raise CatalogError(say("{place}: nbgrader.points is missing in a graded cell", place=place))
    if cell.cell_type == "markdown" and meta.grade != meta.solution:
        raise CatalogError(
            say("{place}: nbgrader wants a text answer to be both grade and solution", place=place)
        )
    if not meta.solution and BEGIN in cell.source:
        raise CatalogError(say("{place}: has a solution region, but nbgrader.solution is false", place=place))


def _instead(key: str, meta: Mapping[str, Any]) -> Text | str:
    """The key that is there in place of one that is missing."""
    found = None if key in meta else nearest(key, set(meta) - _NBGRADERS, like=80)
    return "" if found is None else say("; there is '{key}' instead", key=found)


def _check_marks(source: str, place: Text) -> None:
    """A line that is nearly a mark would let a solution through to students."""
    for line in map(str.strip, source.split("\n")):
        if not line.startswith("#") or BEGIN in line or END in line:
            continue
        for mark in (BEGIN, END):
            if fuzz.ratio(line.upper(), mark) >= _NEARLY:
                raise CatalogError(
                    say(
                        "{place}: '{line}' marks no solution region; did you mean '{mark}'?",
                        place=place,
                        line=line,
                        mark=mark,
                    )
                )


def _cell_metadata(cell: Any) -> Any:
    """What students may see of a cell's metadata; an answer's task is its grade id, unless it says otherwise."""
    kept = nbformat.from_dict(
        {key: cell.metadata[key] for key in _KEPT_CELL_METADATA if key in cell.metadata}
    )
    if "nbgrader" in kept and kept.nbgrader.solution:
        kept["grade"] = {"task": kept.nbgrader.grade_id, **kept.get("grade", {})}
    return kept


def _without_solution(cell: Any, place: Text) -> str:
    meta = cell.metadata.get("nbgrader")
    if meta is None or not meta.solution:
        return str(cell.source)
    _check_marks(cell.source, place)
    placeholder = CODE_PLACEHOLDER if cell.cell_type == "code" else TEXT_PLACEHOLDER
    if BEGIN not in cell.source and END not in cell.source:
        return "\n".join(placeholder)
    lines: list[str] = []
    inside = False
    for line in cell.source.split("\n"):
        if BEGIN in line:
            if inside:
                raise CatalogError(say("{place}: a solution region begins inside another one", place=place))
            inside = True
            indent = line[: len(line) - len(line.lstrip())]
            lines += [indent + text for text in placeholder]
        elif END in line:
            if not inside:
                raise CatalogError(say("{place}: a solution region ends that never began", place=place))
            inside = False
        elif not inside:
            lines.append(line)
    if inside:
        raise CatalogError(say("{place}: a solution region has no '{end}'", place=place, end=END))
    return "\n".join(lines)


def _complete_nbgrader(cell: Any) -> None:
    """Checksum, cell type and Jupyter's own locks, as nbgrader writes them when it generates an assignment."""
    meta = cell.metadata.get("nbgrader")
    if meta is None:
        return
    meta["schema_version"] = 3
    meta.setdefault("task", False)
    if meta.grade or meta.solution or _is_locked(meta):
        meta["cell_type"] = cell.cell_type
        meta["checksum"] = checksum(cell)
        cell.metadata["deletable"] = False
    if _is_locked(meta):
        cell.metadata["editable"] = False


def _is_locked(meta: Any) -> bool:
    """Whether nbgrader puts the teacher's text back before it grades."""
    return not meta["solution"] and bool(meta["grade"] or meta["locked"])
