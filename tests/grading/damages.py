"""What happens to notebooks on their way, done to one on purpose: each takes cells and returns other ones."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

Cells = list[dict[str, Any]]
Damage = Callable[[Cells, int], Cells]
"""Of all cells, and the position of the one that is hit."""


def damaged(notebook: str, *hits: tuple[Damage, int]) -> str:
    """A notebook with these damages done one after the other."""
    content = json.loads(notebook)
    for damage, at in hits:
        content["cells"] = damage(copy.deepcopy(content["cells"]), at)
    return json.dumps(content, ensure_ascii=False)


def place(notebook: str, grade_id: str) -> int:
    """Where the first cell of a grade id stands."""
    cells = json.loads(notebook)["cells"]
    return next(n for n, cell in enumerate(cells) if grade_id_of(cell) == grade_id)


def grade_id_of(cell: dict[str, Any]) -> str | None:
    return cell["metadata"].get("nbgrader", {}).get("grade_id")


def text_of(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def as_markdown(cells: Cells, at: int) -> Cells:
    cells[at] = _of_kind(cells[at], "markdown")
    return cells


def as_raw(cells: Cells, at: int) -> Cells:
    cells[at] = _of_kind(cells[at], "raw")
    return cells


def as_code(cells: Cells, at: int) -> Cells:
    cells[at] = _of_kind(cells[at], "code")
    return cells


def fenced_in_markdown(cells: Cells, at: int) -> Cells:
    cells[at] = _of_kind(cells[at], "markdown")
    cells[at]["source"] = f"```python\n{text_of(cells[at])}\n```"
    return cells


def fenced_in_code(cells: Cells, at: int) -> Cells:
    cells[at]["source"] = f"Voici :\n\n```python\n{text_of(cells[at])}\n```\n"
    return cells


def without_marks(cells: Cells, at: int) -> Cells:
    cells[at]["metadata"] = {}
    cells[at]["id"] = f"new-{at}"
    return cells


def all_without_marks(cells: Cells, at: int) -> Cells:
    return [{**cell, "metadata": {}, "id": f"pasted-{n}"} for n, cell in enumerate(cells)]


def deleted(cells: Cells, at: int) -> Cells:
    return cells[:at] + cells[at + 1 :]


def emptied(cells: Cells, at: int) -> Cells:
    cells[at]["source"] = ""
    return cells


def copied_below(cells: Cells, at: int) -> Cells:
    return [*cells[: at + 1], {**copy.deepcopy(cells[at]), "id": f"copy-{at}"}, *cells[at + 1 :]]


def merged_with_text_above(cells: Cells, at: int) -> Cells:
    """As Jupyter merges: the upper cell's kind and metadata are kept."""
    above, cell = cells[at - 1], cells[at]
    above["source"] = f"{text_of(above)}\n\n{text_of(cell)}"
    return cells[:at] + cells[at + 1 :]


def merged_with_cell_below(cells: Cells, at: int) -> Cells:
    cells[at]["source"] = f"{text_of(cells[at])}\n\n{text_of(cells[at + 1])}"
    return cells[: at + 1] + cells[at + 2 :]


def conflicting(cells: Cells, at: int) -> Cells:
    text = text_of(cells[at])
    cells[at]["source"] = f"<<<<<<< HEAD\n{text}\n=======\n{text}\n>>>>>>> feature\n"
    return cells


def moved_to_the_end(cells: Cells, at: int) -> Cells:
    return [*cells[:at], *cells[at + 1 :], cells[at]]


def split_at(line: int, *, keeps: str = "first") -> Damage:
    """Before the line of this number; `keeps`: which half has the metadata: `first`, `second` or `both`."""

    def split(cells: Cells, at: int) -> Cells:
        lines = text_of(cells[at]).split("\n")
        halves = [copy.deepcopy(cells[at]), copy.deepcopy(cells[at])]
        for half, part in zip(halves, (lines[:line], lines[line:]), strict=True):
            half["source"] = "\n".join(part).strip("\n")
        halves[1]["id"] = f"split-{at}"
        for half, name in zip(halves, ("first", "second"), strict=True):
            if keeps not in (name, "both"):
                half["metadata"] = {}
        return [*cells[:at], *halves, *cells[at + 1 :]]

    return split


def _of_kind(cell: dict[str, Any], kind: str) -> dict[str, Any]:
    kept = {key: value for key, value in cell.items() if key not in ("outputs", "execution_count")}
    return {**kept, "cell_type": kind, **({"outputs": [], "execution_count": None} if kind == "code" else {})}
