"""The same bytes under another device: a tensor handed out as DLPack capsule, and taken back under another name.

Source: dmlc/dlpack, `dlpack.h`, struct `DLManagedTensor`, whose first fields are a pointer and a `DLDevice`.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

import torch

from .errors import VirtualDeviceUnsupported
from .presence import HOST

KDL_CPU, KDL_CUDA = 1, 2
"""Source: dlpack.h, enum `DLDeviceType`."""


class _Device(ctypes.Structure):
    _fields_ = (("device_type", ctypes.c_int32), ("device_id", ctypes.c_int32))


class _Head(ctypes.Structure):
    _fields_ = (("data", ctypes.c_void_p), ("device", _Device))


_to_capsule: Any = torch._C._to_dlpack
_from_capsule: Any = torch._C._from_dlpack
_head_at = _Head.from_address
_pointer: Any = ctypes.pythonapi.PyCapsule_GetPointer
_pointer.restype = ctypes.c_void_p
_pointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
_aten = torch.ops.aten
_CPU_KEYS = torch._C.DispatchKeySet(torch._C.DispatchKey.CPU)
_set_storage: Any = _aten.set_.source_Storage_storage_offset


def to_host(tensor: torch.Tensor) -> torch.Tensor:
    """An alias of a device tensor that the CPU's kernels take, with its lazy conjugate and negative bits."""
    alias = _retag(tensor, KDL_CPU)
    if tensor.is_conj():
        alias = torch._conj(alias)
    return torch._neg_view(alias) if tensor.is_neg() else alias


def to_device(tensor: torch.Tensor) -> torch.Tensor:
    """An alias of a host tensor that is on `cuda:0`; a copy where the host's is lazily conjugate or negative."""
    if tensor.is_conj() or tensor.is_neg():
        tensor = tensor.resolve_conj().resolve_neg()
    return _retag(tensor, KDL_CUDA)


def _retag(tensor: torch.Tensor, device_type: int) -> torch.Tensor:
    """Capsules do not tell of lazy bits."""
    try:
        capsule = _to_capsule(tensor)
    except BufferError as error:
        raise VirtualDeviceUnsupported(f"tensors of {tensor.dtype}") from error
    device = _head_at(_pointer(capsule, b"dltensor")).device
    device.device_type = device_type
    device.device_id = 0
    alias: torch.Tensor = _from_capsule(capsule)
    return alias


def maybe_to_host(tensor: torch.Tensor | None) -> torch.Tensor | None:
    """`to_host` of what is there."""
    return None if tensor is None else to_host(tensor)


def point_at(tensor: torch.Tensor, host: torch.Tensor, size: Sequence[int], stride: Sequence[int]) -> None:
    """Let a device tensor have the bytes of a host tensor."""
    storage = to_device(host).untyped_storage()
    _set_storage.redispatch(_CPU_KEYS, tensor, storage, 0, size, stride)


def device_storage(size_bytes: int) -> torch.UntypedStorage:
    """Fresh bytes on the device."""
    return to_device(torch.empty(size_bytes, dtype=torch.uint8, device=HOST)).untyped_storage()
