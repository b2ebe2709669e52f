"""A notebook's cells, as evidence."""

from __future__ import annotations

import json
from typing import Any

from grader.model.evidence import SourceCell
from grader.model.run_order import run_order


def read_cells(notebook: str) -> tuple[SourceCell, ...]:
    """The cells of a notebook in nbformat 4 JSON, in the order in which they run, each with its place in the file."""
    cells = json.loads(notebook)["cells"]
    return tuple(_cell(index, cells[index]) for index in run_order(cells))


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
