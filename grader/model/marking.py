"""Puts people's marks over a grade that the machine gave. Pure; called by whoever reads grades from the store."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal

from grader.model import totals
from grader.model.adjustment import Adjustment
from grader.model.judgement import Judgement
from grader.model.mark import TAKEN_OFF, HandMark, Marked
from grader.model.report import CriterionResult, GradeReport
from grader.model.text import say
from grader.model.verdict import Verdict

_CENT = Decimal("0.01")


def standing_marks(history: Iterable[HandMark]) -> tuple[HandMark, ...]:
    """Of a history, oldest first: the marks that nobody took back, oldest first."""
    stacks: dict[tuple[str, str, str], list[HandMark]] = {}
    for mark in history:
        stack = stacks.setdefault((mark.student, mark.exercise, mark.criterion), [])
        if mark.points is not None:
            stack.append(mark)
        elif stack:
            stack.pop()
    return tuple(sorted((m for stack in stacks.values() for m in stack), key=lambda m: m.given_at))


def with_marks(
    report: GradeReport, standing: Sequence[HandMark], same_content: Collection[str] = ()
) -> GradeReport:
    """The grade in which, of each criterion, the newest mark for this very notebook outranks the machine.

    `same_content` are the SHA-256 of other files whose cells say the same: marks for them hold, too. Marks for other
    notebooks of the student are passed over. Marks of a group's members are the group's. The grade may have marks over
    it already: they give way.
    """
    own = {report.student, *(member.student for member in report.members)}
    newest = {
        mark.criterion: mark
        for mark in standing
        if mark.student in own
        and mark.exercise == report.exercise
        and (mark.notebook_sha256 == report.notebook_sha256 or mark.notebook_sha256 in same_content)
    }
    plain = tuple(without_mark(result) for result in report.criteria)
    results = tuple(_outranked(r, newest[r.id]) if r.id in newest else r for r in plain)
    others = tuple(adjustment for adjustment in report.adjustments if adjustment.kind != "person")
    taken = (_taken_off(newest[TAKEN_OFF]),) if TAKEN_OFF in newest else ()
    if results == report.criteria and (*others, *taken) == report.adjustments:
        return report
    report = report.model_copy(update={"adjustments": (*others, *taken)})
    return totals.with_total(report, results)


def without_mark(result: CriterionResult) -> CriterionResult:
    """What the machine said of the criterion."""
    if result.marked is None:
        return result
    machine = {"judgement": result.marked.judgement, "points": result.marked.points, "marked": None}
    return result.model_copy(update=machine)


def _taken_off(mark: HandMark) -> Adjustment:
    words = say("{reason}", reason=mark.reason)
    return Adjustment(kind="person", points=-(mark.points or Decimal(0)), words=words, mark=mark)


def _outranked(result: CriterionResult, mark: HandMark) -> CriterionResult:
    """Where the criterion is worth something else by now, the mark keeps its share."""
    given = mark.points or Decimal(0)
    if mark.out_of == 0:
        share = Decimal(1) if given == mark.out_of else Decimal(0)
        points = share * result.out_of
    elif mark.out_of == result.out_of:
        share, points = given / mark.out_of, given
    else:
        share = given / mark.out_of
        points = (share * result.out_of).quantize(_CENT, ROUND_HALF_UP)
    verdict = (
        Verdict.ACCEPTED if share == 1 else Verdict.PARTIALLY_ACCEPTED if share else Verdict.WRONG_ANSWER
    )
    machine = result.judgement
    judgement = Judgement(
        verdict=verdict,
        score=share,
        summary=say("Marked by a person: {reason}", reason=mark.reason),
        where=machine.where,
        staff_note=machine.staff_note,
        cell=machine.cell,
    )
    marked = Marked(mark=mark, judgement=machine, points=result.points)
    return result.model_copy(update={"judgement": judgement, "points": points, "marked": marked})
