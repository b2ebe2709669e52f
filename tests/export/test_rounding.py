from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.export.rounding import Scale, fixed, shown

POINTS = st.decimals(0, 100, places=2)


@pytest.mark.parametrize(
    ("points", "out_of", "step", "grade"),
    [
        ("37", "56", "0.01", "13.21"),
        ("1", "8", "0.25", "2.5"),
        ("13.125", "20", "0.25", "13.25"),
        ("13.124", "20", "0.25", "13"),
        ("0.005", "20", "0.01", "0.01"),
        ("19.9", "20", "3", "20"),
        ("0", "20", "0.01", "0"),
        ("0", "0", "0.01", "0"),
    ],
)
def test_half_goes_up(points: str, out_of: str, step: str, grade: str) -> None:
    assert Scale(step=Decimal(step)).of(Decimal(points), Decimal(out_of)).grade == Decimal(grade)


@given(POINTS, st.decimals("0.01", 100, places=2), st.sampled_from(["0.01", "0.1", "0.25", "0.5", "1"]))
def test_a_grade_is_the_nearest_step_and_never_above_the_top(
    points: Decimal, out_of: Decimal, step: str
) -> None:
    scale = Scale(step=Decimal(step))
    rounded = scale.of(min(points, out_of), out_of)
    assert 0 <= rounded.grade <= 20
    assert rounded.grade % Decimal(step) == 0
    assert abs(rounded.exact - Fraction(rounded.grade)) <= Fraction(step) / 2
    assert rounded.is_exact == (rounded.exact == Fraction(rounded.grade))


def test_numbers_are_shown_short_and_written_with_all_places() -> None:
    assert shown(Fraction(185, 14), ",") == "13,2143"
    assert (shown(Decimal("18.00")), shown(Decimal("100")), shown(Decimal(0))) == ("18", "100", "0")
    assert fixed(Decimal("13.2"), ",", 2) == "13,20"
    assert fixed(Decimal("13.125"), ".", 2) == "13.125"
    assert fixed(Decimal(20), ".", 0) == "20"
