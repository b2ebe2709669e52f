"""Puts together how a notebook went, with words for its first failure that name the limit and the cell."""

from __future__ import annotations

from collections.abc import Sequence

from grader.model.execution import CellRun, Ending, Execution
from grader.model.rubric import Limits
from grader.model.text import Text, say


def execution_of(
    runs: Sequence[CellRun], limits: Limits, *, notebook: str, tier: str, wall_s: float
) -> Execution:
    """The execution that these cells make; `notebook`: executed, nbformat 4 JSON."""
    first = next((r for r in runs if r.ended != "completed" and not r.intended), None)
    return Execution(
        ended=first.ended if first else "completed",
        cells=tuple(runs),
        notebook=notebook,
        tier=tier,
        wall_s=wall_s,
        detail=_detail(first, limits) if first else None,
    )


def ended_otherwise(execution: Execution, ended: Ending, limits: Limits) -> Execution:
    """The same, when it is known from elsewhere why the kernel was gone in the last cell."""
    *before, last = execution.cells
    runs = [*before, last.model_copy(update={"ended": ended, "intended": False})]
    return execution_of(
        runs, limits, notebook=execution.notebook, tier=execution.tier, wall_s=execution.wall_s
    )


def _detail(first: CellRun, limits: Limits) -> Text:
    cell = first.index + 1
    match first.ended:
        case "time_limit_exceeded" if first.wall_s < limits.cell_s:
            return say(
                "The notebook took longer than {seconds} s in all; it was stopped in cell {cell}.",
                seconds=limits.total_s,
                cell=cell,
            )
        case "time_limit_exceeded":
            return say("Cell {cell} took longer than {seconds} s.", cell=cell, seconds=limits.cell_s)
        case "memory_limit_exceeded":
            return say(
                "Cell {cell} needed more than the {size} MB of memory that there are.",
                cell=cell,
                size=limits.memory_bytes >> 20,
            )
        case "process_limit_exceeded":
            return say(
                "Cell {cell} started more than the {count} processes and threads that there may be.",
                cell=cell,
                count=limits.processes,
            )
        case "disk_limit_exceeded":
            return say(
                "Cell {cell} wrote more than the {size} MB or {count} files that fit in a folder.",
                cell=cell,
                size=limits.disk_bytes >> 20,
                count=limits.files,
            )
        case "output_limit_exceeded":
            return say(
                "The outputs grew beyond {size} kB in cell {cell}.",
                size=limits.output_bytes >> 10,
                cell=cell,
            )
        case "kernel_died":
            return say("The kernel ended abruptly in cell {cell}; the cells after it did not run.", cell=cell)
        case _:
            name = first.error.name if first.error else ""
            return say("Cell {cell} raised {error}.", cell=cell, error=name)
