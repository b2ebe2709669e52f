"""Student numbers by the grade book's identifiers: from a Moodle worksheet with ID numbers, or a table of the two."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from grader.errors import ExportError
from grader.export.grid import read_separated
from grader.model.report import GradeReport
from grader.model.text import say
from grader.spreadsheet import as_given

_IDENTIFIERS = ("student", "identifier", "identifiant", "étudiant", "id")
_NUMBERS = ("number", "id number", "numéro d'identification", "numéro", "numéro étudiant", "sis user id")
_PID = re.compile(r"^\D*?(\d+)$")


def read_numbers(raw: bytes) -> dict[str, str]:
    """Numbers by identifier; of `Participant 123`, the identifier is 123.

    Raises:
        ExportError: the two columns are not there.
    """
    grid = read_separated(raw, lambda table: len(table.rows[0]))
    headers = [cell.value.strip().casefold().replace("’", "'") for cell in grid.rows[0]]
    student = next((headers.index(h) for h in _IDENTIFIERS if h in headers), None)
    number = next((headers.index(h) for h in _NUMBERS if h in headers), None)
    if student is None or number is None:
        raise ExportError(say("The list of student numbers needs two columns: 'student' and 'number'."))
    found: dict[str, str] = {}
    for row in range(1, len(grid.rows)):
        told = as_given(grid.value(row, student))
        match = _PID.match(told) if headers[student].startswith("identifi") else None
        if told and grid.value(row, number):
            found[match[1] if match else told] = as_given(grid.value(row, number))
    return found


def renumbered(reports: Iterable[GradeReport], numbers: Mapping[str, str]) -> list[GradeReport]:
    """The same grades under the students' numbers: an LMS may call one student by several identifiers.

    Raises:
        ExportError: two grades of one exercise come under one number.
    """
    found: dict[tuple[str, str], GradeReport] = {}
    for report in reports:
        own = report.model_copy(update={"student": numbers.get(report.student, report.student)})
        other = found.setdefault((own.student, own.exercise), own)
        if other is not own:
            raise ExportError(
                say(
                    "Number {number} has two grades of {exercise}: {other}'s and {name}'s.",
                    number=own.student,
                    exercise=own.exercise,
                    other=other.name,
                    name=own.name,
                )
            )
    return list(found.values())
