"""Closeness: what is within tolerance is close, what is not a number is close to nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from grader.criteria.closeness import is_close, unmatched_rows

RTOL, ATOL = 1e-4, 1e-5
FINITE = arrays(np.float64, array_shapes(max_dims=3, max_side=4), elements=st.floats(-1e6, 1e6))


@given(FINITE)
def test_equal_arrays_are_close(array):
    assert is_close(array, array.copy(), RTOL, ATOL)


@given(FINITE, st.sampled_from([np.nan, np.inf, -np.inf]), st.data())
def test_what_is_not_finite_is_close_to_nothing_not_even_itself(array, bad, data):
    spoilt = array.copy()
    spoilt.flat[data.draw(st.integers(0, array.size - 1))] = bad
    assert not is_close(spoilt, array, RTOL, ATOL)
    assert not is_close(array, spoilt, RTOL, ATOL)
    assert not is_close(spoilt, spoilt, RTOL, ATOL)


@given(FINITE, st.data())
def test_one_element_beyond_tolerance_is_enough(array, data):
    other = array.copy()
    where = data.draw(st.integers(0, array.size - 1))
    other.flat[where] += 2 * (ATOL + RTOL * abs(array.flat[where])) * data.draw(st.sampled_from([-1, 1]))
    assert not is_close(other, array, RTOL, ATOL)


@pytest.mark.parametrize("got", [np.zeros(()), np.zeros((1, 4)), np.zeros((4, 1)), np.zeros(3)])
def test_another_shape_is_never_stretched(got):
    assert not is_close(got, np.zeros(4), RTOL, ATOL)


def test_whole_numbers_do_not_wrap_around():
    assert not is_close(np.array([255], np.uint8), np.array([-1], np.int64), RTOL, ATOL)


@given(arrays(np.float64, (4, 2), elements=st.floats(-100, 100)), st.permutations(range(4)))
def test_rows_find_their_partners_in_any_order(rows, order):
    assert unmatched_rows([rows[list(order)]], [rows], RTOL, ATOL) == 0


def test_one_row_is_the_partner_of_one_row_only():
    assert unmatched_rows([np.zeros((2, 1))], [np.array([[0.0], [1.0]])], RTOL, ATOL) == 1
