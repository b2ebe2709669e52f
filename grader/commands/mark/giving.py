"""Makes marks of what a person typed, checked against the grades that stand."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from grader.errors import ConfigError
from grader.model.mark import TAKEN_OFF, HandMark
from grader.model.nearest import meant_or_known
from grader.model.report import CriterionResult, GradeReport
from grader.model.text import exact, say


def author_of(given: str | None) -> str:
    """Who marks: the name given, else the account's; raises ConfigError where there is neither."""
    if given and given.strip():
        return given.strip()
    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:  # the account has no name, as in some containers
        raise ConfigError(say("Say who marks with --by NAME.")) from error


def find_criterion(report: GradeReport, word: str) -> CriterionResult:
    """The criterion of that id, of that last part of an id, or the only one of that task.

    Raises: ConfigError with the nearest.
    """
    for fits in (
        [r for r in report.criteria if r.id == word],
        [r for r in report.criteria if r.id.endswith(f".{word}")],
        [r for r in report.criteria if r.task == word],
    ):
        if len(fits) == 1:
            return fits[0]
    hint = meant_or_known(word, [r.id for r in report.criteria])
    raise ConfigError(
        say(
            "{exercise} has no criterion '{criterion}'; {hint}",
            exercise=report.exercise,
            criterion=word,
            hint=hint,
        )
    )


def points_of(text: str, result: CriterionResult) -> Decimal:
    """Points within the criterion's, with at most two decimals, with either decimal sign; raises ConfigError."""
    return _points(text, result.id, result.out_of)


def _points(text: str, what: str, most: Decimal) -> Decimal:
    try:
        points = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        points = Decimal("NaN")
    exponent = points.normalize().as_tuple().exponent if points.is_finite() else None
    if not isinstance(exponent, int) or exponent < -2 or not 0 <= points <= most:
        raise ConfigError(
            say(
                "'{points}': {criterion} takes points from 0 to {out_of}, of two decimals at most.",
                points=text,
                criterion=what,
                out_of=exact(most),
            )
        )
    return abs(points)


def mark_of(
    report: GradeReport, result: CriterionResult, points: Decimal | None, reason: str, author: str
) -> HandMark:
    """The entry to keep; one that takes back is of that student whose mark it takes back.

    Raises: ConfigError without a reason.
    """
    return _entry(report, result.id, result.out_of, points, reason, author, held_mark(result))


def deduction_of(report: GradeReport, text: str | None, reason: str, author: str) -> HandMark:
    """The entry that takes points off the whole exercise, or takes back the one before (None); raises ConfigError."""
    points = None if text is None else _points(text, "--take-off", report.out_of)
    return _entry(report, TAKEN_OFF, report.out_of, points, reason, author, held_deduction(report))


def _entry(
    report: GradeReport,
    criterion: str,
    out_of: Decimal,
    points: Decimal | None,
    reason: str,
    author: str,
    held: HandMark | None,
) -> HandMark:
    if not reason.strip():
        raise ConfigError(
            say(
                "{name} · {criterion}: a mark needs a reason, which the student reads: -m WHY.",
                name=report.name,
                criterion=criterion,
            )
        )
    return HandMark(
        student=held.student if points is None and held is not None else report.student,
        exercise=report.exercise,
        criterion=criterion,
        points=points,
        out_of=out_of,
        reason=reason.strip(),
        author=author,
        given_at=datetime.now(UTC),
        notebook_sha256=report.notebook_sha256,
    )


def held_mark(result: CriterionResult) -> HandMark | None:
    """The mark by hand that the criterion bears."""
    return result.marked.mark if result.marked else None


def held_deduction(report: GradeReport) -> HandMark | None:
    """The entry by which a person took points off the exercise."""
    return next((adjustment.mark for adjustment in report.adjustments if adjustment.mark), None)


def is_new(mark: HandMark, result: CriterionResult) -> bool:
    """Whether the mark says anything that the one which holds does not; whose they are does not count."""
    held = held_mark(result)
    same = ("points", "reason", "out_of")
    return held is None or any(getattr(held, name) != getattr(mark, name) for name in same)


def waiting(report: GradeReport) -> tuple[CriterionResult, ...]:
    """The criteria that a person must decide."""
    return tuple(result for result in report.criteria if result.points is None)


def people_of(report: GradeReport) -> tuple[str, ...]:
    """Whose marks are marks of the grade: the student's, and those of a group's members."""
    return (report.student, *(member.student for member in report.members))


def left_behind(reports: Sequence[GradeReport], standing: Sequence[HandMark]) -> tuple[HandMark, ...]:
    """Marks that nobody took back and that count nowhere: for another notebook, or for a criterion that is gone."""
    counted = {(s, r.exercise, c.id) for r in reports for c in r.criteria if c.marked for s in people_of(r)}
    counted |= {
        (s, r.exercise, TAKEN_OFF)
        for r in reports
        if any(a.mark for a in r.adjustments)
        for s in people_of(r)
    }
    works = {(s, r.exercise) for r in reports for s in people_of(r)}
    newest = {(m.student, m.exercise, m.criterion): m for m in standing}
    return tuple(m for key, m in newest.items() if key not in counted and key[:2] in works)
