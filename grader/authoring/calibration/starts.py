"""What one training from one random start came to, and what a criterion makes of several."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from grader.criteria.loss_threshold import SAME_STARTS
from grader.model.base import Frozen
from grader.model.verdict import Verdict

FEW = 10
"""So many starts that all end in the very same weights show that no chance is in them."""


class Start(Frozen):
    """One training from one random start."""

    key: str
    """SHA-256 of the notebook, the questions and the libraries: what was measured is measured of these alone."""
    sitting: int
    """The seed of the grading whose question it was: `grade --seed 7` asks the same as sitting 7."""
    number: int
    """Which of that sitting's starts, from 0."""
    loss: float | None
    """Recomputed, in the unit of the thresholds; NaN where the training diverged; None where there is none."""
    fault: Verdict | None = None
    """What the criterion says where there is no loss."""
    weights: str | None = None
    """A digest: equal weights have equal ones."""
    early_loss: float | None = None
    """The loss of the training of that sitting that was broken off at once."""
    is_near_early: bool = False
    """Whether its weights are nearly those of the training that was broken off."""
    wall_s: float

    def passes(self, full_marks: float) -> bool:
        """Whether it alone would get full marks."""
        return self.reaches(full_marks) and not self.is_ready_made(full_marks)

    def reaches(self, threshold: float) -> bool:
        """Whether its loss is at most so much; NaN is not."""
        return self.loss is not None and self.loss <= threshold

    def is_ready_made(self, full_marks: float) -> bool:
        """Whether its weights were there before anything was learnt."""
        return self.is_near_early and self.early_loss is not None and self.early_loss <= full_marks


class Thresholds(NamedTuple):
    """What a rubric says, or might say."""

    full_marks: float
    no_marks: float
    starts: int


def is_fixed(starts: Sequence[Start]) -> bool:
    """Whether chance plays no part: many starts, and always the very same weights."""
    return len(starts) >= FEW and len({s.weights for s in starts}) == 1 and starts[0].weights is not None


def is_hopeless(starts: Sequence[Start]) -> bool:
    """Whether many starts all ran into the time limit: more would take hours and show the same."""
    return len(starts) >= FEW and all(s.fault is Verdict.TIME_LIMIT_EXCEEDED for s in starts)


def verdict(sitting: Sequence[Start], thresholds: Thresholds) -> Verdict:
    """What the criterion says of one sitting, whose starts come in order: it stops asking where it has enough."""
    asked: list[Start] = []
    for start in sitting[: thresholds.starts]:
        asked.append(start)
        last = [s.weights for s in asked[-SAME_STARTS:]]
        alike = len(last) == SAME_STARTS and last[0] is not None and len(set(last)) == 1
        if start.loss is None or start.reaches(thresholds.full_marks) or alike:
            break
    faults = [s.fault for s in asked if s.loss is None and s.fault is not None]
    best = min((s.loss for s in asked if s.loss is not None and math.isfinite(s.loss)), default=math.inf)
    if faults and (faults[-1] is Verdict.NEEDS_REVIEW or best >= thresholds.no_marks):
        return faults[-1]
    if best >= thresholds.no_marks or asked[-1].is_ready_made(thresholds.full_marks):
        return Verdict.WRONG_ANSWER
    return Verdict.ACCEPTED if best <= thresholds.full_marks else Verdict.PARTIALLY_ACCEPTED
