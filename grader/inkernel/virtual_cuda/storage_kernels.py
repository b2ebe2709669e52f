"""Operators that touch where bytes lie: views, copies, resizing, reading one number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import torch

from .errors import VirtualDeviceUnsupported
from .host_kernel import CPU_KEYS
from .presence import HOST, check_fork
from .record import RECORD
from .retag import point_at, to_device, to_host

VIEWS = (
    "view",
    "as_strided",
    "_reshape_alias",
    "unfold",
    "alias",
    "set_",
    "set_.source_Tensor",
    "set_.source_Storage",
    "set_.source_Storage_storage_offset",
)
"""Their kernels read and write metadata only, so that the CPU's do for tensors of any device."""
_aten: Any = torch.ops.aten
_set_storage = _aten.set_.source_Storage_storage_offset


def on_the_tensor_itself(operator: Any) -> Callable[..., Any]:
    """The CPU's kernel on the device tensor: what comes out shares its bytes and its version."""

    def kernel(*args: Any, **kwargs: Any) -> Any:
        return operator.redispatch(CPU_KEYS, *args, **kwargs)

    return kernel


def copy_(target: torch.Tensor, source: torch.Tensor, non_blocking: bool = False) -> torch.Tensor:
    """Between host and device, or on the device."""
    check_fork()
    if target.is_cuda and not source.is_cuda:
        RECORD.to_device += 1
    elif source.is_cuda and not target.is_cuda:
        RECORD.to_host += 1
    if source._is_zerotensor():
        return target.zero_()
    for tensor in (target, source):
        if tensor.layout is not torch.strided:
            raise VirtualDeviceUnsupported(f"{tensor.layout} tensors")
    hosts = [to_host(tensor) if tensor.is_cuda else tensor for tensor in (target, source)]
    _aten.copy_.default.redispatch(CPU_KEYS, *hosts, False)
    return target


def zero_tensor(size: Sequence[int], *, dtype: torch.dtype | None = None, **_: Any) -> torch.Tensor:
    """`_efficientzerotensor`, with zeros that take room."""
    return to_device(torch.zeros(size, dtype=dtype, device=HOST))


def resize_(self: torch.Tensor, size: Sequence[int], *, memory_format: Any = None) -> torch.Tensor:
    """Contiguous in the new shape; what was there stays in front."""
    needed = prod(size)
    offset = self.storage_offset()
    if needed <= self.untyped_storage().nbytes() // self.element_size() - offset:
        _set_storage.redispatch(CPU_KEYS, self, self.untyped_storage(), offset, list(size), _contiguous(size))
        return self
    larger = torch.zeros(needed, dtype=self.dtype, device=HOST)
    if self.numel():
        larger[: self.numel()].copy_(to_host(self).reshape(-1))
    point_at(self, larger, list(size), _contiguous(size))
    return self


def _contiguous(size: Sequence[int]) -> list[int]:
    strides: list[int] = []
    step = 1
    for length in reversed(size):
        strides.append(step)
        step *= max(length, 1)
    return strides[::-1]


def read_number(self: torch.Tensor) -> Any:
    """What `item()` calls."""
    check_fork()
    RECORD.waits += 1
    return _aten._local_scalar_dense.default.redispatch(CPU_KEYS, to_host(self))


def is_pinned(self: torch.Tensor, device: Any = None) -> bool:
    """A tensor of the device never is."""
    return False
