"""When arrays are close enough: within tolerance, element by element, never broadcast, never NaN."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from grader.model.text import Text, say


def is_close(got: npt.NDArray[Any], wanted: npt.NDArray[Any], rtol: float, atol: float) -> bool:
    """Whether shapes are equal and all elements within tolerance; false where either has NaN or infinity."""
    if got.shape != wanted.shape:
        return False
    a, b = wide(got), wide(wanted)
    with np.errstate(invalid="ignore", over="ignore"):
        near = np.abs(a - b) <= atol + rtol * np.abs(b)
    return bool(np.all(near & np.isfinite(a) & np.isfinite(b)))


def is_same(got: npt.NDArray[Any], wanted: npt.NDArray[Any], rtol: float, atol: float) -> bool:
    """As `is_close`, but NaN equals NaN and infinity itself: two wrong answers may be the same."""
    if got.shape != wanted.shape:
        return False
    return bool(np.allclose(wide(got), wide(wanted), rtol=rtol, atol=atol, equal_nan=True))


def unmatched_rows(
    got: Sequence[npt.NDArray[Any]], wanted: Sequence[npt.NDArray[Any]], rtol: float, atol: float
) -> int:
    """How many rows of `wanted` have no partner in `got`, in any order.

    Arrays of one sequence share their first dimension; row `i` of all of them together is one row.
    """
    mine = np.hstack([wide(array).reshape(len(array), -1) for array in got])
    theirs = np.hstack([wide(array).reshape(len(array), -1) for array in wanted])
    free = list(range(len(mine)))
    unmatched = 0
    for row in theirs:
        found = next((i for i in free if is_close(mine[i], row, rtol, atol)), None)
        if found is None:
            unmatched += 1
        else:
            free.remove(found)
    return unmatched


def relative_size(distance: npt.NDArray[Any], wanted: npt.NDArray[Any]) -> Text:
    """The greatest difference as a share of the greatest expected value, in rough words."""
    largest = float(np.max(np.abs(wanted), initial=0.0))
    percent = 100 * float(np.max(distance, initial=0.0)) / largest if largest > 0 else np.inf
    if percent >= 1000:
        return say("more than ten times their size")
    if percent >= 1:
        return say("{percent} % of their size", percent=round(percent))
    return say("{percent} % of their size", percent=float(f"{percent:.1g}"))


def wide(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """In float64, or complex128."""
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)
