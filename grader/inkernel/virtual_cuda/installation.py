"""Switching the device on, for the rest of the process."""

from __future__ import annotations

import os
import warnings
from typing import Any

import torch

from . import (
    accelerator,
    beyond,
    generators,
    memory_figures,
    pinning,
    random_state,
    selftest,
    storages,
    streams,
    tensor_types,
    torch_cuda,
)
from .errors import VirtualDeviceUnavailableError
from .guard import install_guard, install_hooks
from .presence import PRESENCE
from .record import RECORD
from .registration import prepare, register_kernels

_PATCHES = (
    torch_cuda,
    streams,
    accelerator,
    memory_figures,
    random_state,
    generators,
    pinning,
    storages,
    tensor_types,
    beyond,
)


def make_ready() -> None:
    """Do what takes longest of `install` and changes nothing, for a process that forks others.

    Raises: VirtualDeviceUnavailableError.
    """
    prepare(has_cuda_build=_has_cuda_build())


def _has_cuda_build() -> bool:
    return hasattr(torch._C, "_cuda_getDeviceCount")


def install() -> None:
    """Make `cuda:0` a device of this process: before its first `backward()`, and for good.

    Where it fails the process is as it was for programs that do not touch CUDA, and `is_available()` is false.
    Raises VirtualDeviceUnavailableError.
    """
    if PRESENCE.is_there:
        return
    has_cuda_build = _has_cuda_build()
    count: Any = getattr(torch._C, "_cuda_getDeviceCount", int)
    if count() > 0:
        raise VirtualDeviceUnavailableError("this machine has a real CUDA device")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # kernels that replace others
            install_guard()
            install_hooks()
            register_kernels(has_cuda_build=has_cuda_build)
        for patch in _PATCHES:
            patch.install()
        # The fused kernels of encoders make nested tensors, which the device refuses; the plain ones compute the same.
        torch.backends.mha.set_fastpath_enabled(False)
    except VirtualDeviceUnavailableError:
        raise
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise VirtualDeviceUnavailableError(f"with torch {torch.__version__}: {reason}") from error
    os.register_at_fork(after_in_child=PRESENCE.after_fork)
    PRESENCE.begin()
    try:
        selftest.prove()
    except VirtualDeviceUnavailableError:
        PRESENCE.is_there = False
        raise
    PRESENCE.begin()
    memory_figures.MEMORY.clear()
    RECORD.clear()
