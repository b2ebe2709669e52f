"""From the results of all criteria to what they come to: points, what is open, one word. Pure and exact."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from grader.model.adjustment import Adjustment
from grader.model.report import CriterionResult, GradeReport
from grader.model.verdict import Verdict


def with_total(report: GradeReport, results: Sequence[CriterionResult]) -> GradeReport:
    """The grade with these results, and the points, open points and verdict that they come to with its adjustments."""
    return report.model_copy(
        update={
            "criteria": tuple(results),
            "points": total(results, report.adjustments),
            "undecided": undecided(results, report.adjustments),
            "verdict": overall_verdict(results),
        }
    )


def total(results: Sequence[CriterionResult], adjustments: Sequence[Adjustment] = ()) -> Decimal | None:
    """Sum of what was judged and of what comes off, never below 0; None when every point waits for a person."""
    if any(adjustment.takes_all for adjustment in adjustments):
        return Decimal(0)
    judged = [r.points for r in results if r.points is not None and r.out_of > 0]
    if not judged:
        return None
    off = sum((adjustment.points for adjustment in adjustments), Decimal(0))
    return max(sum(judged, Decimal(0)) + off, Decimal(0))


def undecided(results: Sequence[CriterionResult], adjustments: Sequence[Adjustment] = ()) -> Decimal:
    """Points that wait for a person, those of a bonus too; none where nothing counts any more."""
    if any(adjustment.takes_all for adjustment in adjustments):
        return Decimal(0)
    return sum((r.out_of for r in results if r.points is None), Decimal(0))


def carried_points(results: Sequence[CriterionResult]) -> Decimal:
    """What follow-through marks paid, all together."""
    return sum((r.carried_points for r in results), Decimal(0))


def overall_verdict(results: Sequence[CriterionResult]) -> Verdict:
    """One word for a whole submission.

    A `judge_error` anywhere is said first. Else, over the criteria that were judged and carry points: all right is
    `accepted` (a bonus may be missing), something right is `partially_accepted`, nothing right is the first failure
    that is not a consequence (`skipped`) and not a blank; all blank is `not_attempted`; nothing judged is
    `needs_review`.
    """
    verdicts = [r.judgement.verdict for r in results]
    if Verdict.JUDGE_ERROR in verdicts:
        return Verdict.JUDGE_ERROR
    judged = [r for r in results if r.points is not None and r.out_of > 0]
    if not judged:
        return Verdict.NEEDS_REVIEW
    required = [r for r in judged if not r.bonus]
    if required and all(r.judgement.verdict is Verdict.ACCEPTED for r in required):
        return Verdict.ACCEPTED
    if any(r.points for r in judged):
        return Verdict.PARTIALLY_ACCEPTED
    telling = [
        r.judgement.verdict
        for r in judged
        if r.judgement.verdict not in (Verdict.SKIPPED, Verdict.NOT_ATTEMPTED)
    ]
    return telling[0] if telling else Verdict.NOT_ATTEMPTED
