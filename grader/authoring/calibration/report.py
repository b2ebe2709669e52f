"""All that is told of one criterion's calibration: findings, promise, warnings, proposal, as plain lines and rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from grader.authoring.binomial import upper_bound
from grader.authoring.calibration.cases import ROLES, Role
from grader.authoring.calibration.chances import Finding, pooled
from grader.authoring.calibration.proposal import Proposal
from grader.authoring.calibration.starts import Thresholds
from grader.authoring.calibration.words import STANDING_WORDS, counts, interval, share
from grader.criteria.loss_threshold import PROMISE


@dataclass(frozen=True)
class Calibration:
    """Of one criterion."""

    exercise: str
    criterion: str
    thresholds: Thresholds
    """What the rubric says."""
    findings: tuple[Finding, ...]
    """At those thresholds, of every case of which anything is known."""
    missing: tuple[str, ...]
    """Cases of which fewer starts are known than were asked for."""
    proposal: Proposal | None
    """None where too little was measured."""
    why_none: str = ""

    def of(self, *roles: Role) -> tuple[Finding, ...]:
        """The findings of these roles."""
        return tuple(found for found in self.findings if found.case.role in roles)

    @property
    def groups(self) -> Iterator[tuple[Role, tuple[Finding, ...]]]:
        """By role; none that is empty."""
        for role in ROLES:
            if found := self.of(role):
                yield role, found

    @property
    def broken(self) -> tuple[Finding, ...]:
        """Right solutions that fail more often than is promised."""
        return tuple(f for f in self.of("reference", "right") if f.standing == "broken")


def promise_lines(calibration: Calibration) -> Iterator[str]:
    """Whether each right solution is kept the promise; then all together."""
    k = calibration.thresholds.starts
    right = calibration.of("reference", "right")
    for found in right:
        yield f"{STANDING_WORDS[found.standing]}: {found.case.name}: {_reason(found, k)}"
    random = [f for f in right if not f.is_fixed]
    if len(random) > 1:
        together = pooled(right)
        yield (
            f"together: {sum(len(f.starts) for f in random)} starts of {len(random)} right solutions;"
            f" one start passes: {interval(together)}; all {k} fail: {interval(together.not_at_all().of_all(k))}."
            " The worst of them decides, not all together."
        )
    if random and k > 1:
        n = min(len(f.starts) for f in random)
        yield (
            f"{n} gradings without a failure would leave a chance of up to {share(upper_bound(0, n))}, so they cannot"
            f" show {share(PROMISE)}. It follows from one start's chance to fail, to the power of {k}, because other"
            " seeds make the starts independent."
        )


def warnings(calibration: Calibration) -> Iterator[str]:
    """What hangs on the seed, and what else should not be so."""
    for found in calibration.findings:
        name, total = found.case.name, sum(found.verdicts.values())
        if found.hangs_on_the_seed:
            yield f"{name}: the verdict hangs on the seed: of {total} gradings {counts(found.verdicts)}."
        elif found.case.role in ("may_fail", "must_fail") and 0 < found.full.estimate < 1:
            yield (
                f"{name}: the verdict hangs on the seed: {total} gradings are {counts(found.verdicts)}, but from the"
                f" chance of one start, {interval(found.full)} get full marks."
            )
        if found.case.role == "must_fail" and found.full.estimate > 0:
            yield f"{name}: must not pass, and {interval(found.full)} of the gradings give it full marks."
        elif found.case.role == "must_fail" and found.some.estimate > 0:
            yield f"{name}: must not pass, and {interval(found.some)} of the gradings give it a part of the marks."
        if found.case.role == "unrelated" and found.standing == "broken":
            yield (
                f"{name}: its mistake is another criterion's to find, and {interval(found.fails)} of the gradings take"
                " marks from it here too: name this criterion in its `also`, or mend the mistake's file."
            )
        faults = sum(s.loss is None for s in found.starts)
        if found.case.must_pass and faults:
            yield f"{name}: {faults} of {len(found.starts)} starts gave no weights; a grading ends there."
    if calibration.missing:
        names = ", ".join(calibration.missing)
        yield f"not measured to the end, the same command goes on: {names}."


def proposal_lines(proposal: Proposal) -> Iterator[str]:
    """What is proposed, and what it would mean."""
    now, new = proposal.now, proposal.proposed
    if proposal.needed is None:
        yield (
            "No thresholds and no number of starts up to 50 keep the promise for every right solution: look at the one"
            " that fails."
        )
    elif proposal.is_change:
        pairs = zip(Thresholds._fields, now, new, strict=True)
        changed = ", ".join(
            f"{key} {before:g} → {after:g}" for key, before, after in pairs if before != after
        )
        yield f"Proposed: {changed}."
    else:
        yield "Proposed: what the rubric says; nothing measured does better."
    yield (
        f"full_marks = {new.full_marks:g}, no_marks = {new.no_marks:g}, starts = {new.starts}"
        + (
            f" ({proposal.needed} would do for these right solutions)"
            if (proposal.needed or 99) < new.starts
            else ""
        )
    )
    if proposal.needed is not None and proposal.needed < new.starts and new.starts > 1:
        least = 1 - PROMISE ** (1 / new.starts)
        yield (
            f"More starts cost a right solution nothing: with {new.starts}, the promise holds for every program that"
            f" learns from {share(least)} of its starts or more."
        )
    if proposal.right is not None:
        yield (
            f"A right solution fails at most so often: {interval(proposal.right.fails)}"
            f" ({proposal.right.case.name}, the worst)."
        )
    if proposal.wrong is not None:
        yield (
            f"A wrong one passes at most so often: {interval(proposal.wrong.full)}; it gets any marks:"
            f" {interval(proposal.wrong.some)} ({proposal.wrong.case.name}, the worst)."
        )


def _reason(found: Finding, k: int) -> str:
    n = len(found.starts)
    if found.is_fixed:
        outcome = "passes" if found.full.estimate else "fails"
        return f"{n} starts all end in the same weights: no chance is in it, and it always {outcome}."
    failed = n - round(found.one.estimate * n)
    share_failed = interval(found.one.not_at_all())
    if k == 1:
        return f"{failed} of {n} starts fail, {share_failed}."
    return f"{failed} of {n} starts fail, {share_failed}; all {k} of a grading: {interval(found.fails)}."
