"""A cell that ended its own kernel is left out of the next run, and what stands above and below it is judged."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from grader.model.execution import CellRun, Execution
from grader.model.finding import Finding
from grader.model.probe import Probe
from grader.model.text import say
from grader.sandbox import Respondent

MOST = 2
"""Cells of one notebook that are left out one by one; from the next that ends its kernel on, all that follow."""
LEAST_S = 1.0
"""Seconds that must be left for another run."""
ENDINGS = ("kernel_died", "memory_limit_exceeded", "output_limit_exceeded", "time_limit_exceeded")
"""How a cell can end that takes its kernel along."""
_NOTHING = Probe(id="alive/0", code="return 0", timeout_s=10.0)


@dataclass(frozen=True)
class LeftOut:
    """One cell that is not run any more, and how it went when it was."""

    run: CellRun
    ran: frozenset[int] | None = None
    """Positions of all cells that ran before it, where those that follow are not run either; else None."""

    def holds(self, index: int) -> bool:
        """Whether the cell at this place is left out."""
        return index == self.run.index or (self.ran is not None and index not in self.ran)


def cell_that_ended_it(execution: Execution, kernel: Respondent) -> CellRun | None:
    """The cell that ran last, where the kernel did not outlive it."""
    if not execution.cells or execution.cells[-1].ended not in ENDINGS:
        return None
    return execution.cells[-1] if kernel.ask(_NOTHING).outcome == "kernel_died" else None


def without(notebook: str, gone: Sequence[LeftOut]) -> str:
    """The notebook with these cells empty."""
    if not gone:
        return notebook
    content = json.loads(notebook)
    for index, cell in enumerate(content["cells"]):
        if cell["cell_type"] == "code" and any(left.holds(index) for left in gone):
            cell["source"] = ""
    return json.dumps(content)


def put_back(execution: Execution, notebook: str, gone: Sequence[LeftOut]) -> Execution:
    """The execution of the rest, with the cells that were left out as they went when they ran, or never did."""
    if not gone:
        return execution
    ended = {left.run.index: left.run for left in gone}
    runs = tuple(
        ended.get(run.index, run)
        for run in execution.cells
        if run.index in ended or not any(left.holds(run.index) for left in gone)
    )
    content, whole = json.loads(execution.notebook), json.loads(notebook)
    for shown, cell in zip(content["cells"], whole["cells"], strict=True):
        shown["source"] = cell["source"]
    first = next(run for run in runs if run.ended != "completed" and not run.intended)
    detail = execution.detail
    if first.index in ended:
        detail = say(
            "Cell {cell} ended the kernel; the notebook was run again without it.", cell=first.index + 1
        )
    update = {"cells": runs, "ended": first.ended, "detail": detail, "notebook": json.dumps(content)}
    return execution.model_copy(update=update)


def findings(gone: Sequence[LeftOut]) -> tuple[Finding, ...]:
    """What the student reads of it."""
    return tuple(
        Finding(
            kind="ended_kernel",
            cell=left.run.index,
            found=say("Cell {cell} ended the kernel that it ran in.", cell=left.run.index + 1),
            done=say("The notebook was run again as far as this cell, and what stands above it judged.")
            if left.ran is not None
            else say("The notebook was run again without this cell, and the rest judged."),
        )
        for left in gone
    )
