"""Untyped storages on the device: what `copy.deepcopy`, `pickle` and `torch.load` are made of."""

from __future__ import annotations

from typing import Any

import torch

from .presence import HOST, check_index, require_device
from .replacing import replace
from .retag import device_storage, to_device


def install() -> None:
    """Replace how they are made and moved."""
    kind: Any = torch.UntypedStorage
    make, move = kind.__new__, kind.to

    def new(cls: Any, *args: Any, device: Any = None, **more: Any) -> Any:
        if device is None or torch.device(device).type != "cuda":
            return make(cls, *args, **more) if device is None else make(cls, *args, device=device, **more)
        require_device()
        check_index(torch.device(device))
        return device_storage(args[0] if args and isinstance(args[0], int) else 0)

    def cuda(self: Any, device: Any = None, non_blocking: bool = False) -> Any:
        if self.device.type == "cuda":
            return self
        require_device()
        return to_device(_bytes_of(self).clone()).untyped_storage()

    def to(self: Any, *, device: Any, non_blocking: bool = False) -> Any:
        if torch.device(device).type == "cuda":
            return cuda(self)
        return move(self, device=device, non_blocking=non_blocking)

    replace(kind, __new__=staticmethod(new), cuda=cuda, to=to)


def _bytes_of(storage: Any) -> torch.Tensor:
    return torch.empty(0, dtype=torch.uint8, device=HOST).set_(storage)
