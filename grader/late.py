"""From `[late]` in `grader.toml` and its table of extensions to the policy that grades are added up by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

from grader.config import LateSettings, Settings
from grader.errors import ConfigError
from grader.model.file_words import unreadable
from grader.model.late import Extension, LatePolicy
from grader.model.moments import in_zone, moment
from grader.model.names import whole_name
from grader.model.nearest import did_you_mean
from grader.model.text import Text, say
from grader.spreadsheet import as_given, read_table

_TITLES: Mapping[str, tuple[str, ...]] = {
    "student": ("student", "étudiant", "identifier", "identifiant", "id", "name", "nom"),
    "exercise": ("exercise", "exercice", "assignment"),
    "until": ("until", "jusqu'au", "deadline"),
    "days": ("days", "jours"),
}


def late_policy(settings: Settings) -> LatePolicy | None:
    """The course's policy; None where it has none.

    Raises: ConfigError naming the table's line at fault.
    """
    late = settings.late
    if late is None:
        return None
    return LatePolicy(
        deadline=late.deadline and in_zone(late.deadline, late.zone),
        deadlines={exercise: in_zone(at, late.zone) for exercise, at in late.deadlines.items()},
        grace_minutes=late.grace_minutes,
        percent_per_day=late.percent_per_day,
        at_most_percent=late.at_most_percent,
        closes_after_days=late.closes_after_days,
        extensions=tuple(_extensions(late.extensions, late)) if late.extensions else (),
    )


def policy_doubts(
    policy: LatePolicy, people: Mapping[str, str], exercises: Iterable[str]
) -> tuple[Text, ...]:
    """What in the policy fits nobody or nothing, for the teacher: `people` are names by identifier."""
    known = set(exercises)
    doubts = [
        say(
            "[late] names the exercise {exercise}, which is not there{hint}.",
            exercise=name,
            hint=did_you_mean(name, known),
        )
        for name in sorted(
            {*policy.deadlines, *(e.exercise for e in policy.extensions if e.exercise)} - known
        )
    ]
    names = [whole_name(name) for name in people.values()]
    for extension in policy.extensions:
        fitting = names.count(whole_name(extension.student)) if extension.student not in people else 1
        if fitting == 0:
            doubts.append(
                say(
                    "An extension names {student}, of whom there is no notebook yet{hint}.",
                    student=extension.student,
                    hint=did_you_mean(extension.student, [*people, *people.values()]),
                )
            )
        elif fitting > 1:
            doubts.append(
                say(
                    "An extension names {student}, as several students are called, and holds for all of them:"
                    " name one by identifier.",
                    student=extension.student,
                )
            )
    return tuple(doubts)


def _extensions(path: Path, late: LateSettings) -> Iterable[Extension]:
    try:
        rows = read_table(path.read_bytes())
    except OSError as error:
        raise ConfigError(unreadable(path, error)) from error
    except ConfigError as error:
        raise ConfigError(say("{path}: {reason}", path=str(path), reason=error.text)) from error
    titles = [cell.strip().casefold().replace("’", "'") for cell in rows[0]] if rows else []
    at = {
        key: next((titles.index(title) for title in known if title in titles), None)
        for key, known in _TITLES.items()
    }
    if at["student"] is None or (at["until"] is None and at["days"] is None):
        raise ConfigError(
            say(
                "{path}: a table of extensions has a line of titles with 'student' and 'until' (or 'days'), and"
                " 'exercise' where it is for one only.",
                path=str(path),
            )
        )
    for number, row in enumerate(rows[1:], start=2):
        cells = {key: _cell(row, column) for key, column in at.items()}
        if not cells["student"]:
            continue
        until = moment(cells["until"])
        days = _days(cells["days"])
        if (until is None) == (days is None) or bool(cells["until"]) != (until is not None):
            raise ConfigError(
                say(
                    "{path}: line {line}: expected either 'until', as 2026-11-30 23:59, or 'days', as 2; got '{until}'"
                    " and '{days}'.",
                    path=str(path),
                    line=number,
                    until=cells["until"],
                    days=cells["days"],
                )
            )
        yield Extension(
            student=cells["student"],
            exercise=cells["exercise"],
            until=until and in_zone(until, late.zone),
            days=days,
        )


def _days(text: str) -> Decimal | None:
    try:
        days = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
    return days if days.is_finite() and 0 <= days <= 1000 else None


def _cell(row: Sequence[str], column: int | None) -> str:
    return "" if column is None or column >= len(row) else as_given(row[column].strip())
