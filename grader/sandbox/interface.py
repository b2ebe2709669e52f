"""What whoever holds a kernel may do with it, behind walls or not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from grader.model.execution import CellRun, Execution
from grader.model.probe import Observation, Probe

LOCAL = "local"
"""In the place of a tier: no walls, and a kernel as Jupyter starts one, on any system."""


class Respondent(Protocol):
    """Answers probes."""

    def ask(self, probe: Probe) -> Observation:
        """One question, one answer; whatever goes wrong is an outcome."""
        ...


class LiveKernel(Respondent, Protocol):
    """Runs one notebook, and answers probes afterwards."""

    no_virtual_cuda: str | None
    """Why the virtual CUDA device that was asked for is not there."""

    def execute(self, notebook: str, hear: Callable[[int | CellRun], None] = ...) -> Execution:
        """Run all code cells; `hear` gets each cell's index as it begins, and how it went."""
        ...
