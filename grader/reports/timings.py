"""Notebooks that take far longer than others of their exercise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from grader.model.report import GradeReport

TIMES, SECONDS = 3.0, 10.0
"""Slow is so many times the exercise's median, and so many seconds more."""
MOST = 20


@dataclass(frozen=True)
class Slow:
    """One of them."""

    report: GradeReport
    median_s: float
    """Of its exercise."""


def slow(reports: Sequence[GradeReport]) -> tuple[Slow, ...]:
    """The slowest first."""
    found: list[Slow] = []
    for exercise in dict.fromkeys(report.exercise for report in reports):
        own = [report for report in reports if report.exercise == exercise and report.execution is not None]
        usual = median(report.wall_s for report in own) if own else 0.0
        found += [Slow(r, usual) for r in own if r.wall_s > max(TIMES * usual, usual + SECONDS)]
    return tuple(sorted(found, key=lambda one: -one.report.wall_s)[:MOST])
