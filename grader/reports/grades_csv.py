"""`grades.csv`: one line for each student and exercise.

Plain UTF-8 without a byte order mark: Python, R, and LMSs would take the mark for a part of the first column's name.
Points are written with a decimal point in every language, so that a program reads the file the same way anywhere.
"""

from __future__ import annotations

import csv
import io

from grader.model.report import ClassReport, GradeReport
from grader.reports.numbers import grade
from grader.spreadsheet import defused

COLUMNS = (
    "student",
    "name",
    "exercise",
    "points",
    "out_of",
    "grade",
    "verdict",
    "needs_review",
    "notebook_sha256",
    "rubric_version",
    "graded_at",
)


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
    )
