"""`grades.csv`: one line for each student and exercise.

Plain UTF-8 without a byte order mark: Python, R, and LMSs would take the mark for a part of the first column's name.
Points are written with a decimal point in every language, so that a program reads the file the same way anywhere.
"""

from __future__ import annotations

import csv
import io
from datetime import UTC

from grader.model.report import ClassReport, GradeReport
from grader.model.totals import carried_points
from grader.reports.numbers import grade
from grader.spreadsheet import defused

COLUMNS = {
    "student": "the student's identifier in the LMS",
    "name": "the student's name",
    "exercise": "the exercise's identifier",
    "points": "what was decided so far; empty while nothing is",
    "out_of": "the points that can be had",
    "grade": "out of 20, rounded half up to 0.01; empty while a point waits for a person",
    "verdict": "of the whole notebook",
    "needs_review": "`true` while a point waits for a person, else `false`",
    "notebook_sha256": "of the file that was handed in",
    "rubric_version": "the rubric that it was graded by",
    "graded_at": "date and time in UTC, ISO 8601",
    "handed_in_at": "date and time in UTC, ISO 8601; empty where nobody told",
    "late": "`true` or `false`",
    "taken_off": "points taken off for lateness, or by a person; `points` has lost them already",
    "members": "of a group: the identifiers of those in it, separated by semicolons",
    "carried": "points paid by follow-through marks; `points` holds them already",
}
"""The columns in their order, and what each holds."""


def render_csv(class_report: ClassReport) -> str:
    """The whole file's text, lines ended by `\\n`."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_row(report) for report in class_report.reports)
    return stream.getvalue()


def _row(report: GradeReport) -> tuple[str, ...]:
    out_of_20 = grade(report)
    return (
        defused(report.student),
        defused(report.name),
        defused(report.exercise),
        "" if report.points is None else str(report.points),
        str(report.out_of),
        "" if out_of_20 is None else str(out_of_20),
        report.verdict.value,
        "false" if report.is_complete else "true",
        report.notebook_sha256,
        report.rubric_version,
        report.graded_at.isoformat(timespec="seconds"),
        ""
        if report.handed_in_at is None
        else report.handed_in_at.astimezone(UTC).isoformat(timespec="seconds"),
        "true" if report.late else "false",
        str(report.taken_off),
        defused("; ".join(member.student for member in report.members)),
        str(carried_points(report.criteria)),
    )
