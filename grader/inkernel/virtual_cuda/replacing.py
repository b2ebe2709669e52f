"""Putting our functions in the place of torch's."""

from __future__ import annotations

from typing import Any


def replace(place: Any, **functions: Any) -> None:
    """Set attributes of a module or a class."""
    for name, function in functions.items():
        setattr(place, name, function)


def replace_known(place: Any, **functions: Any) -> None:
    """The same for those that this torch has."""
    replace(place, **{name: function for name, function in functions.items() if hasattr(place, name)})
