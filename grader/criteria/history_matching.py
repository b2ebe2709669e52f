"""Whether a history was recorded in a training, told by the losses of which the training computed gradients.

What comes in: a history `[n]`, and the losses `[m]` of one training, one for each gradient, in order. What goes out:
plain yes or no. `holds`: the history's entries, or the means that they may be, stand among the losses in this order.
`resembles`: the history has the course of the losses, as one recorded over other data, or rounded, may have.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from grader.criteria.network import Floats

RELATIVE = 2e-5
"""Means of float32 numbers, computed in float32 or in float64."""
ROOT_RELATIVE = 1e-6
"""Of the root of a mean squared error, and of the largest one: predictions are rounded in float32."""
NEGLIGIBLE = 1e-8
"""Of the largest entry: what float32 cannot tell apart in a sum with it."""
MOST_IN_GROUP = 128
"""Gradients in an epoch, of which one entry is the mean."""
FEWEST_FOR_A_FACTOR = 4
"""Entries from which on a common factor can be told."""
FEWEST_FOR_WEIGHTS = 6
"""The same of two factors: one of an epoch's last batch, which may be smaller, and one of the others."""
MOST_CANDIDATES = 500
FEWEST_KNOTS, KNOTS = 10, 40
"""Blocks in which two courses are compared; fewer could be like anything."""
APART = np.log(1.6)
"""So far apart, as a logarithm, nine blocks of ten are at most, when a factor that all have is left out."""

Places = npt.NDArray[np.intp]


def holds(history: Floats, losses: Floats) -> bool:
    """Whether all entries, or all but the last, which may be of the trained weights, were recorded in this training."""
    parts = [history, history[:-1]] if len(history) > FEWEST_FOR_A_FACTOR else [history]
    return any(
        _are_among(part, losses) or _are_means(part, losses) or _are_weighed_means(part, losses)
        for part in parts
    )


def holds_recomputed(history: Floats, losses: Floats) -> bool:
    """Whether all entries, or all but the last, are mean squared errors of the weights that a training went through.

    `losses`: recomputed in float64; what float32 loses grows, in proportion, as the errors become small.
    """
    if (history < 0).any() or len(history) < 2:
        return False
    roots, known = np.sqrt(history), np.sqrt(losses)
    near = ROOT_RELATIVE * (roots + roots.max()) + (_tolerance(history) / np.maximum(2 * roots, 1e-30))
    return any(
        _is_subsequence(roots[:end], known, near[:end]) for end in {len(roots), max(2, len(roots) - 1)}
    )


def resembles(history: Floats, losses: Floats) -> bool:
    """Whether the history falls as the losses do, epoch by epoch: those of the whole training, or of its end."""
    if len(history) < FEWEST_KNOTS or not (history > 0).all():
        return False
    each = len(losses) // len(history)
    ends = {len(losses), each * len(history), len(history)}
    return any(_have_one_course(history, losses[-end:]) for end in ends if 0 < end <= len(losses))


def _tolerance(history: Floats) -> Floats:
    near = RELATIVE * np.abs(history) + NEGLIGIBLE * np.abs(history).max()
    for decimals in range(2, 8):
        if np.allclose(history, np.round(history, decimals), rtol=1e-9, atol=1e-12):
            return np.asarray(near + 0.5 * 10.0**-decimals)
    return np.asarray(near)


def _are_among(history: Floats, losses: Floats) -> bool:
    """Whether each entry is a loss, later than the one of the entry before; all may have one factor."""
    first = float(history[0])
    factors = {1.0}
    if len(history) >= FEWEST_FOR_A_FACTOR and first != 0:
        factors |= {first / float(loss) for loss in losses[:2] if loss != 0}
    near = _tolerance(history)
    return any(_is_subsequence(history, factor * losses, near) for factor in factors if factor > 0)


def _is_subsequence(history: Floats, losses: Floats, near: Floats) -> bool:
    in_order = np.sort(losses[np.isfinite(losses)])
    if not len(in_order):
        return False
    at = np.minimum(np.searchsorted(in_order, history - near), len(in_order) - 1)
    if not (np.abs(in_order[at] - history) <= near).all():
        return False
    taken = 0
    for loss in losses:
        if abs(loss - history[taken]) <= near[taken]:
            taken += 1
            if taken == len(history):
                return True
    return False


def _are_means(history: Floats, losses: Floats) -> bool:
    """Whether the entries are means of so many losses each, in a row; all may have one factor."""
    if not np.isfinite(losses).all() or not len(losses):
        return False
    sums = np.concatenate([[0.0], np.cumsum(losses)])
    for size in range(1, min(MOST_IN_GROUP, len(losses) // len(history)) + 1):
        means = (sums[size:] - sums[:-size]) / size
        places = size * np.arange(len(history))
        if any(_agree(history, means[start + places]) for start in _candidates(history, means, places)):
            return True
    return False


def _candidates(history: Floats, means: Floats, places: Places) -> Iterator[int]:
    """Where the first entry may be, judged by a few of them."""
    count = len(means) - int(places[-1])
    if count <= 0:
        return
    pivot = int(np.argmax(np.abs(history)))
    factors = means[places[pivot] : places[pivot] + count] / (history[pivot] or 1.0)
    near = 2 * _tolerance(history)
    fits = factors > 0
    for k in {0, len(history) // 4, len(history) // 2, len(history) - 1}:
        gaps = np.abs(means[places[k] : places[k] + count] - factors * history[k])
        fits &= gaps <= factors * (near[k] + 2 * RELATIVE * abs(history[k]))
    yield from (int(start) for start in np.flatnonzero(fits)[:MOST_CANDIDATES])


def _agree(history: Floats, means: Floats) -> bool:
    near = 2 * _tolerance(history)
    if (np.abs(means - history) <= near).all():
        return True
    if len(history) < FEWEST_FOR_A_FACTOR:
        return False
    pivot = int(np.argmax(np.abs(history)))
    factor = history[pivot] / means[pivot]
    return bool(factor > 0 and (np.abs(factor * means - history) <= near).all())


def _are_weighed_means(history: Floats, losses: Floats) -> bool:
    """Whether the entries are means in which the last loss of each epoch has a weight of its own."""
    size = len(losses) // len(history)
    if len(history) < FEWEST_FOR_WEIGHTS or not 1 < size <= MOST_IN_GROUP or not np.isfinite(losses).all():
        return False
    length = size * len(history)
    for start in {0, len(losses) - length}:
        epochs = losses[start : start + length].reshape(len(history), size)
        columns = np.stack([epochs[:, :-1].sum(axis=1), epochs[:, -1]], axis=1)
        weights = np.linalg.lstsq(columns, history, rcond=None)[0]
        gaps = np.abs(columns @ weights - history)
        if (weights > 0).all() and (gaps <= 2 * _tolerance(history)).all():
            return True
    return False


def _have_one_course(history: Floats, losses: Floats) -> bool:
    knots = min(len(history), len(losses), KNOTS)
    if knots < FEWEST_KNOTS:
        return False
    ours, theirs = (_blocks(values, knots) for values in (losses, history))
    if not (np.isfinite(ours).all() and (ours > 0).all()):
        return False
    ratios = np.log(theirs / ours)
    return bool(np.quantile(np.abs(ratios - np.median(ratios)), 0.9) <= APART)


def _blocks(values: Floats, count: int) -> Floats:
    return np.array([block.mean() for block in np.array_split(values, count)])
