"""From the results of all criteria to what they come to: points, what is open, one word. Pure and exact."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from grader.model.report import CriterionResult
from grader.model.verdict import Verdict


def total(results: Sequence[CriterionResult]) -> Decimal | None:
    """Sum of what was judged; None when every point waits for a person."""
    judged = [r.points for r in results if r.points is not None and r.out_of > 0]
    return sum(judged, Decimal(0)) if judged else None


def undecided(results: Sequence[CriterionResult]) -> Decimal:
    """Points that wait for a person."""
    return sum((r.out_of for r in results if r.points is None), Decimal(0))


def overall_verdict(results: Sequence[CriterionResult]) -> Verdict:
    """One word for a whole submission.

    A `judge_error` anywhere is said first. Else, over the criteria that were judged and carry points: all right is
    `accepted`, something right is `partially_accepted`, nothing right is the first failure that is not a
    consequence (`skipped`) and not a blank; all blank is `not_attempted`; nothing judged is `needs_review`.
    """
    verdicts = [r.judgement.verdict for r in results]
    if Verdict.JUDGE_ERROR in verdicts:
        return Verdict.JUDGE_ERROR
    judged = [r for r in results if r.points is not None and r.out_of > 0]
    if not judged:
        return Verdict.NEEDS_REVIEW
    if all(r.judgement.verdict is Verdict.ACCEPTED for r in judged):
        return Verdict.ACCEPTED
    if any(r.points for r in judged):
        return Verdict.PARTIALLY_ACCEPTED
    telling = [
        r.judgement.verdict
        for r in judged
        if r.judgement.verdict not in (Verdict.SKIPPED, Verdict.NOT_ATTEMPTED)
    ]
    return telling[0] if telling else Verdict.NOT_ATTEMPTED
