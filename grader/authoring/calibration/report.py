"""All that is told of one criterion's calibration: findings, promise, warnings, proposal, a sentence a line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from grader.authoring.binomial import upper_bound
from grader.authoring.calibration.cases import ROLES, Role
from grader.authoring.calibration.chances import Finding, pooled
from grader.authoring.calibration.proposal import MOST_STARTS, Proposal
from grader.authoring.calibration.starts import Thresholds
from grader.authoring.calibration.words import STANDING_WORDS, counts, interval, share
from grader.criteria.loss_threshold import PROMISE
from grader.model.text import Text, say


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
    why_none: Text | None = None
    """Why there is no proposal."""

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


def promise_lines(calibration: Calibration) -> Iterator[Text]:
    """Whether each right solution is kept the promise; then all together."""
    k = calibration.thresholds.starts
    right = calibration.of("reference", "right")
    for found in right:
        yield say(
            "{standing}: {notebook}: {reason}",
            standing=STANDING_WORDS[found.standing],
            notebook=found.case.name,
            reason=_reason(found, k),
        )
    random = [f for f in right if not f.is_fixed]
    if len(random) > 1:
        together = pooled(right)
        yield say(
            "together: {starts} starts of {solutions} right solutions; one start passes: {one}; all {k} fail: {all}."
            " The worst of them decides, not all together.",
            starts=sum(len(f.starts) for f in random),
            solutions=len(random),
            one=interval(together),
            k=k,
            all=interval(together.not_at_all().of_all(k)),
        )
    if random and k > 1:
        n = min(len(f.starts) for f in random)
        yield say(
            "{gradings} gradings without a failure would leave a chance of up to {bound}, so they cannot show"
            " {promise}. It follows from one start's chance to fail, to the power of {k}, because other seeds make"
            " the starts independent.",
            gradings=n,
            bound=share(upper_bound(0, n)),
            promise=share(PROMISE),
            k=k,
        )


def warnings(calibration: Calibration) -> Iterator[Text]:
    """What hangs on the seed, and what else should not be so."""
    for found in calibration.findings:
        name, total = found.case.name, sum(found.verdicts.values())
        if found.hangs_on_the_seed:
            yield say(
                "{notebook}: the verdict hangs on the seed: of {total} gradings {verdicts}.",
                notebook=name,
                total=total,
                verdicts=counts(found.verdicts),
            )
        elif found.case.role in ("may_fail", "must_fail") and 0 < found.full.estimate < 1:
            yield say(
                "{notebook}: the verdict hangs on the seed: {total} gradings are {verdicts}, but from the chance of"
                " one start, {share} get full marks.",
                notebook=name,
                total=total,
                verdicts=counts(found.verdicts),
                share=interval(found.full),
            )
        if found.case.role == "must_fail" and found.full.estimate > 0:
            yield say(
                "{notebook}: must not pass, and {share} of the gradings give it full marks.",
                notebook=name,
                share=interval(found.full),
            )
        elif found.case.role == "must_fail" and found.some.estimate > 0:
            yield say(
                "{notebook}: must not pass, and {share} of the gradings give it a part of the marks.",
                notebook=name,
                share=interval(found.some),
            )
        if found.case.role == "unrelated" and found.standing == "broken":
            yield say(
                "{notebook}: its mistake is another criterion's to find, and {share} of the gradings take marks from"
                " it here too: name this criterion in its `also`, or mend the mistake's file.",
                notebook=name,
                share=interval(found.fails),
            )
        faults = sum(s.loss is None for s in found.starts)
        if found.case.must_pass and faults:
            yield say(
                "{notebook}: {count} of {total} starts gave no weights; a grading ends there.",
                notebook=name,
                count=faults,
                total=len(found.starts),
            )
    if calibration.missing:
        names = ", ".join(calibration.missing)
        yield say("not measured to the end, the same command goes on: {notebooks}.", notebooks=names)


def proposal_of(calibration: Calibration) -> tuple[Text, ...]:
    """What is proposed, or why nothing is."""
    if calibration.proposal is not None:
        return tuple(proposal_lines(calibration.proposal))
    return () if calibration.why_none is None else (calibration.why_none,)


def proposal_lines(proposal: Proposal) -> Iterator[Text]:
    """What is proposed, and what it would mean."""
    now, new = proposal.now, proposal.proposed
    if proposal.needed is None:
        yield say(
            "No thresholds and no number of starts up to {most} keep the promise for every right solution: look at"
            " the one that fails.",
            most=MOST_STARTS,
        )
    elif proposal.is_change:
        pairs = zip(Thresholds._fields, now, new, strict=True)
        changed = ", ".join(
            f"{key} {before:g} → {after:g}" for key, before, after in pairs if before != after
        )
        yield say("Proposed: {changed}.", changed=changed)
    else:
        yield say("Proposed: what the rubric says; nothing measured does better.")
    values = f"full_marks = {new.full_marks:g}, no_marks = {new.no_marks:g}, starts = {new.starts}"
    if (proposal.needed or 99) < new.starts:
        yield say(
            "{values} ({needed} would do for these right solutions)",
            values=values,
            needed=proposal.needed or 1,
        )
    else:
        yield say("{values}", values=values)
    if proposal.needed is not None and proposal.needed < new.starts and new.starts > 1:
        least = 1 - PROMISE ** (1 / new.starts)
        yield say(
            "More starts cost a right solution nothing: with {starts}, the promise holds for every program that"
            " learns from {share} of its starts or more.",
            starts=new.starts,
            share=share(least),
        )
    if proposal.right is not None:
        yield say(
            "A right solution fails at most so often: {share} ({notebook}, the worst).",
            share=interval(proposal.right.fails),
            notebook=proposal.right.case.name,
        )
    if proposal.wrong is not None:
        yield say(
            "A wrong one passes at most so often: {full}; it gets any marks: {some} ({notebook}, the worst).",
            full=interval(proposal.wrong.full),
            some=interval(proposal.wrong.some),
            notebook=proposal.wrong.case.name,
        )


def _reason(found: Finding, k: int) -> Text:
    n = len(found.starts)
    if found.is_fixed and found.full.estimate:
        return say(
            "{n} starts all end in the same weights: no chance is in it, and it always passes.",
            n=n,
        )
    if found.is_fixed:
        return say("{n} starts all end in the same weights: no chance is in it, and it always fails.", n=n)
    numbers = {"failed": n - round(found.one.estimate * n), "n": n}
    share_failed = interval(found.one.not_at_all())
    if k == 1:
        return say("{failed} of {n} starts fail, {share}.", share=share_failed, **numbers)
    return say(
        "{failed} of {n} starts fail, {share}; all {k} of a grading: {all}.",
        share=share_failed,
        k=k,
        all=interval(found.fails),
        **numbers,
    )
