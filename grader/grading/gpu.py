"""The second run of a notebook: in a kernel of its own that sees a CUDA device."""

from __future__ import annotations

import time

from grader.grading.interview import ask_in_time
from grader.model.gpu_run import GpuRun, Shortening
from grader.model.probe import Probe
from grader.model.report import Job
from grader.sandbox import open_kernel

SHORT_S = 60.0
"""Wall seconds for a run that is kept short."""


def run_with_gpu(
    job: Job, notebook: str, seed: int, warm: bool, probes: tuple[Probe, ...], shorten: Shortening
) -> GpuRun:
    """Run the notebook with the virtual CUDA device, or this machine's own, and ask there.

    Raises: SandboxError when the kernel cannot be started.
    """
    rubric = job.exercise.rubric
    limits = rubric.limits
    if shorten:
        total_s = min(limits.total_s, SHORT_S)
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
        answers = {probe.id: ask_in_time(kernel, probe, deadline) for probe in probes}
    return GpuRun(device=kernel.gpu_name, execution=execution, answers=answers, is_short=bool(shorten))
