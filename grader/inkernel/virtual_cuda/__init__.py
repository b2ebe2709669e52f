"""A CUDA device for a machine without one, in plain Python.

Tensors on it are ordinary `torch.Tensor` objects whose device is `cuda:0`; their bytes lie in the host's memory, and
the CPU's kernels compute. Autograd, modules, optimizers, views and in-place updates are torch's own code. Tensors on
different devices are refused as CUDA refuses them; what cannot be done raises VirtualDeviceUnsupported.
"""

from __future__ import annotations

from .errors import VirtualDeviceUnavailableError, VirtualDeviceUnsupported
from .installation import install, make_ready
from .observer import OBSERVED
from .observer import install as observe
from .record import RECORD

__all__ = [
    "OBSERVED",
    "RECORD",
    "VirtualDeviceUnavailableError",
    "VirtualDeviceUnsupported",
    "install",
    "make_ready",
    "observe",
]
