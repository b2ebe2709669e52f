"""The host's side of the wall: kernels behind walls, limits, the wire."""

from grader.sandbox.cgroups import settled
from grader.sandbox.gpu_trial import gpu_behind_walls
from grader.sandbox.interface import LOCAL, LiveKernel, Respondent
from grader.sandbox.kernel import Kernel, open_kernel
from grader.sandbox.tiers import choose_tier

__all__ = [
    "LOCAL",
    "Kernel",
    "LiveKernel",
    "Respondent",
    "choose_tier",
    "gpu_behind_walls",
    "open_kernel",
    "settled",
]
