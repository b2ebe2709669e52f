"""Makes cells well-formed: one string of source, an id each, no outputs, and only the metadata that can be read."""

from __future__ import annotations

import re
from typing import Any

from grader.model.run_order import RECOGNISED, REPAIR, RUNS_BEFORE
from grader.model.text import Text, say

_ID = re.compile(r"^[a-zA-Z0-9_-]{1,64}$")
_KINDS = ("code", "markdown", "raw")


class UnreadableCellError(ValueError):
    """A cell is malformed; `problem` says which, for people."""

    def __init__(self, problem: Text) -> None:
        super().__init__(problem.msgid)
        self.problem = problem


def clean_cells(cells: list[Any]) -> list[dict[str, Any]]:
    """Cells of nbformat 4.5, without outputs; ids that are missing, malformed or taken are made from the position.

    Raises:
        UnreadableCellError: a cell has no kind or no source.
    """
    cleaned = [_clean(cell, number) for number, cell in enumerate(cells, start=1)]
    taken: set[str] = set()
    for index, cell in enumerate(cleaned):
        old = cell["id"]
        usable = isinstance(old, str) and _ID.match(old) is not None and old not in taken
        cell["id"] = old if usable else _new_id(index, taken)
        taken.add(cell["id"])
    return cleaned


def _new_id(index: int, taken: set[str]) -> str:
    name = f"cell-{index}"
    while name in taken:
        name += "-"
    return name


def _clean(cell: Any, number: int) -> dict[str, Any]:
    kind = cell.get("cell_type") if isinstance(cell, dict) else None
    source = _joined(cell.get("source", "")) if isinstance(cell, dict) else None
    if kind not in _KINDS or source is None:
        raise UnreadableCellError(
            say(
                "Cell {number} of the notebook is malformed. Open and save the notebook in Jupyter, and hand in again.",
                number=number,
            )
        )
    cleaned = {
        "cell_type": kind,
        "id": cell.get("id"),
        "metadata": _metadata(cell.get("metadata")),
        "source": source,
    }
    if kind == "code":
        return {**cleaned, "execution_count": None, "outputs": []}
    return cleaned


def _joined(source: Any) -> str | None:
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        return "".join(source)
    return source if isinstance(source, str) else None


def _metadata(metadata: Any) -> dict[str, Any]:
    if not isinstance(metadata, dict):
        return {}
    tags = metadata.get("tags")
    kept = {key: metadata[key] for key in ("nbgrader", "grade") if isinstance(metadata.get(key), dict)}
    if "grade" in kept:  # what only a repair may say of a cell
        kept["grade"] = {k: v for k, v in kept["grade"].items() if k not in (RECOGNISED, REPAIR, RUNS_BEFORE)}
    if isinstance(tags, list):
        words = [tag for tag in tags if isinstance(tag, str) and tag and "," not in tag]
        kept["tags"] = list(dict.fromkeys(words))
    return kept
