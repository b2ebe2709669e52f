"""What is asked of a notebook that ran with a CUDA device: where its tensors were, and what the device could not do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from grader.model.probe import Argument, Leaf, Observation, Probe

STATE = """
import json

def where(value, depth=0):
    if isinstance(value, torch.nn.Module):
        value = list(value.parameters())
    if isinstance(value, torch.Tensor):
        return [value.device.type]
    if isinstance(value, (str, torch.device)):
        return [str(value).partition(":")[0]]
    if isinstance(value, int):
        return ["cuda"]
    if isinstance(value, (list, tuple)) and depth < 5:
        return sorted({kind for item in value for kind in where(item, depth + 1)})
    return []

def numbers(value):
    try:
        return [float(item) for item in (value if isinstance(value, (list, tuple)) else [value])][:500]
    except Exception:
        return []

found = device_record() if "device_record" in globals() else {}
found["places"] = {name: where(globals()[name]) for name in placed if name in globals()}
found["numbers"] = {name: numbers(globals()[name]) for name in same if name in globals()}
return np.frombuffer(json.dumps(found).encode(), dtype=np.uint8)
"""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Forward(_Part):
    """Outermost calls of a module: sorts of devices, as `cpu`, `cuda`, `cpu+cuda`."""

    parameters: str
    inputs: str
    outputs: str
    """Nothing where the call failed."""


class Loss(_Part):
    """Calls of a module that computes a loss."""

    inputs: str


class Step(_Part):
    """Steps of an optimizer."""

    parameters: str
    gradients: str
    times: int


class Load(_Part):
    """A file that was read by `torch.load`."""

    map_location: str | None
    devices: str


class Kept(_Part):
    """A list of single numbers that are tensors still."""

    name: str
    devices: str
    is_history: bool = False
    """Whether gradients were computed of what is in it."""


class Observed(_Part):
    """Where tensors were while the notebook ran."""

    forwards: list[Forward] = []
    losses: list[Loss] = []
    steps: list[Step] = []
    backwards: dict[str, int] = {}
    loads: list[Load] = []
    stale: list[str] = []
    kept: list[Kept] = []


class DeviceRecord(_Part):
    """What came back; as believable as the notebook that it came from."""

    refused: list[str] = []
    observed: Observed = Observed()
    places: dict[str, list[str]] = {}
    """Name to the sorts of devices of its tensors."""
    numbers: dict[str, list[float]] = {}

    @property
    def is_left_by_optimizer(self) -> bool:
        """Whether losses were on the GPU, and nothing that optimizers changed was."""
        steps = self.observed.steps
        return bool(steps) and "cuda" in self.observed.backwards and all(s.parameters == "cpu" for s in steps)

    @property
    def share_on_gpu(self) -> float | None:
        """Of all steps of optimizers (or, without any, of all `backward()`): None when there were none.

        A single number of the host may be among what an optimizer changes on the GPU.
        """
        steps = Counter[str]()
        for step in self.observed.steps:
            steps["cuda" if "cuda" in step.parameters else step.parameters] += step.times
        return _share(steps) if steps else self.share_of_backwards

    @property
    def share_of_backwards(self) -> float | None:
        """Of all `backward()`, on the GPU; None when there were none."""
        return _share(self.observed.backwards)


def _share(times: Mapping[str, int]) -> float | None:
    total = sum(times.values())
    return times.get("cuda", 0) / total if total > 0 else None


def state_probe(probe_id: str, placed: Sequence[str], same: Sequence[str], *, gpu: bool) -> Probe:
    """The question; `placed`: names whose places are asked, `same`: names whose numbers are."""
    names: dict[str, Argument] = {"placed": list(placed), "same": list(same)}
    return Probe(
        id=probe_id,
        code=STATE,
        arguments=names,
        reads_state=True,
        ask="student",
        world="gpu" if gpu else "plain",
    )


def read_record(observation: Observation | None) -> DeviceRecord | None:
    """The answer; None when there is none that can be read."""
    if observation is None or not isinstance(observation.value, Leaf):
        return None
    try:
        return DeviceRecord.model_validate_json(
            np.asarray(observation.value.array).astype(np.uint8).tobytes()
        )
    except (ValidationError, ValueError):
        return None
