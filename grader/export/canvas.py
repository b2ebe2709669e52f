"""Canvas's grade book: the teacher's own export filled in, or a new file that Canvas imports.

Columns are `Student, ID, SIS User ID, SIS Login ID, Section`, then one for each assignment, `Title (id)`; the row
`    Points Possible` tells what each is out of. Canvas joins students by `ID`; an empty cell changes nothing there.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from grader.errors import ExportError
from grader.export.filling import Filling
from grader.export.grid import Grid, read_separated
from grader.export.marks import Mark, marks_of
from grader.export.people import can_be_one_in_any_spelling
from grader.export.rounding import Scale, fixed
from grader.model.text import say
from grader.spreadsheet import defused

_OURS = ("student", "id", "sis user id", "sis login id", "section", "root account", "integration id")
_POSSIBLE = "points possible"
_NUMBER = re.compile(r"\s*\(\d+\)\s*$")


@dataclass(frozen=True)
class Column:
    """One exercise's column."""

    exercise: str
    place: int
    header: str


def render_gradebook(marks: Sequence[Mark], exercises: Sequence[str], scale: Scale) -> str:
    """A new file's text: one column an exercise. Without a grade, a cell is empty, and Canvas leaves it alone."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *map(defused, exercises)])
    writer.writerow(["    Points Possible", "", "", "", "", *(fixed(scale.top, ".", 2) for _ in exercises)])
    for mark in marks:
        if not mark.student.isdecimal():
            continue
        singles = {m.reports[0].exercise: m for r in mark.reports for m in marks_of([r])}
        cells = [_grade(singles.get(exercise), scale) for exercise in exercises]
        writer.writerow([defused(mark.name), defused(mark.student), "", "", "", *cells])
    return stream.getvalue()


def _grade(mark: Mark | None, scale: Scale) -> str:
    if mark is None or mark.points is None:
        return ""
    return fixed(scale.of(mark.points, mark.out_of).grade, ".", 2)


def fill_gradebook(
    raw: bytes,
    marks: Sequence[Mark],
    exercises: Sequence[str],
    named: Mapping[str, str],
    step: Decimal,
    *,
    replaces: bool,
) -> Filling:
    """Fill in the teacher's export; grades are out of what the row `Points Possible` says.

    `named` tells columns of exercises, where their titles do not.

    Raises:
        ExportError: it is no grade book of Canvas, or an exercise has no column, or several.
    """
    grid = read_separated(raw, lambda table: len(table.rows[0]))
    headers = [_plain(cell.value) for cell in grid.rows[0]]
    if "student" not in headers or "id" not in headers:
        raise ExportError(say("This is no grade book of Canvas: it needs the columns 'Student' and 'ID'."))
    columns = [_column(grid, exercise, named.get(exercise)) for exercise in exercises]
    student, id_ = headers.index("student"), headers.index("id")
    possible = next(
        (r for r in range(1, len(grid.rows)) if _plain(grid.value(r, student)) == _POSSIBLE), None
    )
    if possible is None:
        raise ExportError(say("This is no grade book of Canvas: the row 'Points Possible' is missing."))
    filling = Filling(grid, replaces)
    by_id = {mark.student: mark for mark in marks}
    present: set[str] = set()
    for row in range(possible + 1, len(grid.rows)):
        number, name = grid.value(row, id_), grid.value(row, student)
        if not number:
            continue
        present.add(number)
        mark = by_id.get(number)
        whose = f"{name} ({number})"
        if mark is None:
            filling.untouched.append(whose)
        elif not can_be_one_in_any_spelling(name, mark.name):
            reason = say("the grade book calls number {number} {name}; nothing was filled in",
                         number=number, name=mark.name)  # fmt: skip
            filling.remarks.append((whose, reason))
        else:
            _fill_row(filling, row, whose, mark, columns, possible, step)
    missing = [m for m in marks if m.student not in present]
    filling.remarks += [(f"{m.name} ({m.student})", say("is not in Canvas's grade book")) for m in missing]
    return filling


def _fill_row(
    filling: Filling,
    row: int,
    whose: str,
    mark: Mark,
    columns: Sequence[Column],
    possible: int,
    step: Decimal,
) -> None:
    singles = {m.reports[0].exercise: m for r in mark.reports for m in marks_of([r])}
    for column in columns:
        single = singles.get(column.exercise)
        if single is None:
            continue
        if single.points is None and single.open is not None:
            filling.remarks.append((whose, say("no grade: {reason}", reason=single.open)))
            continue
        top = filling.grid.value(possible, column.place)
        try:
            scale = Scale(Decimal(top.replace(",", ".")), step)
        except InvalidOperation as error:
            raise ExportError(
                say(
                    "Column '{column}': its points possible are '{points}', no number.",
                    column=column.header,
                    points=top,
                )
            ) from error
        assert single.points is not None
        rounded = scale.of(single.points, single.out_of)
        value = fixed(rounded.grade, "," if "," in top else ".", 2)
        filling.put((row, column.place), value, whose, column.header, rounded)


def _column(grid: Grid, exercise: str, header: str | None) -> Column:
    titles = {place: cell.value.strip() for place, cell in enumerate(grid.rows[0])}
    theirs = {p: t for p, t in titles.items() if _plain(t) not in _OURS and _NUMBER.search(t)}
    if header is not None:
        found = [
            p
            for p, t in titles.items()
            if header.strip() in (t, _NUMBER.sub("", t)) and _plain(t) not in _OURS
        ]
    else:
        found = [
            p for p, t in theirs.items() if _compact(exercise) in (_compact(_NUMBER.sub("", t)), _compact(t))
        ]
    if len(found) != 1:
        shown = ", ".join(theirs.values()) or say("none")
        if found:
            raise ExportError(
                say(
                    "More than one column for {exercise}: say --column '{exercise}=TITLE'."
                    " The assignments are: {known}.",
                    exercise=exercise,
                    known=shown,
                )
            )
        raise ExportError(
            say(
                "No column for {exercise}: say --column '{exercise}=TITLE'. The assignments are: {known}.",
                exercise=exercise,
                known=shown,
            )
        )
    return Column(exercise, found[0], titles[found[0]])


def _plain(text: str) -> str:
    return text.strip().casefold()


def _compact(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in folded if c.isalnum())
