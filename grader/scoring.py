"""Judgements to points: pure and exact (Decimal), no input or output. What they add up to: `grader.model.totals`."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from grader.model.judgement import Judgement
from grader.model.report import CriterionResult
from grader.model.rubric import Criterion

CENT = Decimal("0.01")


def score_criterion(criterion: Criterion, judgement: Judgement) -> CriterionResult:
    """Give a judgement its points, rounded half up to 0.01; None stays None."""
    points = None
    if judgement.score is not None:
        points = (criterion.points * judgement.score).quantize(CENT, ROUND_HALF_UP)
    return CriterionResult(
        id=criterion.id,
        task=criterion.task,
        kind=criterion.kind,
        title=criterion.title,
        public=criterion.public,
        judgement=judgement,
        points=points,
        out_of=criterion.points,
        bonus=criterion.bonus,
    )


def grade_out_of(points: Decimal, out_of: Decimal, scale: Decimal = Decimal(20)) -> Decimal:
    """The grade that an LMS gets: `points / out_of * scale`, rounded half up to 0.01."""
    if out_of == 0:
        return Decimal(0)
    return (points * scale / out_of).quantize(CENT, ROUND_HALF_UP)
