"""Putting our functions in the place of torch's."""

from __future__ import annotations

from types import FunctionType
from typing import Any

_KEPT = ("__module__", "__name__", "__qualname__", "__doc__")


def replace(place: Any, **functions: Any) -> None:
    """Set attributes of a module or a class.

    Functions are copied under the name and with the documentation of what they replace: torch._dynamo wants each
    of its names to be an object of its own.
    """
    for name, value in functions.items():
        setattr(place, name, _copied(value, getattr(place, name, None)) if _is_plain(value) else value)


def replace_known(place: Any, **functions: Any) -> None:
    """The same for those that this torch has."""
    replace(place, **{name: function for name, function in functions.items() if hasattr(place, name)})


def _is_plain(value: Any) -> bool:
    return isinstance(value, FunctionType)


def _copied(function: FunctionType, replaced: Any) -> FunctionType:
    copy = FunctionType(
        function.__code__,
        function.__globals__,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    copy.__kwdefaults__ = function.__kwdefaults__
    for name in _KEPT:
        if replaced is not None and hasattr(replaced, name):
            setattr(copy, name, getattr(replaced, name))
    return copy
