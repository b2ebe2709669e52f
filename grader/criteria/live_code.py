"""What a kernel tells of the code behind a name, and the question for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from grader.model.probe import Leaf, Observation, Probe


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class LiveObject(_Part):
    """One thing of the notebook's, or what holds one."""

    kind: Literal["function", "class", "module", "instance", "wrapper"]
    """`wrapper`: a container, or a library's object or function, with something of the notebook's in it."""
    name: str
    digest: str = ""
    """Of a function's code."""
    cell: int | None = None
    """Execution count of the cell that made it; None where no cell did."""
    line: int = 0
    is_own: bool = True
    """Whether a function's names are the notebook's."""
    refs: Mapping[str, int] = {}
    """What it reaches, as `global:name`, `around:name`, `default:0`, `attribute:name`: to places among all objects."""
    libraries: Mapping[str, str] = {}
    """The same for what is a library's: to its dotted name."""


class LiveCode(_Part):
    """All that a name reaches; as believable as the kernel that it came from."""

    python: str
    root: int | None
    """Nothing where the name stands for nothing of the notebook's."""
    root_library: str = ""
    objects: tuple[LiveObject, ...]
    patched: Mapping[str, int] = {}
    """Names of torch's and Python's own that the notebook gave another meaning."""
    modes: tuple[int | None, ...] = ()
    """Objects that change what each of torch's functions does."""
    is_traced: bool = False
    is_cut: bool = False

    def reached(self, start: int | None) -> Iterator[tuple[str, int]]:
        """What one object reaches, itself included: how it is reached, and its place; each once."""
        waiting = [] if start is None else [("", start)]
        seen: set[int] = set()
        while waiting:
            path, place = waiting.pop(0)
            if place in seen or place >= len(self.objects):
                continue
            seen.add(place)
            yield path, place
            waiting += [(label, to) for label, to in self.objects[place].refs.items()]


def live_code_probe(probe_id: str, name: str, *, reads_state: bool) -> Probe:
    """The question what a function or class (or `Class.method`) is, of the student alone."""
    return Probe(
        id=probe_id,
        code="return live_code(name)",
        arguments={"name": name},
        requires=(name.partition(".")[0],),
        reads_state=reads_state,
        ask="student",
    )


def read_live_code(observation: Observation) -> LiveCode | None:
    """The answer; None when there is none that can be read."""
    if not isinstance(observation.value, Leaf):
        return None
    try:
        return LiveCode.model_validate_json(np.asarray(observation.value.array).astype(np.uint8).tobytes())
    except (ValidationError, ValueError):
        return None
