"""Execution: how running a notebook ended, cell by cell; not whether it is right."""

from __future__ import annotations

from typing import Literal

from grader.model.base import Frozen
from grader.model.text import Text

Ending = Literal[
    "completed",
    "raised",
    "time_limit_exceeded",
    "memory_limit_exceeded",
    "process_limit_exceeded",
    "disk_limit_exceeded",
    "output_limit_exceeded",
    "kernel_died",
]


class CellError(Frozen):
    """The error that a cell ended with."""

    name: str
    message: str
    traceback: str = ""
    """Without terminal colours; for the executed notebook and the staff."""


class CellRun(Frozen):
    """How one code cell went."""

    index: int
    """Position among all cells of the notebook, from 0."""
    ended: Ending
    error: CellError | None = None
    intended: bool = False
    """The cell carries the tag `raises-exception`: its error is part of the text."""
    wall_s: float = 0.0


class Execution(Frozen):
    """How a whole notebook went. After an error the cells that follow are still run."""

    ended: Ending
    """`completed`, or how the first cell that did not complete ended."""
    cells: tuple[CellRun, ...] = ()
    """Code cells in the order of the notebook; cells never reached are absent."""
    notebook: str
    """The executed notebook, nbformat 4 JSON, with outputs, errors and times; untrusted."""
    tier: str
    """The sandbox tier that it ran in."""
    wall_s: float = 0.0
    detail: Text | None = None
    """What to tell when it did not complete (which limit, how much)."""

    @property
    def first_failure(self) -> CellRun | None:
        """The first cell that failed without meaning to."""
        return next((c for c in self.cells if c.ended != "completed" and not c.intended), None)
