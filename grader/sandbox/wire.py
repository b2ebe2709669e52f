"""The wire between grader and agent: how a probe is laid out, and the checks that an answer passes before use.

Nothing that comes from a kernel is unpickled or evaluated. An answer that breaks a rule raises `RefusedError`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from grader.model.array import DTYPES
from grader.model.probe import Entries, Items, Leaf, Nothing, Opaque, Probe, Value, Words
from grader.sandbox.outputs import printable

MOST_BYTES = 4 << 20
MOST_ARRAYS = 64
MOST_DIMENSIONS = 8
MOST_HEADER_BYTES = 512 << 10
MOST_NODES = 2000
DEEPEST = 14
LONGEST_WORDS = 500
LONGEST_NAME = 300


class RefusedError(Exception):
    """An answer broke the wire's rules; the message says which, for the staff."""


def questions(probes: Mapping[str, Probe]) -> list[bytes]:
    """The buffers of the request, from nonce to probe: JSON first, then one raw buffer an input of each in turn."""
    heads = []
    raw = []
    for nonce, probe in probes.items():
        arrays = {name: np.ascontiguousarray(array) for name, array in probe.inputs.items()}
        heads.append(
            {
                "nonce": nonce,
                "code": probe.code,
                "requires": list(probe.requires),
                "seed": probe.seed,
                "own_dtype": probe.leaves_dtype_open,
                "arguments": probe.arguments,
                "inputs": [
                    [name, array.dtype.name, list(probe.inputs[name].shape)] for name, array in arrays.items()
                ],
            }
        )
        raw += [array.tobytes() for array in arrays.values()]
    return [json.dumps(heads).encode(), *raw]


def value(tree: Any, buffers: list[Any], *, header_bytes: int) -> Value:
    """The answer's tree with its arrays; raises RefusedError when any rule is broken."""
    if header_bytes > MOST_HEADER_BYTES:
        raise RefusedError(f"a header of {header_bytes} bytes")
    if len(buffers) > MOST_ARRAYS:
        raise RefusedError(f"{len(buffers)} arrays")
    if sum(len(buffer) for buffer in buffers) > MOST_BYTES:
        raise RefusedError("more than 4 MB")
    reader = _Reader(buffers)
    found = reader.node(tree, 0)
    if reader.used != set(range(len(buffers))):
        raise RefusedError("buffers that nothing points to")
    return found


class _Reader:
    def __init__(self, buffers: list[Any]) -> None:
        self.buffers = buffers
        self.used: set[int] = set()
        self.nodes = 0

    def node(self, tree: Any, depth: int) -> Value:
        self.nodes += 1
        if self.nodes > MOST_NODES or depth > DEEPEST:
            raise RefusedError("too many or too deeply nested values")
        kind = _get(tree, "type", str)
        if kind == "leaf":
            return self.leaf(tree)
        if kind == "items":
            container = _get(tree, "container", str)
            if container not in ("list", "tuple"):
                raise RefusedError("an unknown container")
            found = tuple(self.node(item, depth + 1) for item in _get(tree, "items", list))
            return Items(container="tuple" if container == "tuple" else "list", items=found)
        if kind == "entries":
            entries = _get(tree, "entries", dict)
            return Entries(entries={words(k): self.node(v, depth + 1) for k, v in entries.items()})
        if kind == "words":
            return Words(text=words(_get(tree, "text", str), LONGEST_WORDS))
        if kind == "nothing":
            return Nothing()
        if kind == "opaque":
            return Opaque(class_name=words(_get(tree, "class_name", str)))
        raise RefusedError("an unknown type of value")

    def leaf(self, tree: Any) -> Leaf:
        index, dtype, shape = _get(tree, "buffer", int), _get(tree, "dtype", str), _get(tree, "shape", list)
        if not 0 <= index < len(self.buffers) or index in self.used:
            raise RefusedError("a buffer that is not there, or is used twice")
        self.used.add(index)
        if dtype not in DTYPES:
            raise RefusedError("an unknown dtype")
        if len(shape) > MOST_DIMENSIONS or not all(type(n) is int and 0 <= n <= MOST_BYTES for n in shape):
            raise RefusedError("a shape that cannot be")
        raw = bytes(self.buffers[index])
        if math.prod(shape) * np.dtype(dtype).itemsize != len(raw):
            raise RefusedError("a buffer whose length does not fit its shape")
        array = np.frombuffer(raw, dtype=dtype)
        if dtype == "bool":
            array = np.frombuffer(raw, dtype=np.uint8) != 0
        return Leaf(
            array=array.reshape(shape),
            made_of=words(_get(tree, "made_of", str)),
            requires_grad=_get(tree, "requires_grad", bool),
            device=words(_get(tree, "device", str)),
        )


def words(text: Any, length: int = LONGEST_NAME) -> str:
    """A string of bounded length that can be encoded; raises RefusedError when it is none."""
    if not isinstance(text, str):
        raise RefusedError("something else where words belong")
    return printable(text[:length])


def _get(tree: Any, key: str, kind: type) -> Any:
    if not isinstance(tree, dict) or type(tree.get(key)) is not kind:
        raise RefusedError(f"no {key}, or not of its type")
    return tree[key]
