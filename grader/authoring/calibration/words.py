"""How chances, losses and roles are written, in the terminal and on the page."""

from __future__ import annotations

import math
from collections.abc import Mapping

from grader.authoring.binomial import Chance
from grader.authoring.calibration.cases import Role
from grader.authoring.calibration.chances import Finding, Standing
from grader.i18n import render
from grader.model.text import Language, Text, say
from grader.model.verdict import Verdict

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

ROLE_WORDS: dict[Role, Text] = {
    "reference": say("must pass: the reference"),
    "right": say("must pass: right variants"),
    "must_fail": say("must not pass: mistakes of this criterion"),
    "may_fail": say("may pass or not: mistakes of another criterion that name this one"),
    "unrelated": say("must pass: mistakes of other criteria, in a cell that the training uses"),
}

MUST_WORDS: dict[Role, Text] = {
    "reference": say("pass"),
    "right": say("pass"),
    "must_fail": say("not pass"),
    "may_fail": say("either"),
    "unrelated": say("pass"),
}

STANDING_WORDS: dict[Standing, Text] = {
    "kept": say("promise kept"),
    "open": say("promise not shown"),
    "broken": say("PROMISE BROKEN"),
}


def told(words: Text | str, language: Language) -> str:
    """Words in a language; a figure that is the same in each comes as it is."""
    return render(words, language) if isinstance(words, Text) else words


def share(probability: float) -> Text | str:
    """`0`, `3·10⁻⁷`, `0.15 %`, `83 %`, `100 %`: two digits, and never rounded to certainty."""
    if math.isnan(probability):
        return "–"
    if probability in (0.0, 1.0):
        return "0" if probability == 0 else say("{number} %", number=100)
    if probability < 1e-5:
        digit, power = f"{probability:.0e}".split("e")
        return f"{digit}·10{str(int(power)).translate(_RAISED)}"
    percent = 100 * probability
    if percent >= 99.9:
        return say("over 99.9 %")
    return say(
        "{number} %", number=math.floor(percent * 10) / 10 if percent >= 99 else float(f"{percent:.2g}")
    )


def interval(chance: Chance) -> Text | str:
    """`83 % (77 to 88 %)`; one figure where there is no doubt."""
    if chance.low == chance.high:
        return share(chance.estimate)
    low, high = share(chance.low), share(chance.high)
    bare = low.args.get("number", low) if isinstance(low, Text) and isinstance(high, Text) else low
    return say("{share} ({low} to {high})", share=share(chance.estimate), low=bare, high=high)


def of_grading(found: Finding) -> Text:
    """What a grading should not do: `fails 3·10⁻⁷ (…)` of a right solution, `passes 0 (…)` of another."""
    if found.case.must_pass:
        return say("fails {share}", share=interval(found.fails))
    return say("passes {share}", share=interval(found.full))


def counts(verdicts: Mapping[Verdict, int]) -> str:
    """`15 accepted, 2 wrong_answer`."""
    most_first = sorted(verdicts.items(), key=lambda item: -item[1])
    return ", ".join(f"{count} {verdict}" for verdict, count in most_first)


def spread(found: Finding, language: Language) -> str:
    """Lowest, middle and highest loss, and how many starts have none."""
    losses = found.losses
    parts = [f"{losses[0]:.0e} / {losses[len(losses) // 2]:.0e} / {losses[-1]:.0e}"] if losses else []
    diverged = sum(s.loss is not None and not math.isfinite(s.loss) for s in found.starts)
    without = sum(s.loss is None for s in found.starts)
    parts += [render(say("{count} diverged", count=diverged), language)] if diverged else []
    parts += [render(say("{count} without", count=without), language)] if without else []
    return ", ".join(parts) or "–"
