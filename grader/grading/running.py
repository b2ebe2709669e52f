"""Runs a notebook behind walls, repaired where it is damaged: once, and again where a run shows what to leave out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from grader.grading.ended_kernels import (
    LEAST_S,
    MOST,
    LeftOut,
    cell_that_ended_it,
    findings,
    put_back,
    without,
)
from grader.grading.repair import repair_after, repair_for
from grader.model.execution import CellRun, Execution
from grader.model.finding import Finding
from grader.model.report import Job
from grader.sandbox import Respondent, open_kernel


@dataclass(frozen=True)
class Ran:
    """A notebook that has run."""

    notebook: str
    """As it is read, nbformat 4 JSON."""
    text_run: str
    """As it ran: without the cells that ended their kernels."""
    execution: Execution
    repairs: tuple[Finding, ...]


@contextmanager
def run_notebook(
    job: Job,
    notebook: str,
    seed: int,
    *,
    hear: Callable[[int | CellRun], None] = lambda _: None,
    warm: bool = True,
    pictures: bool = True,
) -> Iterator[tuple[Respondent, Ran]]:
    """The live kernel in which it ran; the time of further runs is taken from that of the whole.

    Raises: SandboxError.
    """
    rubric = job.exercise.rubric
    limits = rubric.limits
    deadline = time.monotonic() + limits.total_s
    repaired = repair_for(job.exercise, notebook)
    is_repaired_again = False
    gone: list[LeftOut] = []
    with ExitStack() as stack:
        while True:
            text = without(repaired.text, gone)
            kernel = stack.enter_context(
                open_kernel(
                    tier=job.tier,
                    limits=limits,
                    seed=seed,
                    preload=rubric.preload,
                    warm=warm,
                    pictures=pictures,
                )
            )
            execution = kernel.execute(text, hear)
            left_s = deadline - time.monotonic()
            ending = cell_that_ended_it(execution, kernel) if len(gone) <= MOST and left_s > LEAST_S else None
            further = None if is_repaired_again else repair_after(job.exercise, repaired, execution)
            if ending is not None:
                ran = frozenset(run.index for run in execution.cells)
                gone.append(LeftOut(ending, ran if len(gone) == MOST else None))
            elif further is not None and further.text != repaired.text:
                repaired, is_repaired_again, gone = further, True, []
            else:
                break
            stack.close()
            limits = limits.model_copy(update={"total_s": max(LEAST_S, left_s)})
        found = (*(further or repaired).findings, *findings(gone))
        yield kernel, Ran(repaired.text, text, put_back(execution, repaired.text, gone), found)
