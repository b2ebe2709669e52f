"""What a foreign notebook comes to, before it is written down as one of ours."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from grader.errors import CatalogError
from grader.model.text import Text, say

_CENT = Decimal("0.01")
_MOST = Decimal(9999)


class LeftOut(NamedTuple):
    """Something that was not carried over, or not as it was."""

    place: str
    """The cell, as its author knows it."""
    what: str
    why: str
    """And what to do about it."""
    code: str = ""


@dataclass(frozen=True)
class Asked:
    """A test that became a question: `call` is answered by the student's function and by the reference's."""

    call: str
    """Python, as `matches_reference` takes it: an expression, or statements with `return`."""
    names: tuple[str, ...]
    """Names of the notebook that it needs."""
    exact: bool
    """Whether the test asked for equality, and not for nearness."""
    reads_state: bool = False
    """Whether it calls nothing of the student's, and so looks at what the notebook left."""


@dataclass(frozen=True)
class Rule:
    """A criterion to be: a question, or, with none, an answer that a person marks."""

    name: str
    title: str
    points: Decimal
    asked: Asked | None = None
    cell: str = ""
    """Grade id of the answer that a person marks."""
    public: bool = True
    hint: str = ""


@dataclass
class TaskDraft:
    """A task to be."""

    id: str
    title: str
    rules: list[Rule] = field(default_factory=list)

    @property
    def points(self) -> Decimal:
        """Of all its rules."""
        return sum((rule.points for rule in self.rules), Decimal(0))


@dataclass(frozen=True)
class Material:
    """All that was understood."""

    origin: str
    """`nbgrader` or `Otter`."""
    source: str
    """The file's name."""
    title: str
    cells: list[Any]
    """nbformat cells, their answers marked as `grade exercise release` wants them."""
    tasks: list[TaskDraft]
    left_out: list[LeftOut]


def identifier(words: str, taken: Iterable[str] = ()) -> str:
    """A rubric's id made of any words, and not among those that are taken."""
    plain = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_") or "part"
    plain = plain if plain[0].isalpha() else f"t_{plain}"
    known, number, made = set(taken), 2, plain
    while made in known:
        made, number = f"{plain}_{number}", number + 1
    return made


def points_of(value: Any, place: Text) -> Decimal:
    """Points as the source gives them, to the cent.

    Raises: CatalogError when they are no number, or not between 0 and 9999.
    """
    try:
        points = Decimal(str(value)).quantize(_CENT)
    except (InvalidOperation, ValueError):
        points = Decimal(-1)
    if isinstance(value, bool) or not points.is_finite() or not 0 <= points <= _MOST:
        raise CatalogError(
            say(
                "{place}: the points are {value}; a number from 0 to {most} is expected.",
                place=place,
                value=repr(value),
                most=str(_MOST),
            )
        )
    return points


def shares(total: Decimal, parts: int) -> list[Decimal]:
    """The total in equal parts of whole cents; the last takes what is left."""
    each = (total / parts).quantize(_CENT, "ROUND_FLOOR")
    return [*[each] * (parts - 1), total - each * (parts - 1)]


def title_in(cells: Iterable[Any]) -> str:
    """The notebook's first heading of the first level; empty when it has none."""
    return next((words for cell in cells for level, words in _headings(cell) if level == 1), "")


def last_heading(cell: Any) -> str:
    """The last heading of a text cell; empty when it has none."""
    return next((words for _, words in reversed(_headings(cell))), "")


def _headings(cell: Any) -> list[tuple[int, str]]:
    if cell.cell_type != "markdown":
        return []
    found = re.findall(r"^(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$", cell.source, re.MULTILINE)
    return [(len(marks), words) for marks, text in found if (words := re.sub(r"[*_`]", "", text).strip())]
