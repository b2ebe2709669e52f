"""Whether the device is there for this process: not before `install`, and not in a process forked from it."""

from __future__ import annotations

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


class Presence:
    """State of the one device of this process."""

    is_there = False
    is_forked = False

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


def is_there() -> bool:
    """Whether `torch.cuda.is_available()`."""
    return PRESENCE.is_there


def check_index(device: torch.device) -> None:
    """Raise what CUDA raises for a device that is not there."""
    if device.index is not None and device.index >= COUNT:
        raise invalid_ordinal()


def index_of(device: Any = None) -> int:
    """The number of a device given as number, string, device or nothing."""
    if device is None or (isinstance(device, int) and device < 0):
        return 0
    found = torch.device("cuda", device) if isinstance(device, int) else torch.device(device)
    check_index(found)
    return found.index or 0
