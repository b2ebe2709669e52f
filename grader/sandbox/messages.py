"""What the grader and its client worker say to each other; both are ours, so it travels by pickle.

Nothing that a kernel sent is pickled as it came: only the frozen models that were made of it, whose sizes are bounded.
"""

from __future__ import annotations

from dataclasses import dataclass

from grader.model.execution import CellRun, Execution
from grader.model.probe import Observation, Probe
from grader.model.rubric import Limits
from grader.model.text import Text


@dataclass(frozen=True)
class Connect:
    """Connect to a kernel; its pidfd follows on the same socket."""

    address: str
    key: str
    tier: str
    limits: Limits


@dataclass(frozen=True)
class Execute:
    """Run a notebook."""

    notebook: str


@dataclass(frozen=True)
class Ask:
    """Put probes."""

    probes: tuple[Probe, ...]


@dataclass(frozen=True)
class Disconnect:
    """Let go of the kernel."""


Request = Connect | Execute | Ask | Disconnect


@dataclass(frozen=True)
class Progress:
    """Comes while a notebook runs: the index of the cell that begins, or how a cell went."""

    of: int | CellRun


@dataclass(frozen=True)
class Done:
    """What a request brought."""

    value: Execution | list[Observation] | None = None
    worn: bool = False
    """The client worker has grown, and should not be used for another kernel."""


@dataclass(frozen=True)
class Failed:
    """An error of ours, or of the kernel's start."""

    text: Text | str
    """What the error was made of."""
    at_start: bool


Reply = Progress | Done | Failed
