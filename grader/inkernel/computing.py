"""How many operations on numbers a call does: what makes, moves or looks at tensors is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.utils import _python_dispatch

_COPIES = frozenset(
    (
        "_to_copy",
        "copy_",
        "clone",
        "detach",
        "detach_",
        "lift",
        "lift_fresh",
        "lift_fresh_copy",
        "fill",
        "fill_",
        "zero",
        "zero_",
        "cat",
        "stack",
        "_local_scalar_dense",
        "is_same_size",
        "set_",
        "resize_",
        "_unsafe_view",
        "_reshape_alias",
        "uniform_",
        "normal_",
        "random_",
        "bernoulli_",
        "equal",
    )
)
_Tensor = torch.Tensor
_Mode: Any = _python_dispatch.TorchDispatchMode
_type, _issubclass = type, issubclass


class _Counter(_Mode):  # type: ignore[misc]
    """Counts while it is entered."""

    def __init__(self) -> None:
        super().__init__()
        self.times: int = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.times += int(_computes(func, args))
        return func(*args, **(kwargs or {}))


def count_operations(call: Callable[[], Any]) -> int:
    """The number of operations that compute with floating-point tensors while `call` runs; raises what it raises."""
    with _Counter() as counter:
        call()
    return int(counter.times)


def _computes(func: Any, args: Any) -> bool:
    name = func.overloadpacket.__name__
    if name in _COPIES or name.endswith("_like") or name.startswith("new_") or func.is_view:
        return False
    return any(map(_is_floating, args)) or any(
        _is_floating(item) for held in args if _issubclass(_type(held), list | tuple) for item in held
    )


def _is_floating(value: Any) -> bool:
    return _issubclass(_type(value), _Tensor) and bool(value.is_floating_point() or value.is_complex())
