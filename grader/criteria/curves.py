"""Whether something drawn shows given data: points, a fitted line, or a series such as a loss curve."""

from __future__ import annotations

import numpy as np

from grader.criteria.network import Floats
from grader.criteria.pictures import Drawn

MOST = 2_000
"""Points compared one by one; more are thinned evenly."""
SHOWN = 0.5
"""A share of the points, or of the range in x, that must be seen."""
NEAR = 0.004
"""Of the range of the data: the same line, and not merely one beside it."""


def shows_points(drawn: Drawn, x: Floats, y: Floats) -> bool:
    """Whether most of the pairs `(x, y)` are there as points, in any order, and little else."""
    if drawn.kind == "bars" or not drawn.marked or x.size != y.size:
        return False
    wanted, got = _pairs(x, y), _pairs(drawn.x, drawn.y)
    if not len(wanted) or not len(got):
        return False
    scale = np.maximum(np.ptp(wanted, axis=0), 1e-12)
    gaps = np.abs(wanted[:, None] / scale - got[None] / scale).max(axis=2)
    return (
        float((gaps.min(axis=1) < 1e-3).mean()) >= SHOWN and float((gaps.min(axis=0) < 1e-3).mean()) >= SHOWN
    )


def shows_line(drawn: Drawn, x: Floats, y: Floats, spread: float = 0.0, near: float = NEAR) -> bool:
    """Whether the points `(x, y)` lie on the line drawn, as far as it reaches.

    `spread` is the range of the data that the line belongs to: nearness is measured by it.
    """
    if drawn.kind == "bars" or not drawn.joined:
        return False
    line, wanted = _pairs(drawn.x, drawn.y), _pairs(x, y)
    if not len(line) and not len(wanted):
        return drawn.y.size > 0  # a training that diverged: the line is where its numbers are, nowhere
    if len(line) < 2 or len(wanted) < 2:
        return False
    line = line[np.argsort(line[:, 0], kind="stable")]
    low, high = line[0, 0], line[-1, 0]
    width = float(np.ptp(wanted[:, 0]))
    inside = (wanted[:, 0] >= low - 1e-6 * width) & (wanted[:, 0] <= high + 1e-6 * width)
    if high - low < SHOWN * width or not inside.any():
        return False
    between = np.interp(wanted[inside, 0], line[:, 0], line[:, 1])
    allowed = near * max(float(np.ptp(wanted[:, 1])), spread, 1e-12)
    return bool(np.all(np.abs(between - wanted[inside, 1]) <= allowed)) and _is_function(line, allowed)


def shows_series(drawn: Drawn, series: Floats) -> bool:
    """Whether the values are the heights drawn: all of them, every k-th, smoothed, or their logarithm."""
    heights = drawn.y
    if heights.size < min(3, series.size) or heights.size > 2 * series.size:
        return False
    with np.errstate(divide="ignore", invalid="ignore"):
        scales = [series, np.log10(series), np.log(series), np.sqrt(series)]
    return any(_same_series(heights, one) for one in scales if np.isfinite(one).any())


def _same_series(heights: Floats, series: Floats) -> bool:
    n, m = series.size, heights.size
    if m == n and np.allclose(heights, series, rtol=1e-3, atol=1e-7, equal_nan=True):
        return True
    finite = np.isfinite(series)
    if m < 2 or finite.sum() < 2:
        return False
    for stride in {max(1, n // m), -(-n // m), max(1, round(n / m))}:
        for start in {0, stride - 1, 1, n - 1 - (m - 1) * stride}:
            part = series[start::stride][:m] if start >= 0 else series[:0]
            if part.size == m and np.allclose(heights, part, rtol=1e-3, atol=1e-7, equal_nan=True):
                return True
    return _smoothed(heights, series)


def _smoothed(heights: Floats, series: Floats) -> bool:
    """Whether the heights run along a moving average of the series."""
    n, m = series.size, heights.size
    if not np.isfinite(series).all() or not np.isfinite(heights).all() or m < 0.2 * n:
        return False
    windows = {n - m + 1} if m < n else {2, 3, 5, 10, 20, 25, 50, 100}
    sums = np.concatenate([[0.0], np.cumsum(series)])
    for window in windows:
        if 1 < window < n:
            average = (sums[window:] - sums[:-window]) / window
            mine = heights if m == average.size else heights[window - 1 :] if m == n else heights[:0]
            if mine.size == average.size and np.allclose(mine, average, rtol=1e-2, atol=1e-6):
                return True
    if m == n:
        return _exponentially(heights, series)
    return False


def _exponentially(heights: Floats, series: Floats) -> bool:
    """`h[t] = a h[t-1] + (1 - a) s[t]` with one `a` for all."""
    gaps = series[1:] - heights[:-1]
    steps = heights[1:] - heights[:-1]
    rate = float(steps @ gaps / max(float(gaps @ gaps), 1e-300))
    scale = float(np.ptp(series)) + 1e-12
    return (
        0.005 < rate <= 1.0
        and bool(np.all(np.abs(steps - rate * gaps) <= 1e-3 * scale))
        and (abs(heights[0] - series[0]) <= 0.2 * scale)
    )


def is_straight(drawn: Drawn) -> bool:
    """Whether all points lie on one straight line."""
    pairs = _pairs(drawn.x, drawn.y)
    if len(pairs) < 3:
        return True
    centred = (pairs - pairs.mean(axis=0)) / np.maximum(np.ptp(pairs, axis=0), 1e-12)
    return bool(np.linalg.svd(centred, compute_uv=False)[1] < 1e-4 * np.sqrt(len(pairs)))


def _pairs(x: Floats, y: Floats) -> Floats:
    """`[n, 2]`, finite, thinned evenly."""
    both = np.stack([x.ravel(), y.ravel()], axis=1)
    both = both[np.isfinite(both).all(axis=1)]
    if len(both) <= MOST:
        return both
    return both[np.linspace(0, len(both) - 1, MOST).round().astype(np.int64)]


def _is_function(line: Floats, allowed: float) -> bool:
    """Whether equal x have equal heights: a zigzag through noisy points is no fitted line."""
    same = np.diff(line[:, 0]) < 1e-9 * max(float(np.ptp(line[:, 0])), 1e-12)
    return bool(np.all(np.abs(np.diff(line[:, 1]))[same] <= 2 * allowed))
