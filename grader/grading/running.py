"""Runs a notebook behind walls, repaired where it is damaged: once, and once more where a run shows a damage."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from grader.grading.repair import repair_after, repair_for
from grader.model.execution import CellRun, Execution
from grader.model.finding import Finding
from grader.model.report import Job
from grader.sandbox import Respondent, open_kernel


@dataclass(frozen=True)
class Ran:
    """A notebook that has run."""

    notebook: str
    """As it ran, nbformat 4 JSON."""
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
    """The live kernel in which it ran; the time of a second run is taken from that of the whole.

    Raises: SandboxError.
    """
    rubric = job.exercise.rubric
    limits = rubric.limits
    deadline = time.monotonic() + limits.total_s
    repaired = repair_for(job.exercise, notebook)
    with ExitStack() as stack:
        while True:
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
            execution = kernel.execute(repaired.text, hear)
            further = None if limits is not rubric.limits else repair_after(job.exercise, repaired, execution)
            if further is None or further.text == repaired.text:
                break
            stack.close()
            repaired = further
            limits = limits.model_copy(update={"total_s": max(1.0, deadline - time.monotonic())})
        yield kernel, Ran(repaired.text, execution, (further or repaired).findings)
