"""The same notebook once more, in a kernel that sees a CUDA device."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from grader.model.base import Frozen
from grader.model.execution import Execution
from grader.model.probe import Observation

Shortening = dict[str, dict[str, int]]
"""Function of the notebook to the most that its arguments may be: `{"train": {"epochs": 20}}`."""
USED_UP = "the time for the whole submission was used up"
"""Why there was no run with a device, or none to its end."""


class GpuRun(Frozen):
    """How it went there, and what it answered."""

    device: str = ""
    """Name of the GPU, where it was a real one; empty where it was the virtual device."""
    unavailable: str = ""
    """Why there was no such device: then there is nothing else. Empty when there was one."""
    execution: Execution | None = None
    answers: Mapping[str, Observation] = Field(default_factory=dict)
    """By probe id."""
    is_short: bool = False
    """Functions of the notebook were called with smaller arguments than the notebook says."""
