"""How grades are spread over a class, and how each criterion tells strong work from weak."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import StatisticsError, correlation, mean, median, quantiles

from grader.model.report import GradeReport

SCALE = 20
TELLING = 30
"""Notebooks from which on a correlation says anything. Source: rules of thumb for item analysis ask for 30 at least."""


@dataclass(frozen=True)
class Distribution:
    """Grades out of 20, by the points that are decided so far."""

    counts: tuple[int, ...]
    """How many have from k to under k + 1, for k below 20; 20 is with the last."""
    mean: float
    median: float
    quartiles: tuple[float, float]
    open: int
    """Students of whom something still waits: their grades can move."""

    @property
    def total(self) -> int:
        """How many have a grade, or a part of one."""
        return sum(self.counts)


def distribution(students: Sequence[Sequence[GradeReport]]) -> Distribution:
    """Of each student, over all that he handed in."""
    grades = []
    for own in students:
        decided = sum((report.decided for report in own), Decimal(0))
        points = sum((report.points or Decimal(0) for report in own), Decimal(0))
        if decided:
            grades.append(float(points * SCALE / decided))
    bins = [0] * SCALE
    for grade in grades:
        bins[min(int(grade), SCALE - 1)] += 1
    low, _, high = quantiles(grades, n=4, method="inclusive") if len(grades) > 1 else (grades or [0.0]) * 3
    return Distribution(
        counts=tuple(bins),
        mean=mean(grades) if grades else 0.0,
        median=median(grades) if grades else 0.0,
        quartiles=(low, high),
        open=sum(not all(report.is_complete for report in own) for own in students),
    )


def discrimination(reports: Sequence[GradeReport], criterion: str) -> float | None:
    """Correlation of a criterion's score with the points of all others of the exercise, -1 to 1.

    Near 0, or below: who does well elsewhere does not do well here, and the criterion should be looked at. None where
    fewer than 30 were judged, or all came out alike.
    """
    pairs: list[tuple[float, float]] = []
    for report in reports:
        own = next((r for r in report.criteria if r.id == criterion), None)
        if own is not None and own.judgement.score is not None:
            rest = sum((r.points or Decimal(0) for r in report.criteria if r.id != criterion), Decimal(0))
            pairs.append((float(own.judgement.score), float(rest)))
    if len(pairs) < TELLING:
        return None
    try:
        return correlation([score for score, _ in pairs], [rest for _, rest in pairs])
    except StatisticsError:  # all alike
        return None
