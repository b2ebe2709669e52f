"""Grading again: which grades of the same notebooks would move, from what to what, and by which criteria."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from grader.model.report import CriterionResult, GradeReport
from grader.model.text import Bilingual, Text, exact, say
from grader.store import GradeBook, JobKey


@dataclass(frozen=True)
class Outcome:
    """What a grade comes to."""

    points: Decimal | None
    undecided: Decimal
    out_of: Decimal

    @property
    def share(self) -> Decimal:
        """Of the points that could be had, 0 to 1."""
        return (self.points or Decimal(0)) / self.out_of if self.out_of else Decimal(0)


@dataclass(frozen=True)
class Move:
    """One student's grade for one exercise that would be another."""

    student: str
    name: str
    exercise: str
    before: Outcome
    after: Outcome
    reasons: tuple[Text, ...]
    """One for each criterion that came out otherwise, in the rubric's order."""


def replacements(jobs: Iterable[JobKey], book: GradeBook) -> dict[JobKey, JobKey]:
    """Those of the jobs that would replace a grade of the same notebook, with the key of the grade that stands."""
    standing = book.standing_keys()
    found = {key: standing.get((key.student, key.exercise)) for key in jobs}
    return {
        key: old
        for key, old in found.items()
        if old is not None and old != key and old.notebook_sha256 == key.notebook_sha256
    }


def moves(replaced: Mapping[JobKey, JobKey], book: GradeBook) -> tuple[Move, ...]:
    """The grades that would move, the greatest moves first; people's marks hold before and after."""
    found = [move for new, old in replaced.items() if (move := _move(book.graded(old), book.graded(new)))]
    return tuple(sorted(found, key=lambda m: (-abs(m.after.share - m.before.share), m.name, m.exercise)))


def _move(before: GradeReport | None, after: GradeReport | None) -> Move | None:
    if before is None or after is None or _outcome(before) == _outcome(after):
        return None
    return Move(
        student=after.student,
        name=after.name,
        exercise=after.exercise,
        before=_outcome(before),
        after=_outcome(after),
        reasons=tuple(_reasons(before, after)),
    )


def _outcome(report: GradeReport) -> Outcome:
    return Outcome(report.points, report.undecided, report.out_of)


def _reasons(before: GradeReport, after: GradeReport) -> Iterator[Text]:
    old = {result.id: result for result in before.criteria}
    for result in after.criteria:
        was = old.pop(result.id, None)
        if was is None:
            yield say("{criterion}: new, {after}", criterion=result.id, after=_points(result))
        elif (was.points, was.out_of) != (result.points, result.out_of):
            yield say(
                "{criterion}: {before} → {after}",
                criterion=result.id,
                before=_points(was),
                after=_points(result),
            )
    for was in old.values():
        yield say("{criterion}: no longer asked, {before}", criterion=was.id, before=_points(was))


def _points(result: CriterionResult) -> Text:
    points: str | Bilingual = "–" if result.points is None else exact(result.points)
    return say("{points}/{out_of}", points=points, out_of=exact(result.out_of))
