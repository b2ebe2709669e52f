from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.model.mark import HandMark
from grader.model.marking import standing_marks, with_marks
from grader.model.report import GradeReport
from grader.model.verdict import Verdict
from tests.reports.builders import criterion, report

START = datetime(2026, 11, 24, tzinfo=UTC)


def mark(points: str | None, *, out_of: str = "2", when: int = 0, **changes: object) -> HandMark:
    given_mark = HandMark(
        student="12",
        exercise="03_XOR_pytorch",
        criterion="a.text",
        points=None if points is None else Decimal(points),
        out_of=Decimal(out_of),
        reason="Right, but short.",
        author="marie",
        given_at=START + timedelta(minutes=when),
        notebook_sha256="ab" * 32,
    )
    return given_mark.model_copy(update=changes)


def graded(verdict: Verdict = Verdict.NEEDS_REVIEW, points: str = "2") -> GradeReport:
    return report(
        criterion(id_="a.code"), criterion(verdict, id_="a.text", kind="manual", points=points, cell=3)
    )


def test_mark_pays_the_criterion_and_completes_the_grade() -> None:
    marked = with_marks(graded(), [mark("1.5")])
    assert (marked.points, marked.undecided, marked.out_of) == (Decimal("3.5"), 0, 4)
    assert marked.is_complete
    text = marked.criteria[1]
    assert text.judgement.verdict is Verdict.PARTIALLY_ACCEPTED
    assert text.judgement.summary.args == {"reason": "Right, but short."}
    assert text.judgement.cell == 3
    assert text.marked is not None
    assert text.marked.judgement.verdict is Verdict.NEEDS_REVIEW
    assert text.marked.points is None


@pytest.mark.parametrize(
    ("points", "verdict"),
    [("0", Verdict.WRONG_ANSWER), ("0.01", Verdict.PARTIALLY_ACCEPTED), ("2", Verdict.ACCEPTED)],
)
def test_mark_outranks_what_the_machine_judged(points: str, verdict: Verdict) -> None:
    for machine in (Verdict.ACCEPTED, Verdict.WRONG_ANSWER, Verdict.SKIPPED, Verdict.JUDGE_ERROR):
        marked = with_marks(graded(machine), [mark(points)])
        assert marked.criteria[1].judgement.verdict is verdict
        assert marked.criteria[1].points == Decimal(points)
        assert not marked.has_judge_error


def test_mark_for_another_notebook_student_exercise_or_criterion_counts_for_nothing() -> None:
    before = graded()
    others: list[dict[str, object]] = [
        {"notebook_sha256": "cd" * 32},
        {"student": "13"},
        {"exercise": "02_autograd"},
        {"criterion": "a.gone"},
    ]
    for other in others:
        assert with_marks(before, [mark("2", **other)]) is before


def test_newest_mark_counts_and_without_any_the_machine_s_grade_comes_back() -> None:
    before = graded()
    marked = with_marks(before, standing_marks([mark("1"), mark("2", when=1)]))
    assert marked.points == 4
    back = with_marks(marked, [])
    assert (back.criteria, back.points, back.undecided) == (before.criteria, before.points, before.undecided)


def test_taking_back_lets_the_mark_before_hold_and_then_the_machine() -> None:
    history = [mark("1"), mark("2", when=1), mark(None, when=2)]
    assert with_marks(graded(), standing_marks(history)).points == 3
    assert standing_marks([*history, mark(None, when=3)]) == ()
    assert standing_marks([mark(None), mark("1", when=1)]) == (mark("1", when=1),)


def test_mark_keeps_its_share_where_the_criterion_is_worth_something_else() -> None:
    assert with_marks(graded(points="4"), [mark("1")]).criteria[1].points == 2
    assert with_marks(graded(points="1"), [mark("1", out_of="3")]).criteria[1].points == Decimal("0.33")
    assert with_marks(graded(points="1"), [mark("0", out_of="0")]).criteria[1].points == 1


@given(st.lists(st.sampled_from(["0", "0.5", "1.25", "2", None]), max_size=8))
def test_points_of_a_marked_grade_are_the_sum_of_its_criteria(points: list[str | None]) -> None:
    history = [mark(p, when=place) for place, p in enumerate(points)]
    marked = with_marks(graded(), standing_marks(history))
    assert marked.points == sum((r.points for r in marked.criteria if r.points is not None), Decimal(0))
    assert (marked.undecided == 0) == bool(standing_marks(history))
