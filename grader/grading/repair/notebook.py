"""A notebook's cells as a repair sees and changes them."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

from grader.grading.repair.handout import HandoutCell
from grader.model.run_order import (
    RECOGNISED,
    REPAIR,
    RUNS_BEFORE,
    Before,
    Mark,
    mark_of,
    order_of,
    place_before,
)


class Cell:
    """One cell, over its JSON."""

    def __init__(self, place: int, raw: dict[str, Any]) -> None:
        self.place, self.raw = place, raw
        """Position in the file, from 0."""
        self.mark = mark_of(raw)
        """What was done to it."""
        self.runs_before = place_before(raw)
        """Before which cell it runs; None where it runs in its own place."""

    @property
    def text(self) -> str:
        """Its source."""
        source = self.raw.get("source", "")
        return source if isinstance(source, str) else "".join(source)

    @text.setter
    def text(self, text: str) -> None:
        self.raw["source"] = text

    @property
    def kind(self) -> str:
        """`code`, `markdown` or `raw`."""
        return str(self.raw["cell_type"])

    @kind.setter
    def kind(self, kind: str) -> None:
        self.raw["cell_type"] = kind
        if kind == "code":
            self.raw.update(execution_count=None, outputs=[])
        else:
            self.raw.pop("execution_count", None)
            self.raw.pop("outputs", None)

    @property
    def is_code(self) -> bool:
        """Whether it runs."""
        return self.kind == "code"

    @property
    def id(self) -> str | None:
        """nbformat's own."""
        found = self.raw.get("id")
        return found if isinstance(found, str) else None

    @property
    def grade_id(self) -> str | None:
        """nbgrader's."""
        ours = self._metadata.get("nbgrader")
        found = ours.get("grade_id") if isinstance(ours, dict) else None
        return found if isinstance(found, str) else None

    def mark_as(self, given: HandoutCell | None) -> None:
        """Give it the marks that the handout's cell has, or take them away."""
        if given is None:
            self._metadata.pop("nbgrader", None)
        else:
            self._metadata["nbgrader"] = copy.deepcopy(dict(given.nbgrader))

    @property
    def was_recognised(self) -> bool:
        """Whether it got its marks back by what stands in it."""
        ours = self._metadata.get("grade")
        return isinstance(ours, dict) and ours.get(RECOGNISED) is True

    def note(
        self, mark: Mark | None = None, *, runs_before: Before | None = None, recognised: bool = False
    ) -> None:
        """Remember what was done to it."""
        ours = self._metadata.get("grade")
        ours = self._metadata["grade"] = dict(ours) if isinstance(ours, dict) else {}
        if mark is not None:
            ours[REPAIR] = self.mark = mark
        if recognised:
            ours[RECOGNISED] = True
        if runs_before is not None:
            self.runs_before = runs_before
            ours[RUNS_BEFORE] = [*runs_before]

    def run_before(self, place: Before | None) -> None:
        """Try another place; `note` is what keeps it."""
        self.runs_before = place

    def may_fail(self) -> None:
        """Let its error be no failure of the notebook."""
        tags = self._metadata.get("tags")
        self._metadata["tags"] = [*(tags if isinstance(tags, list) else []), "raises-exception"]

    def set_aside(self) -> None:
        """Keep it, but do not run it, and know it by no mark any more."""
        self.kind = "raw"
        self.mark_as(None)
        self.note("set_aside")

    @property
    def _metadata(self) -> dict[str, Any]:
        metadata = self.raw.get("metadata")
        if not isinstance(metadata, dict):
            metadata = self.raw["metadata"] = {}
        return metadata


class Notebook:
    """All cells; `cells` in the order in which they run."""

    def __init__(self, text: str) -> None:
        """Read nbformat 4 JSON."""
        self._text = text
        self._before: Mapping[str, Any] = json.loads(text)
        self._content: dict[str, Any] = json.loads(text)
        self._cells = [Cell(place, raw) for place, raw in enumerate(self._content["cells"])]

    @property
    def cells(self) -> list[Cell]:
        """As they run; those that were set aside are left out."""
        kept = (cell for cell in self._cells if cell.mark != "set_aside")
        return sorted(kept, key=lambda cell: order_of(cell.place, cell.runs_before))

    @property
    def code(self) -> list[Cell]:
        """Code cells, as they run."""
        return [cell for cell in self.cells if cell.is_code]

    def put_back(self, given: HandoutCell, *, before: int) -> Cell:
        """A cell of the handout, behind all others, to run before the one at a position."""
        taken = {cell.id for cell in self._cells}
        id_ = given.id or given.key
        while id_ in taken:
            id_ = f"{id_[:60]}-"
        raw: dict[str, Any] = {
            "cell_type": "code",
            "execution_count": None,
            "id": id_,
            "metadata": {},
            "outputs": [],
        }
        cell = Cell(len(self._cells), {**raw, "source": given.text})
        cell.mark_as(given if given.nbgrader else None)
        cell.note("put_back", runs_before=(before, given.place))
        self._cells.append(cell)
        self._content["cells"].append(cell.raw)
        return cell

    @property
    def end(self) -> int:
        """The position behind the last cell of the file."""
        return sum(1 for cell in self._cells if cell.mark != "put_back")

    @property
    def written(self) -> str:
        """The very text that was read, where nothing changed."""
        if self._content == self._before:
            return self._text
        return json.dumps(self._content, ensure_ascii=False)
