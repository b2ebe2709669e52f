"""What goes wrong on the virtual device: its own two errors, and CUDA's in CUDA's words."""

from __future__ import annotations

import torch

from .record import RECORD

DEVICE_ERROR = (
    "CUDA error: {what}\nCUDA kernel errors might be asynchronously reported at some other API call, so the "
    "stacktrace below might be incorrect.\nFor debugging consider passing CUDA_LAUNCH_BLOCKING=1\n"
    "Compile with `TORCH_USE_CUDA_DSA` to enable device-side assertions.\n"
)
"""Source: c10/cuda/CUDAException.cpp and CUDAMiscFunctions.cpp, torch 2.8 to 2.13."""
FORKED = (
    "Cannot re-initialize CUDA in forked subprocess. To use CUDA with multiprocessing, you must use the "
    "'spawn' start method"
)
"""Source: torch/cuda/__init__.py, `_lazy_init`."""


class VirtualDeviceUnsupported(NotImplementedError):  # noqa: N818  the name that students read in a traceback
    """The virtual device, not the student's code, cannot do this: no verdict may be built on it."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the virtual CUDA device cannot do this: {what}")
        RECORD.refuse(what)


class VirtualDeviceUnavailableError(RuntimeError):
    """There can be no virtual device in this process, or with this torch."""


def invalid_ordinal() -> Exception:
    """What CUDA raises for the number of a device that is not there."""
    kind: type[Exception] = getattr(torch, "AcceleratorError", RuntimeError)
    return kind(DEVICE_ERROR.format(what="invalid device ordinal"))
