import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.criteria.closeness import is_close, unmatched_rows
from grader.criteria.comparison import Rules, compare
from grader.criteria.structure import parts
from grader.i18n import render
from grader.model.probe import Leaf
from tests.criteria.builders import leaf, value

RULES = Rules()
FINITE = st.floats(-1e6, 1e6, width=32)
SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, max_side=4)
ARRAYS = hnp.arrays(np.float32, SHAPES, elements=FINITE)


@given(ARRAYS)
def test_everything_finite_equals_itself(array):
    assert compare(leaf(array), leaf(array), RULES) is None


@given(ARRAYS.filter(lambda a: a.size > 0), st.data())
def test_one_nan_or_infinity_equals_nothing_not_even_itself(array, data):
    spoiled = array.copy()
    index = data.draw(st.integers(0, array.size - 1))
    spoiled.reshape(-1)[index] = data.draw(st.sampled_from([np.nan, np.inf, -np.inf]))
    for wanted in (array, spoiled):
        difference = compare(leaf(spoiled), leaf(wanted), RULES)
        assert difference is not None
        assert difference.way == "finite"
    assert not is_close(array, spoiled, 1.0, 1.0)


@given(ARRAYS, ARRAYS)
def test_other_shapes_never_agree(first, second):
    if first.shape != second.shape:
        difference = compare(leaf(first), leaf(second), RULES)
        assert difference is not None
        assert difference.way == "shape"


@given(ARRAYS, st.floats(-1, 1))
def test_agreement_is_the_stated_tolerance(array, shift):
    moved = (array.astype(np.float64) + shift).reshape(array.shape)
    wanted = array.astype(np.float64)
    expected = bool(np.all(np.abs(moved - wanted) <= 1e-5 + 1e-4 * np.abs(wanted)))
    assert (compare(leaf(moved), leaf(wanted), RULES) is None) is expected


@given(hnp.arrays(np.float32, (5, 2), elements=st.integers(0, 3)), st.permutations(range(5)))
def test_any_permutation_of_rows_agrees_where_the_order_is_free(array, order):
    rules = Rules(rows_in_any_order=True)
    assert compare(leaf(array[order]), leaf(array), rules) is None
    assert unmatched_rows([array[order]], [array], 0, 0) == 0


@given(
    hnp.arrays(np.float32, (3, 2), elements=st.integers(0, 2)),
    hnp.arrays(np.float32, (3, 2), elements=st.integers(0, 2)),
)
def test_rows_in_any_order_are_compared_as_a_multiset(first, second):
    rules = Rules(rows_in_any_order=True)
    same = sorted(map(tuple, first.tolist())) == sorted(map(tuple, second.tolist()))
    assert (compare(leaf(first), leaf(second), rules) is None) is same


@pytest.mark.parametrize(
    ("got", "wanted", "way", "word"),
    [
        (np.ones(3, np.float32), np.ones((3, 1), np.float32), "shape", "lacks a dimension"),
        (np.ones((3, 1), np.float32), np.ones(3, np.float32), "shape", "too many"),
        (np.ones((2, 3), np.float32), np.ones((3, 2), np.float32), "shape", "transposed"),
        (np.ones(4, np.float32), np.ones(3, np.float32), "shape", "not right"),
        (np.ones(1, np.float32), np.float32(1), "shape", "scalar"),
        (np.ones(3, np.int64), np.ones(3, np.float32), "dtype", "dtype"),
        (np.ones(3, bool), np.ones(3, np.float32), "dtype", "dtype"),
        (np.full(3, np.nan, np.float32), np.ones(3, np.float32), "finite", "NaN"),
        (np.full(3, 2, np.float32), np.ones(3, np.float32), "values", "values"),
        (None, np.ones(3, np.float32), "kind", "`return`"),
        ("text", np.ones(3, np.float32), "kind", "something else"),
        ({"a": 1.0}, {"b": 1.0}, "count", "missing"),
        (True, 1.0, "dtype", "dtype"),
    ],
)
def test_each_way_to_be_wrong_has_its_own_words(got, wanted, way, word):
    difference = compare(value(got), value(wanted), RULES)
    assert difference is not None
    assert difference.way == way
    assert word in render(difference.summary, "en")


@pytest.mark.parametrize("number", [2, 2.0, np.float32(2.0)])
def test_whatever_behaves_as_the_number_is_the_number(number):
    wanted = Leaf(array=np.asarray(2.0), made_of="float")
    assert compare(value(number), wanted, RULES) is None


def test_a_list_of_numbers_and_an_array_of_them_agree_where_a_list_is_asked_for():
    assert compare(leaf(np.array([1.0, 2.0])), value([1.0, 2.0]), RULES) is None


def test_a_tuple_of_numbers_splits_into_its_elements():
    given_parts = parts(value((1.0, 2.0)))
    assert given_parts is not None
    assert [p.made_of for p in given_parts] == ["float", "float"]
    assert compare(value((1.0, 2.0)), value((1.0, 2.0)), RULES) is None
    difference = compare(value((1.0, 3.0)), value((1.0, 2.0)), RULES)
    assert difference is not None
    assert render(difference.where, "en") == "result 2 of 2"


def test_the_greatest_difference_and_its_index_are_for_the_staff():
    difference = compare(leaf(np.array([[1.0, 5.0]])), leaf(np.array([[1.0, 2.0]])), RULES)
    assert difference is not None
    assert "greatest absolute difference 3 at index (0, 1)" in difference.staff
    assert render(difference.got, "en") == "1 of 2 values differ, by up to 150 % of their size"


def test_a_difference_from_zero_has_a_size_in_words():
    difference = compare(leaf(np.array([1.0])), leaf(np.array([0.0])), RULES)
    assert difference is not None
    assert "more than ten times" in render(difference.got, "en")


def test_the_elements_of_a_list_are_described_where_they_are_alike():
    tensors = value([np.ones(1, np.float32)] * 3)
    difference = compare(tensors, value([1.0, 2.0, 3.0]), RULES)
    assert difference is not None
    assert render(difference.got, "en") == "a list of 3, each a tensor of shape [1], float32"
    assert render(difference.expected, "en") == "a list of 3 (float)"


SINGLE, DOUBLE = np.ones(3, np.float32), np.ones(3, np.float64)


@pytest.mark.parametrize(
    ("dtypes", "got", "wanted", "agrees"),
    [
        ("any", SINGLE, DOUBLE, True),
        ("as_precise", SINGLE, DOUBLE, False),
        ("as_precise", DOUBLE, SINGLE, True),
        ("equal", DOUBLE, SINGLE, False),
        ("equal", DOUBLE, DOUBLE, True),
        ("as_precise", 2, 2.0, True),
        ("equal", 2, 2.0, False),
        ("equal", 2.0, 2.0, True),
        ("equal", np.float64(2.0), 2.0, False),
    ],
)
def test_dtypes_agree_as_the_rule_says(dtypes, got, wanted, agrees):
    difference = compare(value(got), value(wanted), Rules(dtypes=dtypes))
    assert (difference is None) is agrees


def test_another_dtype_is_told_by_both_names():
    difference = compare(leaf(SINGLE), leaf(DOUBLE), Rules(dtypes="as_precise"))
    assert render(difference.summary, "en") == "The result is `float32`, and `float64` is asked for."


def test_equal_infinities_agree_only_where_two_wrong_answers_are_compared():
    infinite = leaf(np.array([1.0, np.inf, np.nan]))
    assert compare(infinite, infinite, RULES) is not None
    alike = Rules(infinities_agree=True)
    assert compare(infinite, infinite, alike) is None
    assert compare(infinite, leaf(np.array([1.0, -np.inf, np.nan])), alike) is not None


def test_none_in_an_entry_is_not_told_as_a_missing_return():
    difference = compare(value({"gradient": None}), value({"gradient": SINGLE}), RULES)
    assert "`return`" not in render(difference.summary, "en")
    assert difference.lacks_value
    assert "`return`" in render(compare(value(None), leaf(SINGLE), RULES).summary, "en")


def test_entries_are_told_in_the_references_order():
    wanted = value({"second": 2.0, "first": 1.0})
    difference = compare(value({"first": 0.0, "second": 0.0}), wanted, RULES)
    assert render(difference.where, "en") == "`second`"


def test_a_list_for_a_scalar_tensor_is_not_told_as_a_tensor_of_one_element():
    given = Leaf(array=np.ones(1), made_of="list of Tensor")
    difference = compare(given, leaf(np.float32(1)), Rules(numbers_for_tensors=True))
    assert difference.way == "kind"
