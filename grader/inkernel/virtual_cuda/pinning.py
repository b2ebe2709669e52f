"""Pinned memory: a copy that says it is pinned."""

from __future__ import annotations

from typing import Any

import torch

from .replacing import replace

REFUSAL = "cannot pin '{kind}' only dense CPU tensors can be pinned"
"""Source: aten/src/ATen/native/Memory.cpp, `_pin_memory`."""
MARK = "_is_pinned_for_virtual_device"


def pin_memory(self: torch.Tensor, device: Any = None) -> torch.Tensor:
    """A copy; raises what CUDA does for a tensor of the device."""
    if self.is_cuda:
        raise RuntimeError(REFUSAL.format(kind=self.type()))
    if is_pinned(self):
        return self
    pinned = self.detach().clone().requires_grad_(self.requires_grad)
    setattr(pinned, MARK, True)
    return pinned


def is_pinned(self: torch.Tensor, device: Any = None) -> bool:
    """Whether it came from `pin_memory`."""
    return bool(getattr(self, MARK, False))


def install() -> None:
    """Replace both methods."""
    replace(torch.Tensor, pin_memory=pin_memory, is_pinned=is_pinned)
