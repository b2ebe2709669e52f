"""What the measured starts of one case say: how likely a grading gives full marks. Pure.

A grading asks up to k starts and stops at the first success, so it fails with the chance of one start's failure to
the power of k; the interval of that chance (Clopper and Pearson's) is carried through the same power. That rests on
starts being independent, which other seeds make them; where the code sets a seed of its own, and all starts end in
the same weights, there is no chance at all, and the outcome is always the same.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from grader.authoring.binomial import Chance, chance
from grader.authoring.calibration.cases import Case
from grader.authoring.calibration.measuring import sittings_of
from grader.authoring.calibration.starts import Start, Thresholds, is_fixed, verdict
from grader.criteria.loss_threshold import PROMISE
from grader.model.verdict import Verdict

LEAST = 200
"""From so many starts of a case on, what was seen counts against it, and thresholds are proposed."""

Standing = Literal["kept", "open", "broken"]
"""Of the promise: `kept` as far as statistics can show it, `open` when it is neither shown nor refuted, `broken` by
what was seen; by fewer than `LEAST` starts only with certainty."""


@dataclass(frozen=True)
class Finding:
    """One case, at some thresholds."""

    case: Case
    starts: tuple[Start, ...]
    is_fixed: bool
    """Whether all starts end in the same weights."""
    one: Chance
    """That one start gets full marks."""
    full: Chance
    """That a grading gives full marks."""
    some: Chance
    """That a grading gives any marks."""
    verdicts: dict[Verdict, int]
    """Of whole gradings with other seeds, as they would have gone."""

    @property
    def fails(self) -> Chance:
        """That a grading does not give full marks."""
        return self.full.not_at_all()

    @property
    def standing(self) -> Standing:
        """Of the promise, for a case that must pass."""
        if self.fails.high <= PROMISE:
            return "kept"
        seen = self.fails.estimate if len(self.starts) >= LEAST or self.is_fixed else self.fails.low
        return "broken" if seen > PROMISE else "open"

    @property
    def hangs_on_the_seed(self) -> bool:
        """Whether gradings with other seeds came to other verdicts."""
        return len(self.verdicts) > 1

    @property
    def losses(self) -> list[float]:
        """Those that are numbers, sorted."""
        return sorted(s.loss for s in self.starts if s.loss is not None and math.isfinite(s.loss))


def finding(case: Case, starts: Sequence[Start], thresholds: Thresholds) -> Finding:
    """What so many starts say."""
    passing = [s.passes(thresholds.full_marks) for s in starts]
    paid = [
        s.reaches(math.nextafter(thresholds.no_marks, 0)) and not s.is_ready_made(thresholds.full_marks)
        for s in starts
    ]
    sittings = [g for g in sittings_of(starts) if len(g) >= thresholds.starts or is_fixed(starts)]
    verdicts = Counter(verdict(sitting, thresholds) for sitting in sittings)
    return Finding(
        case=case,
        starts=tuple(starts),
        is_fixed=is_fixed(starts),
        one=chance(sum(passing), len(starts)),
        full=_of_grading(passing, starts, thresholds, verdicts, (Verdict.ACCEPTED,)),
        some=_of_grading(paid, starts, thresholds, verdicts, (Verdict.ACCEPTED, Verdict.PARTIALLY_ACCEPTED)),
        verdicts=dict(verdicts),
    )


def _of_grading(
    good: Sequence[bool],
    starts: Sequence[Start],
    thresholds: Thresholds,
    verdicts: Counter[Verdict],
    wanted: tuple[Verdict, ...],
) -> Chance:
    if is_fixed(starts):
        certain = float(good[0])
        return Chance(certain, certain, certain)
    without_loss = sum(s.loss is None for s in starts)
    if 0 < without_loss < len(starts):  # a grading ends at such a start, so that no power law holds
        return chance(sum(verdicts[v] for v in wanted), verdicts.total())
    return chance(sum(good), len(good)).of_any(thresholds.starts)


def pooled(findings: Sequence[Finding]) -> Chance:
    """That one start gets full marks, over all starts of several cases in which there is chance."""
    random = [f for f in findings if not f.is_fixed]
    total = sum(len(f.starts) for f in random)
    return chance(sum(round(f.one.estimate * len(f.starts)) for f in random), total)


def worst(findings: Sequence[Finding]) -> Finding | None:
    """The one whose gradings most likely fail, by the upper end of the interval."""
    return max(findings, key=lambda f: f.fails.high, default=None)


def best(findings: Sequence[Finding]) -> Finding | None:
    """The one whose gradings most likely give full marks, by the estimate, then by the upper end."""
    return max(findings, key=lambda f: (f.full.estimate, f.full.high), default=None)
