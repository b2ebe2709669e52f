"""What torch's own C++ asks of CUDA: a device guard, and whether CUDA is built."""

from __future__ import annotations

import ctypes

import torch

from .errors import VirtualDeviceUnavailableError
from .vtables import MOST_METHODS, RETURNS_ONE, library, make_immortal, replace_methods, slots_of

CUDA = 1
"""Source: c10/core/DeviceType.h, `DeviceType::CUDA`."""
REGISTRY = "_ZN3c104impl26device_guard_impl_registryE"
"""Source: c10/core/impl/DeviceGuardImplInterface.h, `c10::impl::device_guard_impl_registry`."""
GET_HOOKS = "_ZN2at6detail12getCUDAHooksEv"
"""Source: ATen/detail/CUDAHooksInterface.h, `at::detail::getCUDAHooks()`."""


def install_guard() -> None:
    """Give CUDA a guard that does nothing and says `cuda:0`.

    Torch has one of its own, which FakeTensor uses, but installs it only over a guard that counts no device. Where
    torch is built without CUDA there is none, so one is lent to it whose every method answers 0.
    """
    ensure = getattr(torch._C, "_ensureCUDADeviceGuardSet", None)
    if ensure is None:
        raise VirtualDeviceUnavailableError(
            f"torch {torch.__version__} has no guard for devices without CUDA"
        )
    try:
        registry = (ctypes.c_void_p * (CUDA + 1)).in_dll(library("libc10.so"), REGISTRY)
    except ValueError as error:
        raise VirtualDeviceUnavailableError(f"torch {torch.__version__} has no {REGISTRY}") from error
    if not registry[CUDA]:
        zero = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p)(_zero)
        address = ctypes.cast(zero, ctypes.c_void_p).value
        table = (ctypes.c_void_p * MOST_METHODS)(*[address] * MOST_METHODS)
        lent = ctypes.c_void_p(ctypes.addressof(table))
        make_immortal(zero, table, lent)
        registry[CUDA] = ctypes.addressof(lent)
    ensure()
    slots = slots_of("c10/core/impl/DeviceGuardImplInterface.h", "DeviceGuardImplInterface")
    guard = registry[CUDA]
    assert guard is not None
    replace_methods(guard, {slots[method]: RETURNS_ONE for method in ("exchangeDevice", "getDevice")})


def _zero(_this: int | None) -> int:
    return 0


def install_hooks() -> None:
    """Let `at::getAccelerator()` say CUDA: without it the autograd engine refuses device tensors."""
    try:
        get_hooks = library("libtorch_cpu.so")[GET_HOOKS]
    except AttributeError as error:
        raise VirtualDeviceUnavailableError(f"torch {torch.__version__} has no {GET_HOOKS}") from error
    get_hooks.restype = ctypes.c_void_p
    slots = slots_of("ATen/detail/AcceleratorHooksInterface.h", "AcceleratorHooksInterface")
    wanted = ("isBuilt", "hasPrimaryContext", "init")
    replace_methods(get_hooks(), {slots[method]: RETURNS_ONE for method in wanted if method in slots})
