"""What torch's own table of operators says of their kernels for CUDA, and how CUDA's kernels check devices.

Source: torchgen/packaged/ATen/native/native_functions.yaml, which comes with torch; the rules are those of
torchgen/dest/register_dispatch_key.py and torchgen/model.py (`DeviceCheckType`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from .errors import VirtualDeviceUnavailableError

_FUNCTION = re.compile(r"^- func: ([\w.]+)\(")
_KEYS_WITH_CUDA = re.compile(r"[A-Za-z0-9, ]*\bCUDA\b[A-Za-z0-9, ]*:")


@dataclass
class Entry:
    """One operator of the table."""

    is_unchecked: bool = False
    """`device_check: NoCheck`: the kernel itself, mostly a TensorIterator, judges devices."""
    is_structured: bool = False
    delegates: bool = False
    has_cuda: bool = False


class Rule(NamedTuple):
    """What one operator's kernel for CUDA does with its arguments."""

    name: str
    names: tuple[str, ...]
    """Of positional arguments."""
    keyword_names: tuple[str, ...]
    tensor_places: tuple[int, ...]
    """Positions of arguments that are one tensor each."""
    written: frozenset[str]
    """Arguments that are written to."""
    wants_same_device: bool
    """All arguments on the same device; else the rule of TensorIterator."""
    method: str
    """What messages call the kernel."""


TABLE: dict[str, Entry] = {}
_RULES: dict[Any, Rule] = {}
_OTHER_METHODS = {"native_batch_norm": "wrapper_CUDA__cudnn_batch_norm"}
"""Where a build with cuDNN nearly always arrives."""


def read_table() -> None:
    """Fill `TABLE`, once; raises VirtualDeviceUnavailableError."""
    if TABLE:
        return
    try:
        folder = Path(import_module("torchgen").__path__[0]) / "packaged" / "ATen" / "native"
        lines = (folder / "native_functions.yaml").read_text(encoding="utf-8").splitlines()
    except (ImportError, OSError) as error:
        raise VirtualDeviceUnavailableError(f"torch comes without its table of operators: {error}") from error
    entry = Entry()
    for line in lines:
        if found := _FUNCTION.match(line):
            entry = TABLE[found[1]] = Entry()
            continue
        words = line.strip()
        entry.is_unchecked |= words.startswith("device_check: NoCheck")
        entry.delegates |= words.startswith("structured_delegate:")
        entry.is_structured |= words.startswith("structured: True")
        entry.has_cuda |= _KEYS_WITH_CUDA.match(words) is not None


def rule_of(operator: Any) -> Rule:
    """The rule of one overload, made when it is first needed."""
    known = _RULES.get(operator)
    if known is not None:
        return known
    schema = operator._schema
    base = schema.name.split("::", 1)[1]
    full = f"{base}.{schema.overload_name}" if schema.overload_name else base
    entry = TABLE.get(full, Entry(is_unchecked=True))
    overload = "" if entry.is_structured or entry.delegates else schema.overload_name
    positional = [argument for argument in schema.arguments if not argument.kwarg_only]
    rule = _RULES[operator] = Rule(
        name=operator.name(),
        names=tuple(argument.name for argument in positional),
        keyword_names=tuple(argument.name for argument in schema.arguments if argument.kwarg_only),
        tensor_places=tuple(
            place for place, argument in enumerate(positional) if str(argument.type) == "Tensor"
        ),
        written=frozenset(a.name for a in schema.arguments if a.alias_info and a.alias_info.is_write),
        wants_same_device=not entry.is_unchecked,
        method=_OTHER_METHODS.get(
            base, _method(base, overload, structured=entry.is_structured or entry.delegates)
        ),
    )
    return rule


def _method(base: str, overload: str, *, structured: bool) -> str:
    """Source: torchgen/dest/register_dispatch_key.py, `wrapper_name`; structured kernels go by the functional's."""
    return f"wrapper_CUDA_{base}" if structured else f"wrapper_CUDA_{overload}_{base}"
