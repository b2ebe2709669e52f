"""Numbers out of what came back from a kernel; None wherever something else stands there."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from grader.criteria.network import Floats
from grader.model.probe import Entries, Items, Leaf, Observation, Value


def entries_of(observation: Observation) -> Mapping[str, Value]:
    """The entries of a dict that a probe returned; empty when it returned anything else."""
    return observation.value.entries if isinstance(observation.value, Entries) else {}


def numbers(value: Value | None) -> Floats | None:
    """The real numbers of an array, a number, or a list of one-element arrays, in float64 and their own shape."""
    if isinstance(value, Leaf):
        return None if value.array.dtype.kind == "c" else value.array.astype(np.float64)
    if isinstance(value, Items):
        parts = [numbers(item) for item in value.items]
        if all(part is not None and part.size == 1 for part in parts):
            return np.array([part.item() for part in parts if part is not None], dtype=np.float64)
    return None
