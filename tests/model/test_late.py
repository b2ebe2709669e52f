"""The late policy: what comes off, and what never does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.i18n import render
from grader.model.late import Extension, LatePolicy
from grader.model.report import GradeReport
from grader.model.verdict import Verdict
from tests.reports.builders import XOR, criterion, report

DUE = datetime(2026, 11, 23, 22, 59, tzinfo=UTC)
POLICY = LatePolicy(
    deadline=DUE,
    grace_minutes=Decimal(15),
    percent_per_day=Decimal(10),
    at_most_percent=Decimal(50),
    closes_after_days=Decimal(7),
)


def handed_in(after: timedelta | None, **more: Any) -> GradeReport:
    """Worth 4 points, 3 of them won; `after` the deadline."""
    made = report(criterion(), criterion(Verdict.PARTIALLY_ACCEPTED, id_="train.other"), **more)
    return made.model_copy(update={"handed_in_at": None if after is None else DUE + after})


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


@pytest.mark.parametrize(
    ("after", "points", "is_late"),
    [
        (hours(-1), "3", False),
        (hours(0), "3", False),
        (hours(0.25), "3", False),
        (hours(0.26), "2.6", True),
        (hours(24), "2.6", True),
        (hours(24.1), "2.2", True),
        (hours(24 * 5), "1", True),
        (hours(24 * 7), "1", True),
        (hours(24 * 7.1), "0", True),
    ],
)
def test_each_day_begun_costs_and_the_grace_does_not(after: timedelta, points: str, is_late: bool) -> None:
    late = POLICY.applied(handed_in(after))
    assert (late.points, late.late, late.out_of) == (Decimal(points), is_late, 4)
    assert bool(late.adjustments) == is_late
    assert late.verdict is handed_in(after).verdict


def test_line_says_when_and_why_in_both_languages() -> None:
    (line,) = POLICY.applied(handed_in(hours(27))).adjustments
    assert line.points == Decimal("-0.8")
    assert render(line.words, "en") == (
        "Handed in 2026-11-25 at 01:59, 1 d 3 h after the deadline (2026-11-23 at 22:59): 20 % of the 4 points"
        " are taken off."
    )
    assert "le 25/11/2026 à 01:59, 1 j 3 h après la date limite" in render(line.words, "fr")
    (closed,) = POLICY.applied(handed_in(hours(24 * 8))).adjustments
    assert "too late to count" in render(closed.words, "en")


def test_nothing_comes_off_where_nobody_knows_when_or_nothing_is_due() -> None:
    unknown = handed_in(None, late=True)
    assert POLICY.applied(unknown) is unknown
    other = LatePolicy(deadlines={"another": DUE}, percent_per_day=Decimal(10))
    late = handed_in(hours(48))
    assert other.applied(late) is late


def test_deadline_of_the_exercise_outranks_the_common_one() -> None:
    own = POLICY.model_copy(update={"deadlines": {XOR: DUE + hours(48)}})
    assert own.applied(handed_in(hours(47))).points == 3
    assert own.applied(handed_in(hours(49))).points == Decimal("2.6")


@pytest.mark.parametrize("student", ["12", "zoé  LEFÈVRE"])
def test_extension_is_for_one_student_by_identifier_or_whole_name(student: str) -> None:
    late = handed_in(hours(47), student="12", name="Zoé Lefèvre")
    for extension in (
        Extension(student=student, until=DUE + hours(48)),
        Extension(student=student, exercise=XOR, days=Decimal(2)),
    ):
        assert POLICY.model_copy(update={"extensions": (extension,)}).applied(late).points == 3
    for nobody in (
        Extension(student="Zoé", days=Decimal(2)),
        Extension(student="1", days=Decimal(2)),
        Extension(student=student, exercise="another", days=Decimal(2)),
    ):
        assert POLICY.model_copy(update={"extensions": (nobody,)}).applied(late).points == Decimal("2.2")


def test_extension_that_ends_before_the_deadline_takes_nothing_away() -> None:
    early = Extension(student="12", until=DUE - hours(48))
    on_time = handed_in(hours(-1), student="12")
    assert POLICY.model_copy(update={"extensions": (early,)}).applied(on_time).points == 3


def test_closed_exercise_waits_for_nobody() -> None:
    waiting = report(criterion(), criterion(Verdict.NEEDS_REVIEW, id_="text.why", kind="manual"))
    assert waiting.undecided > 0
    closed = POLICY.applied(waiting.model_copy(update={"handed_in_at": DUE + hours(24 * 30)}))
    assert (closed.points, closed.undecided, closed.is_complete) == (0, 0, True)


def test_policy_can_be_applied_again_and_be_moved() -> None:
    late = POLICY.applied(handed_in(hours(30)))
    assert POLICY.applied(late) == late
    moved = POLICY.model_copy(update={"deadline": DUE + hours(48)})
    assert moved.applied(late).points == 3
    assert moved.applied(late).adjustments == ()


numbers = st.decimals(min_value=0, max_value=100, places=2)


@given(numbers, numbers, st.integers(min_value=-200, max_value=2000), st.integers(min_value=0, max_value=40))
def test_later_never_pays_more_and_no_total_is_below_0(
    per_day: Decimal, most: Decimal, after: int, more: int
) -> None:
    policy = LatePolicy(
        deadline=DUE, percent_per_day=per_day, at_most_percent=most, closes_after_days=Decimal(30)
    )
    earlier, later = (policy.applied(handed_in(hours(h))).points for h in (after, after + more))
    assert earlier is not None
    assert later is not None
    assert 0 <= later <= earlier <= 3
