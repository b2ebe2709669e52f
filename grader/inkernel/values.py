"""Python values taken apart into a plain tree and raw buffers, with the true functions of torch and numpy.

The functions are picked up when this module is imported, before any student code runs: patching torch or numpy
afterwards changes nothing here, and a value that lies about itself gives wrong data at worst.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

MOST_BYTES = 4 << 20
MOST_ARRAYS = 64
MOST_NODES = 2000
DEEPEST = 12
LONGEST_WORDS = 500
LONGEST_LIST_OF_ARRAYS = 32
_REAL = ("float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool")
DTYPES = frozenset((*_REAL, "complex64", "complex128"))

_base: Any = torch._C.TensorBase
_detach, _cpu, _numpy, _to, _dense = _base.detach, _base.cpu, _base.numpy, _base.to, _base.to_dense
_resolve_conj, _resolve_neg = _base.resolve_conj, _base.resolve_neg
_needs_grad, _device, _layout = _base.requires_grad.__get__, _base.device.__get__, _base.layout.__get__
_is_complex, _dtype, _shape = _base.is_complex, _base.dtype.__get__, _base.shape.__get__
_asarray, _ascontiguous, _stack, _tobytes = np.asarray, np.ascontiguousarray, np.stack, np.ndarray.tobytes
_plain_tensors = torch._C.DisableTorchFunctionSubclass
_Tensor, _Parameter, _strided = torch.Tensor, torch.nn.Parameter, torch.strided
_narrow, _wide = torch.bfloat16, torch.float32
_ndarray, _generic = np.ndarray, np.generic
_type, _issubclass, _isinstance, _len = type, issubclass, isinstance, len


class TooLargeError(Exception):
    """The value is more than one answer may hold."""


class Packed:
    """A tree of JSON values, and the buffers that its leaves point to."""

    def __init__(self, value: Any) -> None:
        self.buffers: list[bytes] = []
        self.nodes = 0
        self.size = 0
        self.tree = self._node(value, 0)

    def _node(self, value: Any, depth: int) -> dict[str, Any]:
        self.nodes += 1
        if self.nodes > MOST_NODES or depth > DEEPEST:
            raise TooLargeError("too many or too deeply nested values")
        kind = _type(value)
        if value is None:
            return {"type": "nothing"}
        if _issubclass(kind, str):
            return {"type": "words", "text": str.__str__(value)[:LONGEST_WORDS]}
        if _issubclass(kind, list | tuple):
            return self._items(value, depth)
        if _issubclass(kind, dict) and all(_issubclass(_type(key), str) for key in dict.keys(value)):
            entries = {str.__str__(key)[:200]: self._node(v, depth + 1) for key, v in dict.items(value)}
            return {"type": "entries", "entries": entries}
        taken = _taken(value)
        if taken is None:
            return {"type": "opaque", "class_name": kind.__name__[:200]}
        return self._leaf(*taken)

    def _items(self, value: Any, depth: int) -> dict[str, Any]:
        container = "tuple" if _issubclass(_type(value), tuple) else "list"
        elements = list(tuple.__iter__(value) if container == "tuple" else list.__iter__(value))
        packed = _packed_list(elements, container)
        if packed is not None:
            return self._leaf(*packed)
        return {
            "type": "items",
            "container": container,
            "items": [self._node(element, depth + 1) for element in elements],
        }

    def _leaf(self, array: Any, made_of: str, needs_grad: bool, device: str) -> dict[str, Any]:
        if array.dtype.name not in DTYPES:
            return {"type": "opaque", "class_name": f"{made_of} of {array.dtype.name}"[:200]}
        self.size += array.nbytes
        if self.size > MOST_BYTES or _len(self.buffers) >= MOST_ARRAYS:
            raise TooLargeError(f"more than {MOST_BYTES >> 20} MB or {MOST_ARRAYS} arrays")
        shape = list(array.shape)
        self.buffers.append(_tobytes(_ascontiguous(array)))
        return {
            "type": "leaf",
            "buffer": _len(self.buffers) - 1,
            "dtype": array.dtype.name,
            "shape": shape,
            "made_of": made_of,
            "requires_grad": needs_grad,
            "device": device,
        }


def _taken(value: Any) -> tuple[Any, str, bool, str] | None:
    """A copy as array, what it was made of, whether it hangs on a graph, its device; None when it is no array."""
    kind = _type(value)
    if _issubclass(kind, _Tensor):
        return _taken_tensor(value, "Parameter" if _issubclass(kind, _Parameter) else "Tensor")
    if _issubclass(kind, _ndarray):
        return _asarray(value), "ndarray", False, "cpu"
    if _issubclass(kind, _generic):
        return _asarray(value), "numpy scalar", False, "cpu"
    for plain in (bool, int, float, complex):
        if kind is plain:
            if plain is int and not -(2**63) <= value < 2**63:
                return None
            return _asarray(value), plain.__name__, False, "cpu"
    return None


def _taken_tensor(value: Any, made_of: str) -> tuple[Any, str, bool, str] | None:
    with _plain_tensors():
        needs_grad, device = bool(_needs_grad(value)), str(_device(value))
        if device == "meta":
            return None
        value = _detach(value)
        if _layout(value) is not _strided:
            value = _dense(value)
        if _dtype(value) is _narrow:
            value = _to(value, _wide)
        return _numpy(_resolve_neg(_resolve_conj(_cpu(value)))), made_of, needs_grad, device


def _packed_list(elements: list[Any], container: str) -> tuple[Any, str, bool, str] | None:
    """A flat list of numbers as one array; None when it is something else."""
    if not elements:
        return None
    taken = []
    for element in elements:
        one = _taken(element)
        if one is None or one[0].size != 1 or (one[0].ndim and _len(elements) <= LONGEST_LIST_OF_ARRAYS):
            return None
        taken.append(one)
    names = [made_of for _, made_of, _, _ in taken]
    numbers = {"bool", "int", "float", "complex"}
    if _len(set(names)) == 1:
        name = names[0]
    elif set(names) <= numbers:
        name = next(n for n in ("complex", "float", "int", "bool") if n in names)
    else:
        return None
    if _len({array.shape for array, *_ in taken}) > 1:
        return None
    stacked = _stack([array for array, *_ in taken])
    return stacked, f"{container} of {name}", any(needs for _, _, needs, _ in taken), taken[0][3]
