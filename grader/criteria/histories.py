"""A recorded history of losses: what it is made of, and whether it agrees with losses that were recomputed.

What comes in: the value that a notebook calls its losses, and losses recomputed from weights. What goes out: a
`History`, and plain yes or no about its agreement; `history_words` puts it into words.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from grader.criteria.network import Floats
from grader.criteria.readings import numbers
from grader.model.probe import Items, Leaf, Value

Made = Literal["floats", "tensors", "graph", "number", "empty", "other"]
Moment = Literal["before", "after", "between", "around"]
"""When a loss was taken: before the epoch's update, after it, or as the mean over its mini-batches (`around`: of
weights that leap)."""

RELATIVE, ABSOLUTE = 2e-4, 1e-6
"""Recorded in float32, recomputed in float64; the latter is a share of the largest loss where that is below 1."""
AT_REST = 1e-3
"""Of weights that stay where they are, or move by a millionth of their usual steps."""
BELOW, ABOVE = 0.4, 0.6
"""A mean over mini-batches, of weights that move meanwhile, is that far off at most; it is mostly too large."""
FAR_BELOW, FAR_ABOVE = 0.95, 9.0
"""The same for weights that leap. Source: the extremes of 20,000 simulated trainings each of SGD, SGD with momentum and
Adam by one or two cases a batch were 0.09 and 6.1 times the loss (`python -m benchmarks.epoch_means`)."""
ONE_MORE = 4.5
"""The step behind a history of losses of all the data is at most so many times the last one and its change. Source: 4.1
was the greatest of 150 trainings each by SGD, SGD with momentum and Adam at four rates, cut off at 60 places; but for
the largest rate of Adam 2.1 (`python -m benchmarks.last_steps`)."""
FEW = 8
"""Points of which all batches are tried."""
LEAP = 1.5
"""The next factor may be so much greater than all factors before it."""


@dataclass(frozen=True, eq=False)
class History:
    """Recorded losses."""

    values: Floats
    """`[k]`; empty where there are none."""
    made: Made
    """`number`: one loss and no list; `graph`: tensors that keep the graph of each epoch alive."""

    def __len__(self) -> int:
        return len(self.values)

    @property
    def constant(self) -> bool:
        """Whether several entries are all the same."""
        return len(self) > 1 and bool((self.values == self.values[0]).all())


def read_history(value: Value | None) -> History:
    """The recorded losses, whatever they are made of."""
    found = numbers(value)
    leaves = [item for item in value.items if isinstance(item, Leaf)] if isinstance(value, Items) else []
    if isinstance(value, Leaf):
        leaves = [value]
    if isinstance(value, Items) and not value.items:
        return History(np.zeros(0), "empty")
    if found is None or not leaves:
        return History(np.zeros(0), "other")
    if found.ndim == 0:
        return History(found.reshape(1), "number")
    if found.size != len(found):
        return History(np.zeros(0), "other")
    if any(leaf.requires_grad for leaf in leaves):
        return History(found.ravel(), "graph")
    tensors = any("Tensor" in leaf.made_of or "Parameter" in leaf.made_of for leaf in leaves)
    return History(found.ravel(), "tensors" if tensors else "floats")


def absolute_of(values: Floats, losses: Mapping[int, float]) -> float:
    """How far recorded losses may be from the true ones, whatever their size; they may be rounded to three decimals."""
    return ABSOLUTE * min(1.0, max(losses.values(), default=1.0)) + _rounding(values, fewest=3)


def agrees_at(values: Floats, losses: Mapping[int, float], moment: Moment) -> bool:
    """Whether entry k was taken at this moment of epoch k; `losses` are those after k epochs, where known."""
    absolute = absolute_of(values, losses)
    for k, value in enumerate(values):
        before, after = losses.get(k), losses.get(k + 1)
        if moment in ("between", "around"):
            far = (BELOW, ABOVE) if moment == "between" else (FAR_BELOW, FAR_ABOVE)
            if before is not None and after is not None and not _between(value, before, after, far):
                return False
        else:
            expected = before if moment == "before" else after
            if expected is not None and not is_close(value, expected, absolute):
                return False
    return True


def ends_at(values: Floats, loss: float, scale: float, *, full: bool = False) -> bool:
    """Whether a history may have ended with this loss, judged by its own trend, noise and rounding.

    `scale` is the loss of a prediction that knows nothing; float32 cannot tell much smaller ones apart. `full`: each
    entry is the loss of all the data, so that this one is the next; else it may be a mean over mini-batches.
    """
    last = float(values[-1])
    negligible = 1e-9 * scale + _rounding(values)
    near = _goes_on(values, loss, negligible) if full else _may_go_on(values, loss, negligible)
    # The weights of the best epoch may have been put back.
    best = int(values.argmin())
    if full:
        return near or any(is_close(loss, float(value), negligible) for value in values[best : best + 2])
    least = float(values[best])
    return near or (values[0] > last and abs(loss - least) <= 0.05 * least + negligible)


def _goes_on(values: Floats, loss: float, negligible: float) -> bool:
    """Whether the loss is one more step of the size that the last steps, and their changes, have.

    Where a training diverges the steps grow with the loss. Two losses do not tell where the next one may be.
    """
    if len(values) < 3:
        return True
    steps = np.diff(values[-5:])
    changes = np.abs(np.diff(steps))[-2:]
    last, before = float(values[-1]), float(values[-2])
    growth = max(1.0, last / before) if before > 0 else 1.0
    reach = ONE_MORE * growth * (abs(float(steps[-1])) + float(changes.max()))
    return abs(loss - last) <= reach + RELATIVE * abs(last) + negligible


def _may_go_on(values: Floats, loss: float, negligible: float) -> bool:
    """The same of means over mini-batches, which lie elsewhere than the losses of the weights."""
    tail = values[-max(5, len(values) // 20) :]
    last, steps = float(values[-1]), np.diff(tail)
    if (steps <= 0).all() or (steps >= 0).all():
        # A smooth curve goes on as it went, or turns.
        low, high, step = last, last, abs(float(steps[-1]))
    else:
        low, high, step = float(tail.min()), float(tail.max()), float(np.abs(steps).max())
    near = (1 - BELOW) * low - 2 * step - negligible <= loss <= (1 + BELOW) * high + step + negligible
    return near or _leaps_on(values, loss)


def _leaps_on(values: Floats, loss: float) -> bool:
    """Whether the loss is one more step of the size that the later half's steps have, as factors: Adam leaps so."""
    later = values[-max(6, len(values) // 2) :]
    if len(later) < 2 or not (later > 0).all():
        return False
    factors = later[1:] / later[:-1]
    most, least = max(1.0, float(factors.max())), min(1.0, float(factors.min()))
    return bool(later[-1] * least / LEAP <= loss <= later[-1] * most * LEAP)


def _rounding(values: Floats, fewest: int = 2) -> float:
    """Half a unit of the last decimal, one of the `fewest` or more, that all were rounded to; 0 where they were not."""
    for decimals in range(fewest, 9):
        if np.allclose(values, np.round(values, decimals), rtol=1e-7, atol=1e-12):
            return float(0.5 * 10.0**-decimals)
    return 0.0


def runs_backwards(values: Floats, loss: float, scale: float) -> bool:
    """Whether a history grows, and starts where it should end."""
    first, last = float(values[0]), float(values[-1])
    near = abs(first - loss) <= 0.05 * loss + 1e-3 * scale
    return near and last > 1.2 * first + 2e-3 * scale


def stands_still(values: Floats, before: float, after: float) -> bool | None:
    """Whether all entries are the loss of weights that hardly move; None where they move."""
    if abs(after - before) > 0.01 * before + ABSOLUTE:
        return None
    return bool((np.abs(values - before) <= AT_REST * before + ABSOLUTE).all())


def of_unequal_batches(values: Floats, squared_errors: Floats) -> bool:
    """Whether each entry is the mean of the means of batches, the last of which is smaller; `[n]` errors of all points.

    Few numbers are candidates, but other histories come near one: only float32's rounding is allowed.
    """
    count, total = len(squared_errors), float(squared_errors.sum())
    for size in range(2, count if count <= FEW else 0):
        rest = count % size
        if rest:
            last = np.array([np.sum(chosen) for chosen in itertools.combinations(squared_errors, rest)])
            means = ((total - last) / size + last / rest) / (count // size + 1)
            gaps = np.abs(means[:, None] - values[None, :])
            if (gaps.min(axis=0) <= 3e-5 * np.abs(values) + ABSOLUTE).all():
                return True
    return False


def of_single_batches(values: Floats, squared_errors: Floats) -> bool:
    """Whether each entry is the mean of one or two of the points' errors `[n]` only."""
    count = len(squared_errors)
    sizes = [size for size in (1, 2) if size < count <= 32]
    means = [np.mean(chosen) for size in sizes for chosen in itertools.combinations(squared_errors, size)]
    gaps = np.abs(np.array(means)[:, None] - values[None, :])
    return bool(means) and bool((gaps.min(axis=0) <= 2e-3 * np.abs(values) + ABSOLUTE).all())


def is_close(value: float, expected: float, absolute: float = ABSOLUTE) -> bool:
    """Whether two losses are the same, but for rounding; `absolute` where both are nearly 0."""
    return abs(value - expected) <= RELATIVE * abs(expected) + absolute


def _between(value: float, before: float, after: float, far: tuple[float, float]) -> bool:
    low, high = min(before, after), max(before, after)
    return (1.0 - far[0]) * low - ABSOLUTE <= value <= (1.0 + far[1]) * high + ABSOLUTE
