"""How chances, losses and roles are written, in the terminal and on the page."""

from __future__ import annotations

import math
from collections.abc import Mapping

from grader.authoring.binomial import Chance
from grader.authoring.calibration.cases import Role
from grader.authoring.calibration.chances import Finding, Standing
from grader.model.verdict import Verdict

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

ROLE_WORDS: dict[Role, str] = {
    "reference": "must pass: the reference",
    "right": "must pass: right variants",
    "must_fail": "must not pass: mistakes of this criterion",
    "may_fail": "may pass or not: mistakes of another criterion that name this one",
    "unrelated": "must pass: mistakes of other criteria, in a cell that the training uses",
}

MUST_WORDS: dict[Role, str] = {
    "reference": "pass",
    "right": "pass",
    "must_fail": "not pass",
    "may_fail": "either",
    "unrelated": "pass",
}

STANDING_WORDS: dict[Standing, str] = {
    "kept": "promise kept",
    "open": "promise not shown",
    "broken": "PROMISE BROKEN",
}


def share(probability: float) -> str:
    """`0`, `3·10⁻⁷`, `0.15 %`, `83 %`, `100 %`: two digits, and never rounded to certainty."""
    if math.isnan(probability):
        return "–"
    if probability in (0.0, 1.0):
        return "0" if probability == 0 else "100 %"
    if probability < 1e-5:
        digit, power = f"{probability:.0e}".split("e")
        return f"{digit}·10{str(int(power)).translate(_RAISED)}"
    percent = 100 * probability
    if percent >= 99.9:
        return "over 99.9 %"
    return f"{math.floor(percent * 10) / 10:g} %" if percent >= 99 else f"{percent:.2g} %"


def interval(chance: Chance) -> str:
    """`83 % (77 to 88 %)`; one figure where there is no doubt."""
    if chance.low == chance.high:
        return share(chance.estimate)
    low, high = share(chance.low), share(chance.high)
    if low.endswith(" %") and high.endswith(" %") and not low.startswith("over"):
        low = low.removesuffix(" %")
    return f"{share(chance.estimate)} ({low} to {high})"


def of_grading(found: Finding) -> str:
    """What a grading should not do: `fails 3·10⁻⁷ (…)` of a right solution, `passes 0 (…)` of another."""
    return f"fails {interval(found.fails)}" if found.case.must_pass else f"passes {interval(found.full)}"


def counts(verdicts: Mapping[Verdict, int]) -> str:
    """`15 accepted, 2 wrong_answer`."""
    most_first = sorted(verdicts.items(), key=lambda item: -item[1])
    return ", ".join(f"{count} {verdict}" for verdict, count in most_first)


def spread(found: Finding) -> str:
    """Lowest, middle and highest loss, and how many starts have none."""
    losses = found.losses
    parts = [f"{losses[0]:.0e} / {losses[len(losses) // 2]:.0e} / {losses[-1]:.0e}"] if losses else []
    diverged = sum(s.loss is not None and not math.isfinite(s.loss) for s in found.starts)
    without = sum(s.loss is None for s in found.starts)
    parts += [f"{diverged} diverged"] if diverged else []
    parts += [f"{without} without"] if without else []
    return ", ".join(parts) or "–"
