from __future__ import annotations

from decimal import Decimal

from grader.export.marks import marks_of, without_manual
from grader.i18n import render
from grader.model.verdict import Verdict
from tests.reports.builders import REGRESSION, XOR, criterion, report

RIGHT = criterion()
HALF = criterion(Verdict.PARTIALLY_ACCEPTED, points="2")
WAITING = criterion(Verdict.NEEDS_REVIEW, id_="b.b")
BROKEN = criterion(Verdict.JUDGE_ERROR, id_="b.c")


def why(*reports, exercises=(), missing_is_zero=False):
    (mark,) = [m for m in marks_of(reports, exercises, missing_is_zero=missing_is_zero) if m.student == "12"]
    return mark.points, None if mark.open is None else render(mark.open, "en")


def test_points_add_up_over_exercises() -> None:
    (mark,) = marks_of([report(RIGHT), report(HALF, exercise_id=REGRESSION)])
    assert (mark.points, mark.out_of) == (Decimal(3), Decimal(4))
    assert [r.exercise for r in mark.reports] == [REGRESSION, XOR]


def test_open_points_and_the_graders_failures_leave_no_grade() -> None:
    assert why(report(RIGHT, WAITING)) == (None, "points that wait for a person: 2")
    assert why(report(RIGHT, BROKEN)) == (None, "the grader could not tell")
    free = criterion(Verdict.JUDGE_ERROR, id_="b.d", points="0")
    assert why(report(RIGHT, free)) == (None, "the grader could not tell")


def test_a_missing_notebook_is_zero_only_when_that_is_said() -> None:
    others = report(RIGHT, student="13", exercise_id=REGRESSION)
    assert why(report(RIGHT), others) == (None, f"no notebook for {REGRESSION}")
    assert why(report(RIGHT), others, missing_is_zero=True) == (Decimal(2), None)
    assert why(report(RIGHT, WAITING), others, missing_is_zero=True)[0] is None
    assert why(report(RIGHT), others, exercises=[XOR]) == (Decimal(2), None)


def test_who_has_nothing_of_what_counts_has_no_mark_at_all() -> None:
    assert marks_of([report(RIGHT)], [REGRESSION], missing_is_zero=True) == ()


def test_an_exercise_of_no_worth_gives_no_grade() -> None:
    assert why(report(criterion(points="0")))[0] is None


def test_what_a_person_marks_can_be_left_out_marked_or_not_and_nothing_else() -> None:
    open_ = criterion(Verdict.NEEDS_REVIEW, id_="b.m", kind="manual", points="3")
    marked = criterion(Verdict.ACCEPTED, id_="b.m", kind="manual", points="3")
    for manual in (open_, marked):
        left = without_manual(report(RIGHT, HALF, manual))
        (mark,) = marks_of([left])
        assert (mark.points, mark.out_of) == (Decimal(3), Decimal(4))
    assert why(without_manual(report(RIGHT, open_, WAITING)))[1] == "points that wait for a person: 2"
    assert why(without_manual(report(open_)))[0] is None
