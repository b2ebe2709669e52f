"""Reads a foreign notebook file: any nbformat since 3, Python only, nothing run, nothing trusted."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import convert, new_markdown_cell

from grader.errors import CatalogError
from grader.model.file_words import unreadable
from grader.model.text import say

MOST_BYTES = 32 << 20
"""A source notebook of text is a thousand times smaller; outputs with pictures may be large."""

_FILES = re.compile(r"!\[[^\]]*\]\((?!https?:|attachment:|data:)([^)\s]+)")


def read_source(path: Path) -> Any:
    """The notebook as nbformat 4.5, without outputs; each cell has an id that comes out the same every time.

    Raises: CatalogError when there is none, or it is broken, too large, too new, or in another language than Python.
    """
    if path.is_dir():
        inside = sorted(p.name for p in path.glob("*.ipynb"))
        if inside:
            raise CatalogError(
                say(
                    "{path}: is a folder; name one of its notebooks: {names}.",
                    path=str(path),
                    names=", ".join(inside),
                )
            )
        raise CatalogError(say("{path}: is a folder; it has no notebook.", path=str(path)))
    try:
        if path.stat().st_size > MOST_BYTES:
            raise CatalogError(
                say(
                    "{path}: is larger than {size} MB; clear its outputs and save it.",
                    path=str(path),
                    size=MOST_BYTES >> 20,
                )
            )
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogError(unreadable(path, error)) from error
    try:
        json.loads(text)
        notebook = nbformat.reads(text, as_version=4)
        notebook = convert.upgrade(notebook, from_version=4, from_minor=notebook.nbformat_minor)
        for number, cell in enumerate(notebook.cells):
            _plain(cell, number)
        nbformat.validate(notebook)
    except RecursionError as error:
        raise CatalogError(say("{path}: is nested too deeply to be a notebook.", path=str(path))) from error
    except (ValueError, KeyError, AttributeError, TypeError, nbformat.ValidationError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise CatalogError(
            say("{path}: is not a notebook that Jupyter could open: {reason}", path=str(path), reason=reason)
        ) from error
    language = notebook.metadata.get("kernelspec", {}).get("language") or notebook.metadata.get(
        "language_info", {}
    ).get("name", "python")
    if str(language).lower() not in ("python", "ipython"):
        raise CatalogError(
            say(
                "{path}: is written in {language}; only Python can be graded.",
                path=str(path),
                language=str(language),
            )
        )
    return notebook


def files_named(cell: Any) -> list[str]:
    """Pictures beside the notebook that a text cell shows."""
    return _FILES.findall(cell.source) if cell.cell_type == "markdown" else []


def markdown(text: str, id_: str, **metadata: Any) -> Any:
    """A new text cell."""
    return new_markdown_cell(text, id=id_, metadata=metadata)


def marks(grade_id: str, task: str, *, points: float | None = None, solution: bool = True) -> dict[str, Any]:
    """Metadata of an answer or, where `solution` is false, of a given cell; with points a person marks it."""
    nbgrader: dict[str, Any] = {
        "grade": points is not None,
        "grade_id": grade_id,
        "locked": not solution,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }
    if points is not None:
        nbgrader["points"] = points
    return {"nbgrader": nbgrader, "grade": {"task": task}}


def _plain(cell: Any, number: int) -> None:
    cell["id"] = f"cell-{number + 1}"
    if isinstance(cell.source, list):
        cell.source = "".join(cell.source)
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
