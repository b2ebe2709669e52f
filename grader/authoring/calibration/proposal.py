"""Proposes thresholds and a number of starts from what was measured. Pure.

Full marks are given up to a loss on a 1-2-5 scale, or to what the rubric says now: the loss with which (1) some number
of starts keeps the promise to every right solution; then (2) a solution that must fail passes least often; then (3)
what the rubric says now, so that nothing changes without a gain; then (4) the loss that is furthest, in powers of ten,
from any that was measured. That fewer starts would do is no reason to pay for less: starts cost a right solution
nothing. Zero marks are given from a loss at which no solution that must fail earns anything. The rubric's starts stay
where they suffice and no wrong solution gains by them; else they become the fewest that keep the promise for every
right solution, at the upper end of its interval.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.authoring.calibration.cases import Case
from grader.authoring.calibration.chances import Finding, best, finding, worst
from grader.authoring.calibration.starts import Start, Thresholds
from grader.criteria.loss_threshold import PROMISE

MOST_STARTS = 50
"""As many as a rubric may ask for."""
_SMALLEST = 1e-16
"""Losses below are float64's rounding."""

Measured = Mapping[str, Sequence[Start]]
"""Starts by the name of their case."""


@dataclass(frozen=True)
class Proposal:
    """What a rubric should say."""

    now: Thresholds
    proposed: Thresholds
    needed: int | None
    """The fewest starts that keep the promise with the proposed thresholds; None where no number does."""
    right: Finding | None
    """The right solution that most likely fails, with the proposed thresholds."""
    wrong: Finding | None
    """The solution that must fail and most likely passes."""

    @property
    def is_change(self) -> bool:
        """Whether it is anything else than what the rubric says."""
        return self.now != self.proposed


@dataclass(frozen=True)
class _Candidate:
    full_marks: float
    starts: int
    needed: int | None
    passing: float
    """How likely the worst wrong solution passes."""
    margin: float
    """Powers of ten to the nearest loss."""


def propose(
    cases: Sequence[Case], measured: Measured, now: Thresholds, *, most_starts: int = MOST_STARTS
) -> Proposal:
    """Thresholds and starts for a criterion; `most_starts` is 1 where the rubric cannot ask for more."""
    right = [c for c in cases if c.role in ("reference", "right")]
    wrong = [c for c in cases if c.role == "must_fail"]
    losses = sorted(
        max(s.loss, _SMALLEST)
        for c in (*right, *wrong)
        for s in measured[c.name]
        if s.loss is not None and math.isfinite(s.loss)
    )
    candidates = [
        _candidate(at, right, wrong, measured, now, most_starts, losses)
        for at in sorted({now.full_marks, *_scale(losses)})
    ]
    chosen = min(
        candidates,
        key=lambda c: (
            c.needed is None,
            c.passing,
            c.full_marks != now.full_marks,
            -c.margin,
        ),
    )
    if chosen.needed is None:  # nothing keeps the promise, so nothing is better than what is there
        proposed = now
    else:
        no_marks = _no_marks(chosen.full_marks, wrong, measured, now)
        proposed = Thresholds(chosen.full_marks, no_marks, chosen.starts)
    return Proposal(
        now=now,
        proposed=proposed,
        needed=chosen.needed,
        right=worst([finding(c, measured[c.name], proposed) for c in right]),
        wrong=best([finding(c, measured[c.name], proposed) for c in wrong]),
    )


def starts_needed(findings: Sequence[Finding], most: int) -> int | None:
    """The fewest starts with which every one of these keeps the promise, at the upper end of its interval."""
    needed = 1
    for found in findings:
        if found.is_fixed:
            if not found.full.estimate:
                return None
            continue
        fails = found.one.not_at_all().high
        while fails**needed > PROMISE:
            needed += 1
            if needed > most:
                return None
    return needed


def _candidate(
    full_marks: float,
    right: Sequence[Case],
    wrong: Sequence[Case],
    measured: Measured,
    now: Thresholds,
    most: int,
    losses: Sequence[float],
) -> _Candidate:
    def at(starts: int) -> Thresholds:
        return Thresholds(full_marks, max(now.no_marks, 2 * full_marks), starts)

    def passing(starts: int) -> float:
        found = best([finding(c, measured[c.name], at(starts)) for c in wrong])
        return 0.0 if found is None else found.full.estimate

    needed = starts_needed([finding(c, measured[c.name], at(now.starts)) for c in right], most)
    starts = now.starts
    if needed is not None and (now.starts < needed or passing(now.starts) > passing(needed)):
        starts = needed
    margin = min((abs(math.log10(loss / full_marks)) for loss in losses), default=math.inf)
    return _Candidate(full_marks, starts, needed, passing(starts), margin)


def _no_marks(full_marks: float, wrong: Sequence[Case], measured: Measured, now: Thresholds) -> float:
    """The rubric's, where it still fits; else the largest of the scale at which no wrong solution earns anything."""
    missed = [
        s.loss
        for c in wrong
        for s in measured[c.name]
        if s.loss is not None and math.isfinite(s.loss) and s.loss > full_marks
    ]
    lowest = min(missed, default=math.inf)
    if full_marks < now.no_marks <= lowest:
        return now.no_marks
    if math.isinf(lowest):
        return float(f"{full_marks * now.no_marks / now.full_marks:.3g}")
    fitting = [at for at in _scale([full_marks, lowest]) if full_marks < at <= lowest]
    return max(fitting, default=lowest)


def _scale(losses: Sequence[float]) -> list[float]:
    """1, 2 and 5 times the powers of ten that reach over these losses."""
    if not losses:
        return []
    low, high = math.floor(math.log10(min(losses))), math.ceil(math.log10(max(losses)))
    return [float(f"{digit}e{power}") for power in range(max(low, -12), high + 1) for digit in (1, 2, 5)]
