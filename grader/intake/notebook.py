"""Reads one notebook's bytes, whatever they are: nbformat 4.5 JSON comes out, or words on why not.

Saved outputs are dropped: a clean run makes new ones, and nobody believes the old ones. Nothing is executed here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from grader.intake.cells import UnreadableCellError, clean_cells
from grader.intake.decoding import decode
from grader.intake.parsing import NotJSONError, clean_text, parse
from grader.intake.upgrading import NotUpgradableError, upgrade
from grader.model.text import Text, say

LIMIT_BYTES = 20 * 2**20
"""A larger file is not read."""

_KERNELSPEC = {"name": "python3", "display_name": "Python 3", "language": "python"}
_KEPT_METADATA = ("grade", "nbgrader")


@dataclass(frozen=True)
class Reading:
    """What became of a file."""

    notebook: dict[str, Any] | None
    """nbformat 4.5; None when there is a problem."""
    problem: Text | None = None
    notices: tuple[Text, ...] = ()

    @property
    def text(self) -> str | None:
        """The notebook as JSON."""
        return None if self.notebook is None else clean_text(json.dumps(self.notebook, ensure_ascii=False))


def read_notebook(raw: bytes) -> Reading:
    """Read a notebook's bytes; never raises for what the bytes are."""
    decoded = decode(raw)
    if isinstance(decoded, Text):
        return Reading(None, decoded)
    try:
        content = parse(decoded.text)
    except NotJSONError as error:
        return Reading(None, error.problem, decoded.notices)
    reading = _from_json(content)
    return replace(reading, notices=decoded.notices + reading.notices)


def _from_json(content: Any) -> Reading:
    if not isinstance(content, dict) or not ("cells" in content or "worksheets" in content):
        return Reading(
            None, say("The file is JSON, but not a notebook. Hand in the .ipynb file that Jupyter saved.")
        )
    notices: list[Text] = []
    try:
        upgraded = upgrade(content, notices)
    except NotUpgradableError as error:
        return Reading(None, error.problem)
    metadata = upgraded.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    language = _language(metadata)
    if language is not None:
        return Reading(
            None,
            say(
                "The notebook is written for {language}, not Python. Choose a Python kernel, and hand in again.",
                language=language,
            ),
        )
    try:
        cells = clean_cells(upgraded["cells"])
    except UnreadableCellError as error:
        return Reading(None, error.problem)
    problem = _without_code(cells)
    if problem is not None:
        return Reading(None, problem, tuple(notices))
    kept = {key: metadata[key] for key in _KEPT_METADATA if isinstance(metadata.get(key), dict)}
    notebook = {
        "cells": cells,
        "metadata": {**kept, "kernelspec": _KERNELSPEC, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return Reading(notebook, None, tuple(notices))


def _language(metadata: dict[str, Any]) -> str | None:
    """The notebook's language where it says one, and that is not Python."""
    kernel, info = metadata.get("kernelspec"), metadata.get("language_info")
    kernel = kernel if isinstance(kernel, dict) else {}
    info = info if isinstance(info, dict) else {}
    told = [kernel.get("language"), info.get("name"), metadata.get("language")]
    names = [name.strip() for name in told if isinstance(name, str) and name.strip()]
    if not names and str(kernel.get("name")) == "ir":
        names = ["R"]
    if not names and str(kernel.get("name")).startswith("julia"):
        names = ["Julia"]
    if not names or any("python" in name.lower() for name in names):
        return None
    return names[0][:40]


def _was_code(cell: dict[str, Any]) -> bool:
    """Whether nbgrader's metadata says that it was a code cell."""
    ours = cell["metadata"].get("nbgrader")
    return isinstance(ours, dict) and ours.get("cell_type") == "code"


def _without_code(cells: list[dict[str, Any]]) -> Text | None:
    if any(cell["cell_type"] == "code" or _was_code(cell) for cell in cells):
        return None
    if any('"nbformat"' in cell["source"] and '"cells"' in cell["source"] for cell in cells):
        return say(
            "A whole notebook was pasted into one cell of this one. Hand in the .ipynb file itself, without opening it."
        )
    return say("The notebook has no code cell: there is nothing to run.")
