"""The notebook as it is executed: without the outputs that the student saved, and in the shape that readers rely on."""

from __future__ import annotations

import json

from nbformat import NotebookNode, from_dict
from nbformat.v4 import writes_json

from grader.sandbox.outputs import printable


def read(notebook: str) -> NotebookNode:
    """The notebook, without the outputs that the student saved, and in the shape that nbclient relies on."""
    nb: NotebookNode = from_dict(json.loads(notebook))
    nb.metadata.pop("widgets", None)
    for cell in nb.cells:
        source = cell.get("source", "")
        cell.source = printable("".join(source) if isinstance(source, list) else str(source))
        if not isinstance(cell.get("metadata"), dict):
            cell.metadata = NotebookNode()
        if not isinstance(cell.metadata.get("tags", []), list):
            del cell.metadata["tags"]
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            cell.metadata.pop("execution", None)
    return nb


def unexecuted(notebook: str) -> str:
    """The notebook as nbformat 4 JSON, as if no cell had run."""
    return printable(writes_json(read(notebook)))
