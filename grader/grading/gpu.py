"""The second run of a notebook: in a kernel of its own that sees a CUDA device."""

from __future__ import annotations

import time

from grader.grading.interview import ask_in_time
from grader.model.execution import Execution
from grader.model.gpu_run import USED_UP, GpuRun, Shortening
from grader.model.probe import Probe
from grader.model.report import Job
from grader.sandbox import open_kernel

LONGEST_S, SPARE_S, SLOWER = 60.0, 10.0, 3.0
"""Wall seconds for a run that is kept short, at most; seconds that each has; how much slower than without it may be."""

LEAST_S = 1.0
"""Seconds that must be left of the whole submission's time."""


def short_s(first: Execution) -> float:
    """What a short run may take, measured by what the first one took, on the same machine with the same load.

    Cells that a limit ended do not count.
    """
    done = sum(cell.wall_s for cell in first.cells if cell.ended in ("completed", "raised"))
    return min(LONGEST_S, SPARE_S + SLOWER * done)


def run_with_gpu(
    job: Job,
    notebook: str,
    seed: int,
    warm: bool,
    first: Execution,
    until: float,
    probes: tuple[Probe, ...],
    shorten: Shortening,
) -> GpuRun:
    """Run the notebook with the virtual CUDA device, or this machine's own, and ask there.

    `until`, on the monotonic clock: when the time of the whole submission is over, this run's included.
    Raises: SandboxError when the kernel cannot be started.
    """
    rubric = job.exercise.rubric
    limits = rubric.limits
    left_s = until - time.monotonic()
    if left_s < LEAST_S:
        return GpuRun(unavailable=USED_UP)
    wanted_s = min(limits.total_s, short_s(first)) if shorten else limits.total_s
    total_s = min(wanted_s, left_s)
    limits = limits.model_copy(update={"total_s": total_s, "cell_s": min(limits.cell_s, total_s)})
    deadline = time.monotonic() + limits.total_s
    with open_kernel(
        tier=job.tier,
        limits=limits,
        seed=seed,
        preload=rubric.preload,
        warm=warm,
        gpu="real" if job.real_gpu else "virtual",
        shorten=shorten,
        pictures=False,
    ) as kernel:
        if kernel.no_gpu is not None:
            return GpuRun(device=kernel.gpu_name, unavailable=kernel.no_gpu)
        execution = kernel.execute(notebook)
        if total_s < wanted_s and time.monotonic() >= deadline:
            return GpuRun(device=kernel.gpu_name, unavailable=USED_UP)
        answers = {seen.probe: seen for seen in ask_in_time(kernel, probes, deadline)}
    return GpuRun(device=kernel.gpu_name, execution=execution, answers=answers, is_short=bool(shorten))
