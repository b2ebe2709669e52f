"""Convolutions, with the checks of cuDNN."""

from __future__ import annotations

from typing import Any

import torch

from .host_kernel import CPU_KEYS
from .presence import check_fork
from .record import RECORD
from .retag import maybe_to_host, to_device, to_host

TYPES = "Input type ({input}) and {name} type ({other}) should be the same"
"""Source: aten/src/ATen/native/Convolution.cpp, `check_input_same_type_as_parameters`."""
_COMPOSITE_KEYS = torch._C.DispatchKeySet(torch._C.DispatchKey.PrivateUse2)
"""A backend that has no kernels: its entries still lead to the composite kernels that ours hide."""
_forward: Any = torch.ops.aten.convolution.default
_backward: Any = torch.ops.aten.convolution_backward.default


def convolution(
    input: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor | None,
    *how: Any,
) -> torch.Tensor:
    """All of them, transposed and grouped ones, too."""
    check_fork()
    all_here = input.is_cuda and weight.is_cuda and (bias is None or bias.is_cuda)
    if all_here and input.dtype == weight.dtype:
        RECORD.operators += 1
        return to_device(
            _forward.redispatch(CPU_KEYS, to_host(input), to_host(weight), maybe_to_host(bias), *how)
        )
    if input.is_cuda:
        for name, other in (("weight", weight), ("bias", bias)):
            if other is not None and other.type() != input.type():
                raise RuntimeError(TYPES.format(input=input.type(), name=name, other=other.type()))
    composed: torch.Tensor = _forward.redispatch(_COMPOSITE_KEYS, input, weight, bias, *how)
    return composed


def convolution_backward(
    gradient: torch.Tensor,
    input: torch.Tensor,
    weight: torch.Tensor,
    *how: Any,
) -> tuple[torch.Tensor | None, ...]:
    """Gradients of input, weight and bias."""
    made = _backward.redispatch(CPU_KEYS, to_host(gradient), to_host(input), to_host(weight), *how)
    return tuple(None if tensor is None else to_device(tensor) for tensor in made)
