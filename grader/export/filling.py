"""What filling in a file comes to: the cells that change, and all that a person should know."""

from __future__ import annotations

from dataclasses import dataclass, field

from grader.export.grid import Grid
from grader.export.rounding import Rounded
from grader.model.text import Text, say


@dataclass(frozen=True)
class Change:
    """One cell, before and after."""

    whose: str
    column: str
    before: str
    after: str
    rounded: Rounded | None = None
    """Of a grade: what it was rounded from."""


@dataclass
class Filling:
    """Collects changes; each cell at most once."""

    grid: Grid
    replaces: bool
    """Whether what stands in a cell already gives way."""
    cells: dict[tuple[int, int], str] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    remarks: list[tuple[str, Text]] = field(default_factory=list)
    """A student or file, and what there is to say of it."""
    untouched: list[str] = field(default_factory=list)
    """Names in the file of which nothing is graded."""

    def put(
        self, place: tuple[int, int], value: str, whose: str, column: str, rounded: Rounded | None = None
    ) -> bool:
        """Write into a cell that is empty, or may be replaced; whether it now says `value`."""
        before = self.grid.value(*place)
        if before == value or (rounded is not None and number_of(before) == number_of(value)):
            return True
        if before not in ("", "-") and not self.replaces:
            reason = say("{column} holds {before} already, and not {after}; it was left. `--replace` replaces it.",
                         column=column, before=before, after=value)  # fmt: skip
            self.remarks.append((whose, reason))
            return False
        self.cells[place] = value
        self.changes.append(Change(whose, column, before, value, rounded))
        return True

    def content(self) -> bytes:
        """The file, filled in."""
        return self.grid.changed(self.cells)


def number_of(text: str) -> float | None:
    """The number in a cell, with either decimal sign; None where there is none."""
    try:
        return float(text.strip().replace("\N{NO-BREAK SPACE}", "").replace(",", "."))
    except ValueError:
        return None
