import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.criteria.gradient_mistakes import Sample, exchanged, name_mistake
from grader.i18n import render

NUMBERS = st.floats(0.5, 100) | st.floats(-100, -0.5)
POINTS = st.lists(hnp.arrays(np.float64, 3, elements=NUMBERS), min_size=2, max_size=4)


def named(mine, true, sizes=None):
    samples = [Sample(m, t, s) for m, t, s in zip(mine, true, sizes or [{}] * len(true), strict=True)]
    found = name_mistake(samples, "w")
    return None if found is None else render(found.summary, "en")


@given(POINTS)
def test_the_sign_is_named_whatever_the_gradient(true):
    assert "wrong sign" in named([-t for t in true], true)


@given(POINTS)
def test_zero_is_named_whatever_the_gradient(true):
    assert "zero everywhere" in named([0 * t for t in true], true)


@given(POINTS, st.sampled_from(["n", "1/n", "2n", "n/2", "2/n", "1/(2n)", "n²", "1/n²"]))
def test_factors_of_the_size_are_told_apart(true, words):
    sizes = [{"n": n} for n in (3, 7, 11, 13)[: len(true)]]
    values = {
        **{"n": lambda n: n, "1/n": lambda n: 1 / n, "2n": lambda n: 2 * n, "n/2": lambda n: n / 2},
        **{
            "2/n": lambda n: 2 / n,
            "1/(2n)": lambda n: 0.5 / n,
            "n²": lambda n: n**2,
            "1/n²": lambda n: n**-2,
        },
    }
    mine = [values[words](size["n"]) * t for t, size in zip(true, sizes, strict=True)]
    assert f"is {words} times" in named(mine, true, sizes)


@given(POINTS, st.floats(0.1, 0.9) | st.floats(1.1, 1.9) | st.floats(2.1, 3.9))
def test_any_other_factor_is_told_as_a_number(true, factor):
    assert "times what it should be" in named([factor * t for t in true], true)


@given(POINTS)
def test_two_gradients_in_the_wrong_order_are_seen(true):
    both = [(t, t + 1) for t in true]
    assert exchanged([(b, a) for a, b in both], both) == (1, 0)
    assert exchanged(both, both) is None


@pytest.mark.parametrize("size", [2, 3])
def test_what_nothing_explains_has_no_name(size):
    rng = np.random.default_rng(0)
    true = [rng.normal(size=size) for _ in range(4)]
    assert named([rng.normal(size=size) for _ in range(4)], true) is None


def test_nan_has_no_name_here():
    assert named([np.array([np.nan])], [np.array([1.0])]) is None


def test_a_factor_near_one_is_called_nearly_right():
    rng = np.random.default_rng(0)
    true = [rng.normal(size=3) for _ in range(4)]
    assert "nearly right" in named([1.004 * t for t in true], true)


def test_one_row_an_example_is_seen_where_the_sum_is_right():
    rows = [np.arange(n * 2.0).reshape(n, 2) + 1 for n in (1, 4, 5)]
    assert "one row per example" in named(rows, [r.sum(axis=0) for r in rows])
