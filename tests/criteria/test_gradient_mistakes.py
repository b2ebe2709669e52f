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


TRUE = [np.random.default_rng(seed).uniform(1, 3, size=(2, 2)) for seed in range(4)]
ROWS = [np.random.default_rng(seed).uniform(1, 3, size=(n, 2)) for seed, n in enumerate((3, 1, 5, 7))]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda t: -t, "wrong sign"),
        (lambda t: 0 * t, "zero everywhere"),
        (lambda t: 2 * t, "is 2 times"),
        (lambda t: 0.7 * t, "0.7 times"),
        (lambda t: t.T, "transposed"),
        (lambda t: t + 0.5, "off by the same number"),
        (lambda t: t + np.array([[0, 0], [0, 1]]), "wrong in element [1, 1]"),
        (lambda t: 1.004 * t, "nearly right"),
    ],
)
def test_each_mistake_is_named_where_it_explains_all_cases_and_not_where_one_is_otherwise_wrong(wrong, says):
    mine = [wrong(t) for t in TRUE]
    assert says in named(mine, TRUE)
    otherwise = TRUE[-1] * np.array([[1.3, -0.2], [5.0, 1.9]])
    assert says not in (named([*mine[:-1], otherwise], TRUE) or "")


def test_one_row_an_example_is_not_said_where_one_case_of_one_example_is_wrong():
    true = [r.sum(axis=0) for r in ROWS]
    assert "one row per example" in named(ROWS, true, [{"n": len(r)} for r in ROWS])
    spoiled = [r if len(r) > 1 else r + 1 for r in ROWS]
    assert named(spoiled, true, [{"n": len(r)} for r in ROWS]) is None


def test_the_gradient_repeated_is_not_told_as_one_row_an_example():
    repeated = [np.repeat(t[None, 0], 4, axis=0) for t in TRUE]
    assert named(repeated, [t[0] for t in TRUE]) is None


def test_rows_that_are_not_as_many_as_the_examples_are_not_told_as_theirs():
    true = [r.sum(axis=0) for r in ROWS]
    assert named(ROWS, true, [{"n": 40} for _ in ROWS]) is None
