"""`torch.cuda.FloatTensor` and its like, and what takes them."""

from __future__ import annotations

from typing import Any

import torch

from .replacing import replace

NAMES = ("Float", "Double", "Half", "BFloat16", "Long", "Int", "Short", "Byte", "Char", "Bool")
PREFIX = "torch.cuda."


class _CudaType(type):
    """A class whose instances are tensors of the device with one dtype."""

    host: Any
    dtype: torch.dtype

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, torch.Tensor) and instance.is_cuda and instance.dtype == cls.dtype

    def __call__(cls, *args: Any) -> Any:
        return cls.host(*args).cuda()


def install() -> None:
    """Make them, and let `Tensor.type` and `set_default_tensor_type` know them."""
    for name in NAMES:
        host = getattr(torch, f"{name}Tensor")
        own = {"host": host, "dtype": host.dtype, "__module__": "torch.cuda"}
        setattr(torch.cuda, f"{name}Tensor", _CudaType(f"{name}Tensor", (), own))
    host_type: Any = torch.Tensor.type
    set_host_default = torch.set_default_tensor_type

    def of_type(self: torch.Tensor, dtype: Any = None, non_blocking: bool = False, **more: Any) -> Any:
        wanted = _known(dtype)
        if wanted is not None:
            return self.to("cuda", wanted.dtype)
        return host_type(self) if dtype is None else host_type(self, dtype, non_blocking, **more)

    def set_default(wanted: Any) -> None:
        kind = _known(wanted)
        if kind is None:
            torch.set_default_device(None)
            set_host_default(wanted)
        else:
            torch.set_default_dtype(kind.dtype)
            torch.set_default_device("cuda")

    replace(torch.Tensor, type=of_type)
    replace(torch, set_default_tensor_type=set_default)


def _known(kind: Any) -> _CudaType | None:
    """One of ours, given as such or by its name."""
    if isinstance(kind, str) and kind.startswith(PREFIX):
        kind = getattr(torch.cuda, kind.removeprefix(PREFIX), None)
    return kind if isinstance(kind, _CudaType) else None
