"""From what was measured to findings and a proposal, and from a proposal to the text of the rubric."""

from __future__ import annotations

import difflib
import tomllib

from grader.authoring.calibration.chances import LEAST, finding
from grader.authoring.calibration.measuring import Measuring
from grader.authoring.calibration.proposal import MOST_STARTS, Proposal, propose
from grader.authoring.calibration.report import Calibration
from grader.authoring.calibration.starts import Thresholds
from grader.authoring.rubric_edit import with_values
from grader.catalog import parse_rubric
from grader.criteria import KINDS
from grader.model.text import say


def calibration_of(measuring: Measuring, *, is_whole: bool) -> Calibration:
    """Judge what is known; `is_whole`: whether all cases of the criterion are looked at, and not some by name."""
    plan = measuring.plan
    criterion = plan.criterion
    now = Thresholds(criterion.full_marks, criterion.no_marks, plan.a_sitting)
    measured = {case.name: measuring.starts(case) for case in plan.cases}
    missing = tuple(case.name for case in plan.cases if not measuring.is_done(case))
    why_none = None
    if not is_whole:
        why_none = say("No proposal: it needs all notebooks, and --only names some.")
    elif plan.starts < LEAST:
        why_none = say(
            "No proposal: it needs at least {least} starts of each notebook (--starts {least}).", least=LEAST
        )
    elif missing:
        why_none = say("No proposal: not everything is measured yet.")
    most = 1 if criterion.reads_state else MOST_STARTS
    return Calibration(
        exercise=plan.exercise.id,
        criterion=criterion.id,
        thresholds=now,
        findings=tuple(finding(c, measured[c.name], now) for c in plan.cases if measured[c.name]),
        missing=missing,
        proposal=None if why_none else propose(plan.cases, measured, now, most_starts=most),
        why_none=why_none,
    )


def with_proposal(rubric: str, criterion: str, proposal: Proposal) -> str:
    """The text of a `rubric.toml` with what is proposed; comments stay.

    Raises: ConfigError, RubricError when the text is no rubric.
    """
    pairs = zip(Thresholds._fields, proposal.now, proposal.proposed, strict=True)
    changed = [(f"criteria.{criterion}.{key}", repr(new)) for key, old, new in pairs if old != new]
    text = with_values(rubric, changed)
    parse_rubric(tomllib.loads(text), KINDS, origin="what is proposed")
    return text


def diff(before: str, after: str, name: str, proposed: str) -> str:
    """What changes in a file, as a unified diff; `proposed` names the file as it would be."""
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), name, proposed
    )
    return "".join(lines)
