"""Names the way in which a gradient is wrong: sign, factor, transposed, zero, exchanged, one element…

Each hypothesis must explain one component in all cases. Numpy only; nothing here asks a kernel.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations
from typing import NamedTuple

import numpy as np

from grader.criteria.closeness import is_close
from grader.criteria.gradient_truth import Floats
from grader.model.text import Text, say

RTOL, ATOL = 1e-3, 1e-6


class Sample(NamedTuple):
    """One component of the gradient in one case."""

    mine: Floats
    true: Floats
    sizes: Mapping[str, int]
    """Named sizes of the case, for factors like n."""


class Named(NamedTuple):
    """A mistake with its words."""

    summary: Text
    look_at: Text | None = None


def name_mistake(samples: Sequence[Sample], name: str) -> Named | None:
    """What is wrong with the gradient with respect to `name`; None when nothing known explains all cases."""
    if not samples or not all(s.mine.size and np.all(np.isfinite(s.mine)) for s in samples):
        return None
    return next((named for named in _hypotheses(samples, name) if named is not None), None)


def exchanged(mine: Sequence[Sequence[Floats]], true: Sequence[Sequence[Floats]]) -> tuple[int, ...] | None:
    """The order in which the components came, when all are right but in another order."""
    count = len(true[0])
    if any(len(parts) != count for parts in mine):
        return None
    for order in permutations(range(count)):
        if order != tuple(range(count)) and all(
            _near(given[place], wanted[origin])
            for given, wanted in zip(mine, true, strict=True)
            for place, origin in enumerate(order)
        ):
            return order
    return None


def _hypotheses(samples: Sequence[Sample], name: str) -> Iterator[Named | None]:
    yield _zero(samples, name)
    yield _sign(samples, name)
    yield _factor(samples, name)
    yield _transposed(samples, name)
    yield _not_summed(samples, name)
    yield _some_factor(samples, name)
    yield _offset(samples, name)
    yield _one_element(samples, name)
    yield _nearly(samples, name)


def _zero(samples: Sequence[Sample], name: str) -> Named | None:
    if any(np.any(s.mine) for s in samples):
        return None
    return Named(
        say("The gradient with respect to `{name}` is zero everywhere.", name=name),
        say("Look at whether `{name}` takes part in what you differentiate.", name=name),
    )


def _sign(samples: Sequence[Sample], name: str) -> Named | None:
    if not all(_near(s.mine, -s.true) for s in samples):
        return None
    return Named(
        say("The gradient with respect to `{name}` has the wrong sign.", name=name),
        say("Look at the sign of each link of the chain rule: which term is subtracted from which?"),
    )


def _factor(samples: Sequence[Sample], name: str) -> Named | None:
    known = [_factors(s.sizes) for s in samples]
    for words in known[0]:
        for sign in (1.0, -1.0):
            wanted = [sign * factors[words] * s.true for factors, s in zip(known, samples, strict=True)]
            if all(_near(s.mine, w) for s, w in zip(samples, wanted, strict=True)):
                size = next((size for size in samples[0].sizes if size in words), None)
                return _factor_words(name, words if sign > 0 else f"-{words}", size)
    return None


def _factors(sizes: Mapping[str, int]) -> dict[str, float]:
    """Factors that a gradient may be wrong by in one case, by their words."""
    factors = {"2": 2.0, "1/2": 0.5, "4": 4.0, "1/4": 0.25}
    for name, n in sizes.items():
        factors |= {name: n, f"1/{name}": 1 / n, f"2{name}": 2 * n, f"{name}/2": n / 2}
        factors |= {f"1/(2{name})": 0.5 / n, f"2/{name}": 2 / n, f"{name}²": n**2, f"1/{name}²": 1 / n**2}
    return factors


def _factor_words(name: str, factor: str | float, size: str | None = None) -> Named:
    if size is None:
        hint = say(
            "Look at the constant factors: what does the derivative of a square bring, and what does a mean?"
        )
    else:
        hint = say(
            "Here {size} is a size of the input, the number of examples say: compare sum and mean, "
            "and look at whether it was divided by once, twice or never.",
            size=size,
        )
    return Named(
        say(
            "The gradient with respect to `{name}` is {factor} times what it should be.",
            name=name,
            factor=factor,
        ),
        hint,
    )


def _transposed(samples: Sequence[Sample], name: str) -> Named | None:
    if any(s.mine.ndim < 2 for s in samples) or not all(_near(s.mine, s.true.T) for s in samples):
        return None
    return Named(
        say(
            "The gradient with respect to `{name}` is transposed: rows and columns are exchanged.", name=name
        ),
        say("A gradient has the shape of what it is taken with respect to."),
    )


def _not_summed(samples: Sequence[Sample], name: str) -> Named | None:
    rowwise = [s for s in samples if s.mine.ndim > 0 and s.mine.size > s.true.size]
    whole = [s for s in samples if s.mine.size == s.true.size]
    if not rowwise or len(rowwise) + len(whole) < len(samples):
        return None
    if not all(_near(s.mine.reshape(-1), s.true.reshape(-1)) for s in whole):
        return None
    if any(s.sizes and len(s.mine) not in s.sizes.values() for s in rowwise):
        return None
    if all(_near(s.mine, np.broadcast_to(s.mine[:1], s.mine.shape)) for s in rowwise):
        return None  # the same row again and again: no contributions of examples
    for reduce in (np.sum, np.mean):
        if all(_near(reduce(s.mine, axis=0).reshape(-1), s.true.reshape(-1)) for s in rowwise):
            return Named(
                say("The gradient with respect to `{name}` has one row per example.", name=name),
                say("The loss is one number for all examples: their contributions are added up."),
            )
    return None


def _some_factor(samples: Sequence[Sample], name: str) -> Named | None:
    """The same number times the truth in all cases, whatever that number is."""
    if any(s.mine.shape != s.true.shape for s in samples):
        return None
    mine = np.concatenate([s.mine.reshape(-1) for s in samples])
    true = np.concatenate([s.true.reshape(-1) for s in samples])
    size = float(true @ true)
    if mine.size < 3 or size == 0.0:
        return None
    factor = float(mine @ true) / size
    if abs(factor) < 1e-6 or abs(factor - 1) < 0.02 or not _near(mine, factor * true):
        return None
    return _factor_words(name, float(f"{factor:.3g}"))


def _offset(samples: Sequence[Sample], name: str) -> Named | None:
    if any(s.mine.shape != s.true.shape for s in samples):
        return None
    differences = np.concatenate([(s.mine - s.true).reshape(-1) for s in samples])
    if differences.size < 3 or not _near(differences, np.full_like(differences, differences[0])):
        return None
    return Named(
        say("The gradient with respect to `{name}` is off by the same number everywhere.", name=name),
        say("Look for a constant term that should have vanished, or that is missing."),
    )


def _one_element(samples: Sequence[Sample], name: str) -> Named | None:
    shape = samples[0].true.shape
    if len(samples) < 2 or any(s.mine.shape != shape or s.true.shape != shape for s in samples):
        return None
    right = np.array([np.abs(s.mine - s.true) <= ATOL + RTOL * np.abs(s.true) for s in samples])
    always, never = right.all(axis=0), ~right.any(axis=0)
    if not always.any() or not never.any() or not np.all(always | never):
        return None
    places = ", ".join(str([int(i) for i in index]) for index in np.argwhere(never))
    return Named(
        say("The gradient with respect to `{name}` is wrong in element {places}.", name=name, places=places),
        say("The other elements are right: look at where this one differs from them."),
    )


def _nearly(samples: Sequence[Sample], name: str) -> Named | None:
    if not all(is_close(s.mine, s.true, 0.03, 1e-3) for s in samples):
        return None
    return Named(
        say("The gradient with respect to `{name}` is nearly right, but not exactly.", name=name),
        say("Look for an approximation (a finite difference), for rounding, or for a small term left out."),
    )


def _near(mine: Floats, wanted: Floats) -> bool:
    return is_close(mine, wanted, RTOL, ATOL)
