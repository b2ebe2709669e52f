"""The trainings that took place in a kernel, as it recorded them, and which of them made the weights that are there.

What comes in: the answer to the question `recorded_trainings(names)` (see `grader.inkernel.trainings`). What goes out:
`Trainings`. A *set* is a set of tensors with regard to which gradients were computed: the parameters of one model, or
of one step where a loop makes its tensors anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from grader.criteria.network import Floats
from grader.criteria.readings import entries_of, numbers
from grader.model.evidence import Evidence
from grader.model.probe import Entries, Observation, Probe

TRAININGS = "trainings"
"""Suffix of the question for what was trained in the notebook's cells."""
EQUAL, NEAR = 1e-6, 1e-3
"""Of weights, in proportion and absolutely: the same numbers, or such as one that converges comes by."""
STEPS_AWAY = 3.0
"""So many times the last step that was seen, at most, lie weights behind it."""
MOST_DESCRIBED = 6
SMALL = 64
"""Elements of a set whose values come with each loss: as `grader.inkernel.trainings` has it."""

Ints = npt.NDArray[np.int64]
Link = Literal["memory", "values", "near"]
"""How weights are known as a training's: they lie in its memory, are equal to its last values, or near them."""


@dataclass(frozen=True, eq=False)
class Training:
    """Gradients computed with regard to one set, or to sets of the same shapes one after the other."""

    losses: Floats
    """`[n]`, in order."""
    size: int
    """Elements of a set."""
    sets: frozenset[int]
    weights: Floats
    """`[k, size]`: the values of the set at each of the last `k` losses; `k` is 0 for large sets."""


@dataclass(frozen=True, eq=False)
class Trainings:
    """All that the cells of a notebook computed gradients of."""

    losses: Floats
    """`[n]`, in order."""
    owners: Ints
    """`[n]`: with regard to which set."""
    kinds: Ints
    """`[n]`: the same for sets of the same shapes."""
    sizes: Ints
    """`[n]`: elements of the set."""
    weights: Floats
    """`[w]`: the values of small sets at each of the newest losses, one behind the other."""
    last: dict[int, Floats]
    """Values that sets have at the end, flat; the newest set first."""
    named: frozenset[int]
    """Sets of which a tensor lies in the same memory as what the asked names hold."""
    lost: int
    """Losses before these, of which there is no record."""

    def of_sets(self, sets: frozenset[int]) -> Training:
        """One training of several sets together."""
        return self._chosen(np.isin(self.owners, list(sets)))

    def of_each_set(self) -> list[Training]:
        """A training for each set with more than one loss."""
        numbers_, counts = np.unique(self.owners, return_counts=True)
        return [self.of_sets(frozenset([int(n)])) for n in numbers_[counts > 1]]

    def of_each_kind(self) -> list[Training]:
        """A training for each sort of sets: all alike models, or all steps of a loop that makes its tensors anew."""
        return [self._chosen(self.kinds == kind) for kind in np.unique(self.kinds)]

    def of_loops_with_new_tensors(self) -> list[Training]:
        """A training for each sort of sets of which each served once."""
        return [
            training
            for training in self.of_each_kind()
            if len(training.sets) > 2 and len(training.losses) < 2 * len(training.sets)
        ]

    def _chosen(self, places: npt.NDArray[np.bool_]) -> Training:
        size = int(self.sizes[places].max(initial=0))
        told = np.where(self.sizes <= SMALL, self.sizes, 0)
        starts = len(self.weights) - np.cumsum(told[::-1])[::-1]
        chosen = starts[places & (self.sizes == size) & (starts >= 0) & (told > 0)]
        return Training(
            losses=self.losses[places],
            size=size,
            sets=frozenset(map(int, np.unique(self.owners[places]))),
            weights=self.weights[chosen[:, None] + np.arange(size)] if len(chosen) else np.zeros((0, size)),
        )

    def that_made(self, theta: Floats) -> tuple[frozenset[int], Link] | None:
        """The sets whose weights these are, and how they are known; None where no set is."""
        if self.named:
            return self.named, "memory"
        close: list[tuple[Link, float]] = [("values", EQUAL), ("near", NEAR)]
        for link, far in close:
            found = [number for number, last in self.last.items() if _same(last, theta, far)]
            if found:
                return frozenset(found), link
        for training in self.of_loops_with_new_tensors():
            seen = [last for number, last in self.last.items() if number in training.sets][:2]
            if len(seen) == 2 and _is_next(theta, *seen):
                return training.sets, "near"
        return None

    def described(self) -> str:
        """For the staff: what was seen."""
        if not len(self.losses):
            return "no gradient of any loss was computed in any cell"
        seen = self.of_loops_with_new_tensors()
        apart = frozenset[int]().union(*(training.sets for training in seen))
        seen += [training for training in self.of_each_set() if not training.sets <= apart]
        told = [
            f"{len(t.losses)} losses from {t.losses[0]:.6g} to {t.losses[-1]:.6g} over {t.size} parameters"
            for t in seen[-MOST_DESCRIBED:]
        ]
        before = f", the last {MOST_DESCRIBED} of which are" if len(seen) > MOST_DESCRIBED else ""
        lost = f"; {self.lost} earlier losses were not kept" if self.lost else ""
        return f"{len(seen)} trainings in cells{before}: {'; '.join(told) or 'single gradients'}{lost}"


def trainings_probe(criterion_id: str, names: Sequence[str]) -> Probe:
    """Asks what was trained, and in which of it these names have a part."""
    return Probe(
        id=f"{criterion_id}/{TRAININGS}",
        code="return recorded_trainings(names)",
        arguments={"names": list(names)},
        reads_state=True,
        ask="student",
    )


def trainings_in(evidence: Evidence, criterion_id: str) -> Trainings | None:
    """What the kernel answered to `trainings_probe`; None where it recorded nothing."""
    return read_trainings(evidence.answers.get(f"{criterion_id}/{TRAININGS}"))


def read_trainings(observation: Observation | None) -> Trainings | None:
    """What the kernel recorded; None where it did not."""
    if observation is None:
        return None
    entries = entries_of(observation)
    found = {
        key: numbers(entries.get(key))
        for key in ("losses", "owners", "runs", "kinds", "sizes", "weights", "of_last", "last", "lost")
    }
    read = {key: value.ravel() for key, value in found.items() if value is not None}
    named = entries.get("named")
    if len(read) < len(found):
        return None
    runs = read["runs"].astype(np.int64)
    by_run = [read[key].astype(np.int64) for key in ("owners", "kinds", "sizes")]
    if (runs < 0).any() or runs.sum() != len(read["losses"]) or any(len(of) != len(runs) for of in by_run):
        return None
    owners, kinds, sizes = (np.repeat(of, runs) for of in by_run)
    holding = [numbers(value) for value in named.entries.values()] if isinstance(named, Entries) else []
    size_of = dict(zip(by_run[0].tolist(), by_run[2].tolist(), strict=True))
    return Trainings(
        losses=read["losses"],
        owners=owners,
        kinds=kinds,
        sizes=sizes,
        weights=read["weights"],
        last=_cut(read["last"], read["of_last"].astype(np.int64).tolist(), size_of),
        named=frozenset(int(n) for held in holding if held is not None for n in held.ravel())
        & size_of.keys(),
        lost=int(read["lost"][0]),
    )


def _cut(values: Floats, sets: Sequence[int], size_of: dict[int, int]) -> dict[int, Floats]:
    cut: dict[int, Floats] = {}
    start = 0
    for number in sets:
        if number not in size_of:
            break
        cut[number] = values[start : start + size_of[number]]
        start += size_of[number]
    return cut


def _same(last: Floats, theta: Floats, far: float) -> bool:
    """Whether two sets of weights are the same numbers, in whatever order."""
    if last.size != theta.size:
        return False
    ours, theirs = np.sort(last), np.sort(theta.ravel())
    return bool((np.abs(ours - theirs) <= far * (1.0 + np.abs(theirs))).all())


def _is_next(theta: Floats, newest: Floats, before: Floats) -> bool:
    """Whether weights may be those of the step behind the newest that were seen."""
    if not theta.size == newest.size == before.size:
        return False
    step = float(np.abs(newest - before).max())
    return bool(np.abs(np.sort(theta.ravel()) - np.sort(newest)).max() <= STEPS_AWAY * step)
