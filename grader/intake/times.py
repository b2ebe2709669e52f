"""Tables of when notebooks were handed in (`--times`): ours, an LMS's worksheet, or anybody's."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, tzinfo
from pathlib import Path
from typing import NamedTuple

from grader.errors import ConfigError, IntakeError
from grader.model.file_words import unreadable
from grader.model.moments import in_zone, moment
from grader.model.names import whole_name
from grader.model.submission import Member, Submission
from grader.model.text import say
from grader.spreadsheet import as_given, read_table

_STUDENT = ("student", "identifier", "identifiant", "étudiant", "id", "sid", "user")
_NAME = ("name", "full name", "nom complet", "nom")
_EXERCISE = ("exercise", "exercice", "assignment")
_TIME = (
    "handed_in_at",
    "handed in at",
    "time",
    "submitted_at",
    "submitted at",
    "submission time",
    "timestamp",
    "last modified (submission)",
    "dernière modification (travail remis)",
    "dernière modification (remise)",
    "rendu le",
)
_NEVER = ("", "-", "–")
_PARTICIPANT = re.compile(r"^(?:participant|participant·e|participant\(e\))\s*(\d+)$")


class _Line(NamedTuple):
    """When somebody handed something in; `student` and `exercise` are empty where the table does not tell."""

    student: str
    name: str
    exercise: str
    at: datetime


def read_times(
    given: str, submissions: Sequence[Submission], exercises: Collection[str], zone: tzinfo | None
) -> dict[tuple[str, str], datetime]:
    """When students handed in, by student and exercise, as a table tells; who handed in nothing is passed over.

    `given` is a file's path, or `EXERCISE=path` for a table of one exercise, such as Moodle's worksheet. The table has
    a line of titles with `student`, `name` or both, with `handed_in_at`, and with `exercise` where it is of several.
    A student is found by identifier or whole name. `zone` is that of moments without one; None is the machine's.
    Raises: IntakeError naming the file and the line at fault.
    """
    only, path = _split(given, exercises)
    by_name: dict[str, set[str]] = {}
    by_identifier: dict[str, set[str]] = {}
    for submission in submissions:
        for one in (Member(student=submission.student, name=submission.name), *submission.members):
            by_name.setdefault(whole_name(one.name), set()).add(submission.student)
            by_identifier.setdefault(one.student, set()).add(submission.student)
    found: dict[tuple[str, str], datetime] = {}
    for number, line in _lines(path, only):
        named = by_name.get(whole_name(line.name), set())
        students = by_identifier.get(line.student) or named
        if len(students) > 1 and line.student not in by_identifier:
            raise IntakeError(
                say(
                    "{path}: line {line}: several students are called {name}. Tell them apart by a column 'student'"
                    " with their identifiers.",
                    path=str(path),
                    line=number,
                    name=line.name,
                )
            )
        for submission in submissions:
            if submission.student in students and line.exercise in ("", submission.exercise):
                work = (submission.student, submission.exercise)
                at = in_zone(line.at, zone)
                found[work] = max(at, found.get(work, at))
    if not found:
        raise IntakeError(
            say(
                "{path}: none of its lines is of a student who handed in a notebook. Its column 'student' holds the"
                " identifiers by which they are graded, or 'name' their whole names.",
                path=str(path),
            )
        )
    return found


def _split(given: str, exercises: Collection[str]) -> tuple[str, Path]:
    exercise, sign, path = given.partition("=")
    return (exercise, Path(path)) if sign and exercise in exercises else ("", Path(given))


def _lines(path: Path, only: str) -> Iterator[tuple[int, _Line]]:
    """Each line that tells a moment, with its number in the file."""
    try:
        rows = read_table(path.read_bytes())
    except OSError as error:
        raise IntakeError(unreadable(path, error)) from error
    except ConfigError as error:
        raise IntakeError(say("{path}: {reason}", path=str(path), reason=error.text)) from error
    titles = [title.strip().casefold().replace("’", "'") for title in rows[0]] if rows else []
    student, name, exercise, time = (
        next((titles.index(title) for title in known if title in titles), None)
        for known in (_STUDENT, _NAME, _EXERCISE, _TIME)
    )
    if time is None or (student is None and name is None):
        raise IntakeError(
            say(
                "{path}: a table of times has a line of titles with 'student' (or 'name') and 'handed_in_at', and"
                " 'exercise' where it is of several.",
                path=str(path),
            )
        )
    for number, row in enumerate(rows[1:], start=2):
        told = _cell(row, time)
        if told in _NEVER:
            continue
        at = moment(told)
        if at is None:
            raise IntakeError(
                say(
                    "{path}: line {line}: '{told}' is no moment; write 2026-11-23 23:59.",
                    path=str(path),
                    line=number,
                    told=told,
                )
            )
        identifier = _cell(row, student)
        participant = _PARTICIPANT.match(identifier.casefold())
        yield (
            number,
            _Line(
                student=participant[1] if participant else identifier,
                name=_cell(row, name),
                exercise=only or _cell(row, exercise),
                at=at,
            ),
        )


def _cell(row: Sequence[str], column: int | None) -> str:
    return "" if column is None or column >= len(row) else as_given(row[column].strip())
