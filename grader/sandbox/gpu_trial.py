"""Whether this machine's GPU computes behind the walls, and whether walls that let it in still hold."""

from __future__ import annotations

from grader.errors import KernelStartError, SandboxUnavailableError
from grader.model.rubric import Limits
from grader.model.text import say
from grader.sandbox import selftest
from grader.sandbox.gpus import find_gpu
from grader.sandbox.kernel import open_kernel


def gpu_behind_walls(tier: str) -> str:
    """Name of the GPU that a kernel of this tier computes on, found out by a trial.

    Raises: SandboxUnavailableError, which says what is missing.
    """
    gpu = find_gpu()
    weakness = selftest.weakness(tier, gpu=gpu) if tier != "none" else None
    if weakness is not None:
        raise SandboxUnavailableError(
            say(
                "The walls ({tier}) do not hold where they let the GPU in: {weakness}.",
                tier=tier,
                weakness=weakness,
            )
        )
    try:
        with open_kernel(tier=tier, limits=Limits(), seed=0, gpu="real") as kernel:
            if kernel.no_gpu is not None:
                raise SandboxUnavailableError(
                    say(
                        "The GPU does not compute behind walls ({tier}): {reason}.",
                        tier=tier,
                        reason=kernel.no_gpu,
                    )
                )
            return kernel.gpu_name
    except KernelStartError as error:
        raise SandboxUnavailableError(
            say("No kernel starts where the GPU is let in ({tier}): {reason}", tier=tier, reason=error.text)
        ) from error
