"""A notebook's cells, as evidence."""

from __future__ import annotations

import json
from typing import Any

from grader.model.evidence import SourceCell


def read_cells(notebook: str) -> tuple[SourceCell, ...]:
    """The cells of a notebook in nbformat 4 JSON, as they were handed in."""
    return tuple(_cell(index, cell) for index, cell in enumerate(json.loads(notebook)["cells"]))


def _cell(index: int, cell: dict[str, Any]) -> SourceCell:
    source = cell.get("source", "")
    nbgrader = cell.get("metadata", {}).get("nbgrader")
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    return SourceCell(
        index=index,
        kind=cell["cell_type"],
        grade_id=grade_id if isinstance(grade_id, str) else None,
        text=source if isinstance(source, str) else "".join(source),
    )
