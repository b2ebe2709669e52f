"""What goes beyond one device that computes at once: graphs are refused, the rest is done plainly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from .errors import VirtualDeviceUnsupported
from .replacing import replace


def install() -> None:
    """Replace graphs, compilation and the parts of `nn.DataParallel`."""
    replace(torch.cuda, CUDAGraph=_no_graphs, graph=_no_graphs, make_graphed_callables=_no_graphs)
    replace(torch, compile=_compile)
    replace(torch.nn.Module, compile=lambda self, *_, **__: None)
    if not hasattr(torch._C, "_scatter"):
        replace(torch._C, _scatter=_scatter, _gather=_gather, _broadcast_coalesced=_broadcast)


def _no_graphs(*_: Any, **__: Any) -> Any:
    raise VirtualDeviceUnsupported("CUDA graphs")


def _compile(model: Any = None, **_: Any) -> Any:
    """Compiled code computes what the code says; there is no compiler for this device."""
    return (lambda function: function) if model is None else model


def _scatter(tensor: torch.Tensor, devices: Sequence[int], *_: Any) -> tuple[torch.Tensor, ...]:
    return (tensor.to(f"cuda:{devices[0]}"),)


def _gather(tensors: Sequence[torch.Tensor], dim: int, _destination: Any = None) -> torch.Tensor:
    return torch.cat(list(tensors), dim)


def _broadcast(
    tensors: Sequence[torch.Tensor], _devices: Sequence[int], _size: int
) -> list[list[torch.Tensor]]:
    return [list(tensors)]
