"""A module's parameters as one flat vector, and back: offered to probes by name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

OFFERED = ("get_parameters", "set_parameters", "parameter_shapes")

_cat, _no_grad, _empty = torch.cat, torch.no_grad, torch.empty
_base: Any = torch._C.TensorBase
_detach, _reshape, _copy, _numel, _to = _base.detach, _base.reshape, _base.copy_, _base.numel, _base.to
_parameters, _named = nn.Module.parameters, nn.Module.named_parameters


def _own(module: Any) -> Iterable[torch.Tensor]:
    return _parameters(module) if isinstance(module, nn.Module) else module.parameters()


def get_parameters(module: nn.Module) -> torch.Tensor:
    """All parameters, detached, `[p]`, in the order of `module.parameters()`; a copy on the CPU."""
    flat = [_to(_reshape(_detach(p), (-1,)), "cpu") for p in _own(module)]
    return _cat(flat) if flat else _empty(0)


def set_parameters(module: nn.Module, flat: torch.Tensor) -> None:
    """Write `[p]` values into the parameters, in place and in the same order.

    Raises ValueError when there are not as many values as parameters.
    """
    own = list(_own(module))
    if sum(_numel(p) for p in own) != _numel(flat):
        raise ValueError(f"{_numel(flat)} values for {sum(_numel(p) for p in own)} parameters")
    start = 0
    with _no_grad():
        for parameter in own:
            end = start + _numel(parameter)
            _copy(parameter, _reshape(flat[start:end], parameter.shape))
            start = end


def parameter_shapes(module: nn.Module) -> dict[str, npt.NDArray[np.int64]]:
    """Name of each parameter to its shape, a 1-d int64 array."""
    return {name: np.asarray(tuple(p.shape), dtype=np.int64) for name, p in _named(module)}
