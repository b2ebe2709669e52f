"""Tensors on different devices, refused as CUDA's kernels refuse them, in the same words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import torch

from .operator_table import Rule

SAME_DEVICE = (
    "Expected all tensors to be on the same device, but got {name} is on {device}, "
    "different from other tensors on {common} (when checking argument in method {method})"
)
"""Source: aten/src/ATen/core/op_registration/adaption.cpp, torch 2.8 and later."""
ITERATOR = (
    "Expected all tensors to be on the same device, but found at least two devices, {common} and {device}!"
)
"""Source: aten/src/ATen/TensorIterator.cpp, `compute_types`."""
TOO_MANY_SCALARS = "Trying to pass too many CPU scalars to non-CPU kernel!"
"""Source: as above."""
MASK = "expected self and mask to be on the same device, but got mask on {mask} and self on {self}"
"""Source: aten/src/ATen/native/cuda/Indexing.cu, `masked_fill__cuda`."""
INDICES = "indices should be either on cpu or on the same device as the indexed tensor ({device})"
"""Source: aten/src/ATen/native/TensorAdvancedIndexing.cpp."""
VALUE = "expected device {self} but got device {values} for value tensor"
"""Source: aten/src/ATen/native/TensorAdvancedIndexing.cpp, `_index_put_impl_`."""
GENERATOR = "Expected a 'cuda' device type for generator but found 'cpu'"
"""Source: aten/src/ATen/core/Generator.h, `check_generator`."""
INTEGERS = "\"{kernel}\" not implemented for '{dtype}'"
"""Source: aten/src/ATen/Dispatch.h; which kernels: aten/src/ATen/native/cuda/Blas.cpp."""

MAY_BE_MIXED = frozenset(
    (
        "aten::_ctc_loss",
        "aten::_ctc_loss.Tensor",
        "aten::_ctc_loss_backward.Tensor",
        "aten::index.Tensor_out",
        "aten::_unsafe_index.Tensor",
        "aten::copy_",
    )
)
"""Kernels for CUDA that take tensors of the host beside their own."""
_WITHOUT_INTEGERS = {
    "aten::mm": "addmm_cuda",
    "aten::addmm": "addmm_cuda",
    "aten::addbmm": "addmm_cuda",
    "aten::bmm": "baddbmm_cuda",
    "aten::baddbmm": "baddbmm_cuda",
    "aten::mv": "addmv_impl_cuda",
    "aten::addmv": "addmv_impl_cuda",
    "aten::dot": "dot",
    "aten::vdot": "vdot",
}


def check_devices(rule: Rule, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
    """Judge the arguments of an operator of which some are on the host and some on the device."""
    special = _SPECIAL.get(rule.name)
    if special is not None:
        special(*args, **kwargs)
        return
    given = [*zip(rule.names, args, strict=False)]
    given += [(name, kwargs[name]) for name in rule.keyword_names if name in kwargs]
    if not rule.wants_same_device:
        _check_iterator(
            _tensors(value for _, value in given),
            _tensors(value for name, value in given if name in rule.written),
        )
        return
    # An `out` that a composite operator made for itself says nothing of what the student did: inputs come first.
    outputs = rule.written.intersection(rule.keyword_names)
    inputs = [pair for pair in given if pair[0] not in outputs]
    check_same_device(rule.method, inputs)
    check_same_device(rule.method, [*(pair for pair in given if pair[0] in outputs), *inputs])


def check_same_device(method: str, given: Iterable[tuple[str, Any]]) -> None:
    """`c10::impl::check_and_update_common_device`, for pairs of name and argument."""
    common: torch.device | None = None
    for name, value in given:
        for tensor in value if isinstance(value, list | tuple) else (value,):
            if not isinstance(tensor, torch.Tensor):
                continue
            if common is None:
                common = tensor.device
            elif tensor.device != common:
                raise RuntimeError(
                    SAME_DEVICE.format(name=name, device=tensor.device, common=common, method=method)
                )


def check_numbers(rule: Rule, args: Sequence[Any]) -> None:
    """Refuse matrices and vectors of integers, which cuBLAS does not multiply."""
    kernel = _WITHOUT_INTEGERS.get(rule.name.partition(".")[0].rstrip("_"))
    if not kernel or not isinstance(args[0], torch.Tensor):
        return
    if not (args[0].is_floating_point() or args[0].is_complex()):
        dtype = args[0].type().rpartition(".")[2].removesuffix("Tensor")
        raise RuntimeError(INTEGERS.format(kernel=kernel, dtype=dtype))


def _check_iterator(tensors: list[torch.Tensor], written: list[torch.Tensor]) -> None:
    """`TensorIteratorBase::compute_types`: one 0-dimensional tensor of the host may be among the inputs."""
    common = next((tensor.device for tensor in tensors if tensor.device.type != "cpu"), None)
    if common is None:
        return
    scalars = 0
    for tensor in tensors:
        if tensor.device == common:
            continue
        if tensor.dim() > 0 or any(tensor is output for output in written):
            raise RuntimeError(ITERATOR.format(common=common, device=tensor.device))
        scalars += 1
        if scalars > 1:
            raise RuntimeError(TOO_MANY_SCALARS)


def _tensors(values: Iterable[Any]) -> list[torch.Tensor]:
    found: list[torch.Tensor] = []
    for value in values:
        if isinstance(value, torch.Tensor):
            found.append(value)
        elif isinstance(value, list | tuple):
            found += _tensors(value)
    return found


def _check_masked_fill(self: torch.Tensor, mask: torch.Tensor, value: Any) -> None:
    if mask.device != self.device:
        raise RuntimeError(MASK.format(mask=mask.device, self=self.device))


def _check_where(condition: torch.Tensor, self: torch.Tensor, other: torch.Tensor, **_: Any) -> None:
    """Every 0-dimensional operand of the host is moved; the iterator judges the rest."""
    operands = (condition, self, other)
    if len({t.device for t in operands if t.dim() > 0 or t.device.type != "cpu"}) > 1:
        raise RuntimeError(ITERATOR.format(common="cuda:0", device="cpu"))


def _check_index(self: torch.Tensor, indices: Sequence[torch.Tensor | None], **_: Any) -> None:
    for index in indices:
        if index is not None and index.device != self.device and index.device.type != "cpu":
            raise RuntimeError(INDICES.format(device=self.device))


def _check_index_put(
    self: torch.Tensor,
    indices: Sequence[torch.Tensor | None],
    values: torch.Tensor,
    accumulate: bool = False,
    unsafe: bool = False,
) -> None:
    _check_index(self, indices)
    if values.device != self.device and values.dim() > 0:
        if accumulate and self.is_cuda:
            raise RuntimeError(VALUE.format(self=self.device, values=values.device))
        raise RuntimeError(ITERATOR.format(common="cuda:0", device="cpu"))


_SPECIAL: dict[str, Callable[..., None]] = {
    "aten::index.Tensor": _check_index,
    "aten::_index_put_impl_": _check_index_put,
    "aten::masked_fill_.Tensor": _check_masked_fill,
    "aten::masked_fill_.Scalar": _check_masked_fill,
    "aten::where.self": _check_where,
    "aten::where.self_out": _check_where,
}
