"""The training loops that are simulated: optimizers, mini-batches, and mistakes.

`plans` gives them all, right ones first. A plan says how each sample counts in the loss of each step, which covers
full batch and mini-batches, sums and means, parts of the data and a wrong sign alike.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Option = float | bool | tuple[float, float]
Handling = Literal[
    "fresh",
    "accumulate",
    "accumulate_in_epoch",
    "stale",
    "stale_accumulate",
    "zeroed",
    "broadcast",
    "clip",
    "clamp",
]
"""What becomes of the gradient before a step; `stale` steps with the gradient of the step before."""
Mistake = Literal[
    "accumulated",
    "ascent",
    "broadcast",
    "step_first",
    "sum",
    "half",
    "half_sum",
    "double",
    "mean_twice",
    "part_of_data",
    "zeroed",
]

MOST_ROWS = 600
"""Orders of mini-batches followed at once."""


@dataclass(frozen=True)
class Optimizer:
    """One optimizer of `torch.optim` with its hyper-parameters; `family` is its name in rubrics and messages."""

    family: str
    name: str
    options: Mapping[str, Option] = field(default_factory=dict)


def _several(family: str, name: str, *options: Mapping[str, Option]) -> list[Optimizer]:
    return [Optimizer(family, name, chosen) for chosen in options]


SGD = Optimizer("SGD", "SGD")
MAIN = (
    SGD,
    Optimizer("Adam", "Adam"),
    Optimizer("AdamW", "AdamW"),
    Optimizer("RMSprop", "RMSprop"),
    *_several("momentum", "SGD", {"momentum": 0.9}, {"momentum": 0.9, "nesterov": True}),
    *_several(
        "momentum", "SGD", {"momentum": 0.5}, {"momentum": 0.8}, {"momentum": 0.95}, {"momentum": 0.99}
    ),
    Optimizer("NAdam", "NAdam"),
    Optimizer("RAdam", "RAdam"),
    Optimizer("Adamax", "Adamax"),
    Optimizer("Adagrad", "Adagrad"),
    Optimizer("Rprop", "Rprop"),
)
"""Those that are met often: simulated with every order of mini-batches, too."""
RARE = (
    *_several("Adam", "Adam", {"weight_decay": 1e-4}, {"weight_decay": 1e-3}, {"weight_decay": 1e-2}),
    *_several("Adam", "Adam", {"amsgrad": True}, {"eps": 1e-7}, {"eps": 1e-6}, {"eps": 1e-3}),
    *_several(
        "Adam", "Adam", *({"betas": (b, c)} for b in (0.5, 0.8, 0.95, 0.9) for c in (0.9, 0.99, 0.999))
    ),
    *_several("AdamW", "AdamW", {"weight_decay": 0.1}, {"weight_decay": 1e-3}, {"amsgrad": True}),
    *_several("RMSprop", "RMSprop", {"alpha": 0.9}, {"alpha": 0.95}, {"momentum": 0.9}, {"centered": True}),
    *_several("RMSprop", "RMSprop", {"alpha": 0.9, "momentum": 0.9}, {"weight_decay": 1e-4}),
    Optimizer("Adadelta", "Adadelta"),
    Optimizer("ASGD", "ASGD"),
    *_several("SGD with weight decay", "SGD", *({"weight_decay": w} for w in (1e-4, 1e-3, 1e-2, 0.1))),
    *_several("momentum", "SGD", *({"momentum": 0.9, "weight_decay": w} for w in (1e-4, 1e-3, 1e-2))),
)
CLIPPED = (SGD, Optimizer("Adam", "Adam"), Optimizer("momentum", "SGD", {"momentum": 0.9}))
LIMITS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0)


@dataclass(frozen=True)
class Plan:
    """Some runs of one optimizer, and what it means when the student's run is among them."""

    optimizer: Optimizer
    shares: Floats
    """`[k, epochs, steps, n]`: the weight of each sample's squared error in each step's loss."""
    handling: Handling = "fresh"
    limit: float = 0.0
    mistake: Mistake | None = None
    """None when the loop is right."""
    batch: int | None = None
    """Size of the mini-batches; None for the full batch."""

    @property
    def epochs(self) -> int:
        """How many epochs were simulated."""
        return int(self.shares.shape[1])

    def size(self, parameters: int) -> int:
        """How many numbers its answer holds."""
        return int(self.shares.shape[0] * self.shares.shape[1] * parameters)


@lru_cache(maxsize=8)
def plans(n: int, epochs: int, *, batches: bool) -> tuple[Plan, ...]:
    """All that is simulated for `n` samples: right loops first, then mistakes; `batches` with mini-batches."""
    found = list(_full_batch(n, epochs + 1))
    if batches:
        found += _mini_batches(n, epochs)
    for plan in found:
        plan.shares.flags.writeable = False  # every submission of an exercise is compared with the same plans
    return tuple(sorted(found, key=lambda plan: plan.mistake is not None))


def _full_batch(n: int, epochs: int) -> Iterator[Plan]:
    whole = np.full((1, epochs, 1, n), 1.0 / n)
    for optimizer in (*MAIN, *RARE):
        yield Plan(optimizer, whole)
    for optimizer, limit in itertools.product(CLIPPED, LIMITS):
        yield Plan(optimizer, whole, "clip", limit)
        yield Plan(optimizer, whole, "clamp", limit)
    for optimizer in MAIN:
        yield Plan(optimizer, whole, "accumulate", mistake="accumulated")
        yield Plan(optimizer, -whole, mistake="ascent")
        yield Plan(optimizer, whole, "broadcast", mistake="broadcast")
        yield Plan(optimizer, whole, "stale", mistake="step_first")
        yield Plan(optimizer, whole, "stale_accumulate", mistake="step_first")
        yield Plan(optimizer, whole * n, "accumulate", mistake="accumulated")
        yield Plan(optimizer, whole * n, mistake="sum")
        yield Plan(optimizer, whole / 2, mistake="half")
        yield Plan(optimizer, whole * n / 2, mistake="half_sum")
        yield Plan(optimizer, whole * 2, mistake="double")
        yield Plan(optimizer, whole / n, mistake="mean_twice")
        if n > 1:
            yield Plan(optimizer, np.repeat(_subsets(n), epochs, axis=1), mistake="part_of_data")
    yield Plan(Optimizer("AdamW", "AdamW"), whole, "zeroed", mistake="zeroed")


def _mini_batches(n: int, epochs: int) -> Iterator[Plan]:
    for batch in _batch_sizes(n):
        shares = _orders(n, batch, epochs)
        for optimizer in MAIN:
            yield Plan(optimizer, shares, batch=batch)
        for optimizer in MAIN[:6]:
            yield Plan(optimizer, shares, "accumulate", mistake="accumulated", batch=batch)
            yield Plan(optimizer, shares, "accumulate_in_epoch", mistake="accumulated", batch=batch)
            yield Plan(optimizer, -shares, mistake="ascent", batch=batch)
            if batch > 1:
                yield Plan(optimizer, shares, "broadcast", mistake="broadcast", batch=batch)
                yield Plan(optimizer, np.asarray(shares > 0, dtype=np.float64), mistake="sum", batch=batch)


def _batch_sizes(n: int) -> list[int]:
    return [b for b in ((1, 2, 3) if n <= 4 else (1, 2, 4, 8, 16, 32, 64)) if b < n]


def _orders(n: int, batch: int, epochs: int) -> Floats:
    """`[k, epochs, steps, n]`: every order where samples are few, for as many epochs as rows allow; else as it lies."""
    if n > 4:
        one = np.stack([_share(range(start, min(start + batch, n)), n) for start in range(0, n, batch)])
        return np.repeat(one[None, None], epochs, axis=1)
    orders = {
        tuple(tuple(sorted(order[start : start + batch])) for start in range(0, n, batch))
        for order in itertools.permutations(range(n))
    }
    each = [np.stack([_share(members, n) for members in order]) for order in sorted(orders)]
    followed = max(e for e in range(1, epochs + 1) if e == 1 or len(each) ** e <= MOST_ROWS)
    return np.stack([np.stack(chosen) for chosen in itertools.product(each, repeat=followed)])


def _subsets(n: int) -> Floats:
    """`[k, 1, 1, n]`: the mean over some of the samples only."""
    if n <= 4:
        chosen: set[tuple[int, ...]] = {
            c for size in range(1, n) for c in itertools.combinations(range(n), size)
        }
    else:
        everything = tuple(range(n))
        chosen = {everything[1:], everything[:-1], everything[: n // 2], everything[n // 2 :]}
        chosen |= {everything[:b] for b in _batch_sizes(n)} | {everything[-b:] for b in _batch_sizes(n)}
        chosen |= {(i,) for i in everything[:32]}
        chosen |= {everything[: int(n * part)] for part in (0.8, 0.75, 0.7, 0.9)}
    return np.stack([_share(members, n) for members in sorted(chosen)])[:, None, None]


def _share(members: Sequence[int], n: int) -> Floats:
    share = np.zeros(n)
    share[list(members)] = 1.0 / len(members)
    return share
