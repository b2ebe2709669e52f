"""How `judge` learns what `probes` drew at random: the reference's kernel is sent it and sends it back.

`judge` is pure and sees evidence only; the student's kernel is not to be trusted with telling what it was asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from grader.criteria.network import Floats
from grader.criteria.readings import entries_of, numbers
from grader.model.probe import Observation, Probe


def drawn_probe(criterion_id: str, arrays: Mapping[str, npt.NDArray[Any]]) -> Probe:
    """Asks the reference's kernel to send these arrays back, by their names."""
    entries = ", ".join(f'"{name}": {name}' for name in arrays)
    return Probe(
        id=f"{criterion_id}/drawn",
        code=f"return {{{entries}}}",
        inputs={name: np.asarray(array) for name, array in arrays.items()},
        ask="reference",
    )


def drawn(reference: Mapping[str, Observation], criterion_id: str) -> dict[str, Floats]:
    """The arrays, by name, in float64; empty when the reference was not asked."""
    observation = reference.get(f"{criterion_id}/drawn")
    if observation is None:
        return {}
    found = {name: numbers(value) for name, value in entries_of(observation).items()}
    return {name: array for name, array in found.items() if array is not None}
