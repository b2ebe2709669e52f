"""What a notebook says, however it was saved: outputs, counts and metadata do not count."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def content_sha256(notebook: Mapping[str, Any]) -> str:
    """SHA-256 over kind and source of each cell, in their order; of nbformat 4, with sources as one string or as lines.

    Empty cells, how lines end, and what is empty around a cell's text do not count.
    """
    cells = [(str(cell["cell_type"]), _source(cell)) for cell in notebook["cells"]]
    said = json.dumps([cell for cell in cells if cell[1]], ensure_ascii=True)
    return hashlib.sha256(said.encode()).hexdigest()


def _source(cell: Mapping[str, Any]) -> str:
    text = "".join(cell["source"]).replace("\r\n", "\n").replace("\r", "\n")
    return text.rstrip().lstrip("\n")
