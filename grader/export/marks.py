"""What one student has got in all the exercises that count, or why that is not known yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from grader.model import totals
from grader.model.report import GradeReport
from grader.model.text import Text, exact, say


@dataclass(frozen=True)
class Mark:
    """One student's sum over the exercises that count."""

    student: str
    name: str
    reports: tuple[GradeReport, ...]
    """Those that there are, in the order of the exercises."""
    missing: tuple[str, ...]
    """Exercises that count and of which nothing was graded."""
    points: Decimal | None
    """None while any of it is open: a person must look, or a notebook is missing."""
    out_of: Decimal

    @property
    def open(self) -> Text | None:
        """Why there is no grade; None where there is one."""
        if self.points is not None:
            return None
        if any(report.has_judge_error for report in self.reports):
            return say("the grader could not tell")
        waiting = sum((report.undecided for report in self.reports), Decimal(0))
        if waiting or any(not report.is_complete for report in self.reports):
            return say("points that wait for a person: {points}", points=exact(waiting))
        return say("no notebook for {exercises}", exercises=", ".join(self.missing))

    @property
    def taken_off(self) -> Decimal:
        """Points that adjustments took off; `points` has lost them already."""
        return sum((report.taken_off for report in self.reports), Decimal(0))

    @property
    def is_late(self) -> bool:
        """Whether any of it came late."""
        return any(report.late for report in self.reports)


def marks_of(
    reports: Iterable[GradeReport], exercises: Sequence[str] = (), *, missing_is_zero: bool = False
) -> tuple[Mark, ...]:
    """Each student's mark, in the order in which students come.

    `exercises` are those that count; without any, all that somebody handed in. A student of whom one is missing has
    no grade, unless `missing_is_zero`; one of whom nothing was graded is not here at all: absent is not zero.
    """
    chosen: dict[str, dict[str, GradeReport]] = {}
    worth: dict[str, Decimal] = {}
    for report in reports:
        if not exercises or report.exercise in exercises:
            chosen.setdefault(report.student, {})[report.exercise] = report
            worth[report.exercise] = max(worth.get(report.exercise, Decimal(0)), report.out_of)
    counted = [e for e in dict.fromkeys(exercises) if e in worth] or sorted(worth)
    return tuple(_mark(student, own, counted, worth, missing_is_zero) for student, own in chosen.items())


def without_manual(report: GradeReport) -> GradeReport:
    """The same grade, without all that a person marks, whether it is marked yet or not."""
    kept = tuple(result for result in report.criteria if result.kind != "manual")
    out_of = sum((result.out_of for result in kept if not result.bonus), Decimal(0))
    return totals.with_total(report.model_copy(update={"out_of": out_of}), kept)


def _mark(
    student: str,
    own: dict[str, GradeReport],
    counted: Sequence[str],
    worth: dict[str, Decimal],
    missing_is_zero: bool,
) -> Mark:
    reports = tuple(own[exercise] for exercise in counted if exercise in own)
    missing = tuple(exercise for exercise in counted if exercise not in own)
    known = all(report.is_complete and not report.has_judge_error for report in reports)
    is_open = not known or (bool(missing) and not missing_is_zero)
    points = sum((report.points or Decimal(0) for report in reports), Decimal(0))
    out_of = sum((r.out_of for r in reports), Decimal(0)) + sum((worth[e] for e in missing), Decimal(0))
    return Mark(student, reports[0].name, reports, missing, None if is_open or not out_of else points, out_of)
