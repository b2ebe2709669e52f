"""Apogée's file of grades: the faculty's own file, in which one column of notes is filled in.

Tab-separated sections: `XX-APO_COLONNES-XX` tells what each column is (its type is `N` for notes, `B` for what they are
out of), `XX-APO_VALEURS-XX` has a line for each student, by student number. Notes have a decimal comma.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from grader.errors import ExportError
from grader.export.filling import Filling, number_of
from grader.export.grid import Grid, read_grid
from grader.export.marks import Mark
from grader.export.people import can_be_one
from grader.export.rounding import Scale, fixed
from grader.model.text import say

ABSENCES = ("ABI", "ABJ")
"""Without and with a reason. Source: Apogée's own codes of results."""
_COLUMNS = "XX-APO_COLONNES-XX"
_VALUES = "XX-APO_VALEURS-XX"
_KEY, _CODE, _TYPE = 0, 2, 7
"""Places in a line of the section of columns: key, type of object, code, version, year, session, admission, type."""


@dataclass(frozen=True)
class NoteColumn:
    """A column that takes notes."""

    key: str
    code: str
    out_of_key: str | None
    """The column that tells what its notes are out of."""


def fill_apogee(
    raw: bytes,
    marks: Sequence[Mark],
    scale: Scale,
    *,
    column: str | None = None,
    absent: str = "",
    left: Collection[str] = (),
    replaces: bool = False,
) -> Filling:
    """Fill in the notes of those who have a grade.

    `column` is a key (`apoL_c0001`) or a code, needed where several take notes; `absent` is written for
    those of whom nothing is graded at all, but for those who `left` the class, by number.

    Raises:
        ExportError: it is no file of Apogée's, or has no such column.
    """
    grid = read_grid(raw, "\t", has_quotes=False)
    note = _choose(_note_columns(grid), column)
    head = _section(grid, _VALUES) + 1
    keys = [cell.value.strip() for cell in grid.rows[head]] if head < len(grid.rows) else []
    if note.key not in keys:
        raise ExportError(
            say("The section {section} has no column {column}.", section=_VALUES, column=note.key)
        )
    place = keys.index(note.key)
    out_of = keys.index(note.out_of_key) if note.out_of_key in keys else None
    filling = Filling(grid, replaces)
    by_number = {mark.student: mark for mark in marks}
    present: set[str] = set()
    for row in range(head + 1, len(grid.rows)):
        number = grid.value(row, 0)
        if not number or number.startswith("XX-APO"):
            continue
        present.add(number)
        name = " ".join(filter(None, (grid.value(row, 1), grid.value(row, 2))))
        if number in left:
            filling.remarks.append((f"{name} ({number})", say("was taken out of the class; it was left")))
            continue
        _fill_row(
            filling, (row, place), f"{name} ({number})", name, by_number.get(number), scale, out_of, absent
        )
    strangers = [mark for number, mark in by_number.items() if number not in present]
    filling.remarks += [(f"{m.name} ({m.student})", say("is not in Apogée's file")) for m in strangers]
    return filling


def _fill_row(
    filling: Filling,
    place: tuple[int, int],
    whose: str,
    name: str,
    mark: Mark | None,
    scale: Scale,
    out_of: int | None,
    absent: str,
) -> None:
    if mark is None:
        filling.untouched.append(whose)
        if absent:
            filling.put(place, absent, whose, "note")
    elif mark.name != mark.student and not can_be_one(name, mark.name):
        reason = say("the grade book calls this number {name}; nothing was filled in", name=mark.name)
        filling.remarks.append((whose, reason))
    elif mark.points is None and mark.open is not None:
        filling.remarks.append((whose, say("no grade: {reason}", reason=mark.open)))
    elif mark.points is not None:
        top = number_of(filling.grid.value(place[0], out_of))
        own = scale if top is None else Scale(Decimal(str(top)), scale.step)
        rounded = own.of(mark.points, mark.out_of)
        filling.put(place, fixed(rounded.grade, ",", 2), whose, "note", rounded)


def _section(grid: Grid, name: str) -> int:
    for row in range(len(grid.rows)):
        if grid.value(row, 0) == name:
            return row
    raise ExportError(say("This is no file of Apogée's: the section {section} is missing.", section=name))


def _note_columns(grid: Grid) -> list[NoteColumn]:
    found: list[NoteColumn] = []
    out_of: dict[str, str] = {}
    for row in range(_section(grid, _COLUMNS) + 1, _section(grid, _VALUES)):
        key, code, kind = (grid.value(row, place) for place in (_KEY, _CODE, _TYPE))
        if key.startswith("apoL_c") and kind == "N":
            found.append(NoteColumn(key, code, None))
        elif key.startswith("apoL_c") and kind == "B":
            out_of[code] = key
    return [NoteColumn(note.key, note.code, out_of.get(note.code)) for note in found]


def _choose(columns: Sequence[NoteColumn], wanted: str | None) -> NoteColumn:
    fits = [c for c in columns if wanted is None or wanted in (c.key, c.code)]
    if len(fits) == 1:
        return fits[0]
    known = ", ".join(f"{c.key} ({c.code})" for c in columns) or say("none")
    if not fits:
        raise ExportError(
            say(
                "Apogée's file has no column '{column}' that takes notes. There are: {known}.",
                column=str(wanted),
                known=known,
            )
        )
    raise ExportError(
        say("Several columns of Apogée's file take notes: say --column. There are: {known}.", known=known)
    )
