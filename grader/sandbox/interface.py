"""What whoever holds a kernel may do with it, behind walls or not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from grader.model.execution import CellRun, Execution
from grader.model.probe import Observation, Probe

LOCAL = "local"
"""In the place of a tier: no walls, and a kernel as Jupyter starts one, on any system."""


class Respondent(Protocol):
    """Answers probes."""

    def ask(self, probe: Probe) -> Observation:
        """One question, one answer; whatever goes wrong is an outcome."""
        ...

    def ask_together(self, probes: Sequence[Probe]) -> list[Observation]:
        """Several at once, which is cheaper: one answer to each, perhaps of the first ones only, at least of one."""
        ...


class LiveKernel(Respondent, Protocol):
    """Runs one notebook, and answers probes afterwards."""

    no_gpu: str | None
    """Why the CUDA device that was asked for is not there; None where it is, or nobody asked."""
    gpu_name: str
    """Of a real one; empty for the virtual one, and where nobody asked."""

    def execute(self, notebook: str, hear: Callable[[int | CellRun], None] = ...) -> Execution:
        """Run all code cells; `hear` gets each cell's index as it begins, and how it went."""
        ...


def no_device(ready: dict[str, Any]) -> str | None:
    """Why there is no CUDA device, from what the kernel said before any student's code ran in it."""
    device = ready.get("gpu")
    return None if device is None or device["installed"] else str(device["reason"])


def device_name(ready: dict[str, Any]) -> str:
    """What a real GPU is called, from the same."""
    return str((ready.get("gpu") or {}).get("name", ""))
