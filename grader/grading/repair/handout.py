"""The notebook that students got, as that by which a damaged one is known and mended."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from grader.criteria.failure_words import NOT_FILLED_IN
from grader.grading.repair.code import bound, defined, needs, plain


@dataclass(frozen=True)
class HandoutCell:
    """One cell that students got."""

    place: int
    id: str | None
    kind: str
    text: str
    nbgrader: Mapping[str, Any]
    """nbgrader's metadata; empty where it has none."""

    @property
    def grade_id(self) -> str | None:
        """nbgrader's."""
        found = self.nbgrader.get("grade_id")
        return found if isinstance(found, str) else None

    @property
    def key(self) -> str:
        """What it is called in messages."""
        return self.grade_id or self.id or str(self.place + 1)

    @property
    def is_code(self) -> bool:
        """Whether it runs."""
        return self.kind == "code"

    @property
    def is_answer(self) -> bool:
        """Whether students write in it."""
        return self.nbgrader.get("solution") is True

    @property
    def is_material(self) -> bool:
        """Whether it is code that is there to be used: given, or in a handout without marks, not to be filled in."""
        return self.is_code and not self.is_answer and (self.is_given or NOT_FILLED_IN not in self.text)

    @property
    def is_given(self) -> bool:
        """Whether it is code that students should leave alone."""
        return self.is_code and self.grade_id is not None and not self.is_answer

    @cached_property
    def plain(self) -> str:
        """Its text without any space."""
        return plain(self.text)

    @cached_property
    def defined(self) -> frozenset[str]:
        """Functions and classes of its top level."""
        return defined(self.text)

    @cached_property
    def bound(self) -> frozenset[str]:
        """Names that it gives a value."""
        return bound(self.text)

    @cached_property
    def needs(self) -> frozenset[str]:
        """Names that it takes from other cells."""
        return needs(self.text)


@dataclass(frozen=True)
class Handout:
    """All cells that students got."""

    cells: tuple[HandoutCell, ...]

    @cached_property
    def by_grade_id(self) -> Mapping[str, HandoutCell]:
        """Those that have one."""
        return {cell.grade_id: cell for cell in self.cells if cell.grade_id is not None}

    @cached_property
    def given_names(self) -> frozenset[str]:
        """What its code gives a value, answers aside."""
        names = (cell.bound for cell in self.cells if cell.is_code and not cell.is_answer)
        return frozenset().union(*names)

    @cached_property
    def texts(self) -> Mapping[str, HandoutCell]:
        """Texts that are no answers, by themselves without any space."""
        return {c.plain: c for c in self.cells if not c.is_code and not c.is_answer and c.plain}


@lru_cache(maxsize=32)
def read_handout(text: str) -> Handout:
    """Read a handout, nbformat 4 JSON."""
    return Handout(tuple(_cell(place, raw) for place, raw in enumerate(json.loads(text)["cells"])))


def _cell(place: int, raw: Mapping[str, Any]) -> HandoutCell:
    source = raw.get("source", "")
    nbgrader = raw.get("metadata", {}).get("nbgrader")
    return HandoutCell(
        place=place,
        id=raw.get("id"),
        kind=raw["cell_type"],
        text=source if isinstance(source, str) else "".join(source),
        nbgrader=nbgrader if isinstance(nbgrader, dict) else {},
    )
