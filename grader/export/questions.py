"""A table of points by question: one line a student, one column for each criterion or task of each exercise."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Literal

from grader.export.rounding import shown
from grader.i18n import render
from grader.model.report import GradeReport
from grader.model.text import Language, say
from grader.spreadsheet import as_text, defused

By = Literal["criterion", "task"]
Column = tuple[str, str]
"""An exercise, and the id of a criterion or task in it."""
_TAKEN_OFF = "taken_off"


class _Cell:
    """What one student has got, out of how much; open while any part is."""

    def __init__(self) -> None:
        self.points: Decimal | None = Decimal(0)
        self.out_of = Decimal(0)

    def add(self, points: Decimal | None, out_of: Decimal) -> None:
        self.points = None if points is None or self.points is None else self.points + points
        self.out_of += out_of


def render_questions(
    reports: Iterable[GradeReport], by: By, language: Language, *, excel: bool = False
) -> str:
    """The file's text, in the order of the reports; `excel` as French spreadsheets read it.

    A point that waits for a person leaves its cell empty, and so does a notebook that was not handed in. In a file
    that is for people, titles say what a question is worth, where all were graded by the same worth. Where points
    were taken off an exercise, for lateness or by a person, a column of its own says how many.
    """
    separator, sign = (";", ",") if excel else (",", ".")
    as_identifier = as_text if excel else defused
    names: dict[str, str] = {}
    rows: dict[str, dict[Column, _Cell]] = {}
    for report in reports:
        names.setdefault(report.student, report.name)
        rows.setdefault(report.student, {}).update(_cells(report, by))
    columns = _columns(rows.values())
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=separator, lineterminator="\n")
    titles = [render(title, language if excel else "en") for title in (say("student"), say("name"))]
    writer.writerow([*titles, *(defused(_title(c, rows.values(), sign if excel else None)) for c in columns)])
    for student, cells in rows.items():
        points = (
            "" if cell is None or cell.points is None else shown(cell.points, sign)
            for cell in map(cells.get, columns)
        )
        writer.writerow([as_identifier(student), as_identifier(names[student]), *points])
    return stream.getvalue()


def _cells(report: GradeReport, by: By) -> dict[Column, _Cell]:
    found: dict[Column, _Cell] = {}
    for result in report.criteria:
        question = result.id if by == "criterion" else result.task
        found.setdefault((report.exercise, question), _Cell()).add(result.points, result.out_of)
    if report.taken_off:
        found.setdefault((report.exercise, _TAKEN_OFF), _Cell()).add(report.taken_off, Decimal(0))
    return found


def _columns(rows: Iterable[Mapping[Column, _Cell]]) -> Sequence[Column]:
    """Exercises in their order; in each the questions in the order of its rubric, what was taken off last."""
    found = dict.fromkeys(column for row in rows for column in row)
    return sorted(found, key=lambda column: (column[0], column[1] == _TAKEN_OFF))


def _title(column: Column, rows: Iterable[Mapping[Column, _Cell]], sign: str | None) -> str:
    worth = {row[column].out_of for row in rows if column in row}
    title = "/".join(column)
    if sign is None or len(worth) != 1 or worth == {0}:
        return title
    return f"{title} ({shown(worth.pop(), sign)})"
