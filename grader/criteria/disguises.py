"""True losses in disguise: sums, halves, roots, the wrong order or sign. A disguise is a claim, and needs evidence.

What comes in: histories, and whether one that was changed agrees with what is known. What goes out: the words for the
one disguise with which everything agrees that came back; None where there is none, or where two would do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from grader.criteria.network import Floats
from grader.model.text import Text, say

Undo = Callable[[Floats, int], Floats]
"""Recorded losses `[k]`, and the number of targets; gives what they would be without the disguise."""


@dataclass(frozen=True)
class Disguise:
    """One way of spoiling true losses."""

    words: Text
    undo: Undo


def _root(values: Floats, _: int) -> Floats:
    return np.where(values >= 0, np.square(values), np.nan)


def _square(values: Floats, _: int) -> Floats:
    return np.sqrt(np.where(values >= 0, values, np.nan))


DISGUISES = (
    Disguise(say("The losses are in reverse order."), lambda values, _: values[::-1]),
    Disguise(say("The losses are sums over the data, and not means."), lambda values, count: values / count),
    Disguise(
        say("The losses are divided once too often by the number of data."),
        lambda values, count: values * count,
    ),
    Disguise(say("The losses are half of the mean squared error."), lambda values, _: values * 2),
    Disguise(say("The losses are twice the mean squared error."), lambda values, _: values / 2),
    Disguise(say("The losses are the root of the mean squared error."), _root),
    Disguise(say("The losses are the square of the mean squared error."), _square),
    Disguise(say("The losses have the wrong sign."), lambda values, _: -values),
)


def only_disguise(agrees: Callable[[Undo], bool]) -> Text | None:
    """The words for the disguise with which everything agrees; None unless it is the only one."""
    fitting = [disguise for disguise in DISGUISES if agrees(disguise.undo)]
    return fitting[0].words if len(fitting) == 1 else None


def accuracy(outputs: Floats, targets: Floats) -> float | None:
    """The share of the targets `[n, 1]`, all 0 or 1, that outputs cut at 0.5 give; None for other targets."""
    if targets.shape[1:] != (1,) or not np.isin(targets, (0.0, 1.0)).all():
        return None
    return float(np.mean((outputs > 0.5) == (targets > 0.5)))


def are_shares(values: Floats, count: int) -> bool:
    """Whether all values are multiples of 1/count between 0 and 1, and not all the same."""
    parts = values * count
    whole = np.abs(parts - np.round(parts)) <= 1e-5 * count
    return bool(whole.all() and (values >= 0).all() and (values <= 1).all() and np.ptp(values) > 0)
