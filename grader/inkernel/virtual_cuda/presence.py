"""Whether the device is there for this process: not before `install`, in a process forked from it, or when hidden."""

from __future__ import annotations

import os
from typing import Any

import torch

from .errors import FORKED, invalid_ordinal

COUNT = 1
"""Devices."""
NAME = "Virtual CUDA Device"
DEVICE = torch.device("cuda", 0)
HOST = torch.device("cpu")
NOT_THERE = "Torch not compiled with CUDA enabled"
"""Source: torch/cuda/__init__.py, `_lazy_init`."""


NONE_VISIBLE = "No CUDA GPUs are available"
"""Source: aten/src/ATen/cuda/CUDAContext.cpp and c10/cuda/CUDAFunctions.cpp."""
VISIBLE = "CUDA_VISIBLE_DEVICES"


class Presence:
    """State of the one device of this process."""

    is_there = False
    is_forked = False
    is_visible: bool | None = None
    """None until somebody asks: CUDA reads the variable once, when it starts."""

    def see(self) -> bool:
        """Whether `CUDA_VISIBLE_DEVICES` leaves the device; read at the first question and never again.

        Source: CUDA C++ Programming Guide, "CUDA Environment Variables": devices are listed up to the first that is
        not there.
        """
        if self.is_visible is None:
            first = os.environ.get(VISIBLE, "0").partition(",")[0].strip()
            self.is_visible = first.startswith(("GPU-", "MIG-")) or (first.isdecimal() and int(first) < COUNT)
        return self.is_visible

    def begin(self) -> None:
        """The device is there from now on, and nobody has asked for it; what the sandbox hid is no longer hidden."""
        os.environ.pop(VISIBLE, None)
        self.is_there, self.is_visible = True, None

    def after_fork(self) -> None:
        """In a child, where CUDA could not be used either."""
        self.is_forked = self.is_there


PRESENCE = Presence()


def check_fork() -> None:
    """Raise what CUDA raises in a forked child."""
    if PRESENCE.is_forked:
        raise RuntimeError(FORKED)


def require_device() -> None:
    """Raise what torch raises when it touches CUDA where it must not."""
    if not PRESENCE.is_there:
        raise AssertionError(NOT_THERE)
    check_fork()
    _check_visible()


def is_there() -> bool:
    """Whether `torch.cuda.is_available()`."""
    return PRESENCE.is_there and PRESENCE.see()


def _check_visible() -> None:
    if not PRESENCE.see():
        raise RuntimeError(NONE_VISIBLE)


def check_index(device: torch.device) -> None:
    """Raise what CUDA raises for a device that is not there, or hidden."""
    _check_visible()
    if device.index is not None and device.index >= COUNT:
        raise invalid_ordinal()


def index_of(device: Any = None) -> int:
    """The number of a device given as number, string, device or nothing."""
    if device is None or (isinstance(device, int) and device < 0):
        return 0
    found = torch.device("cuda", device) if isinstance(device, int) else torch.device(device)
    check_index(found)
    return found.index or 0
