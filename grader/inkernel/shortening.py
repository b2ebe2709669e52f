"""Calls made short: a notebook's own functions are given no more epochs than the grader's second look at it needs."""

from __future__ import annotations

import functools
import inspect
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

Shortening = Mapping[str, Mapping[str, int]]
MANY = 20
"""Calls in one cell that are cut; what calls on and on waits for a result that only a full training has."""


def install(shell: Any, wanted: Shortening) -> None:
    """After each cell, let the functions in `wanted` that it defined take at most so much for each argument."""
    wrapped: dict[str, Any] = {}
    cut_in_cell = Counter[str]()

    def wrap() -> None:
        cut_in_cell.clear()
        for name, most in wanted.items():
            function = shell.user_ns.get(name)
            if inspect.isfunction(function) and function is not wrapped.get(name):
                shell.user_ns[name] = wrapped[name] = shortened(function, most, cut_in_cell)

    shell.events.register("post_run_cell", lambda *_: wrap())


def shortened(
    function: Callable[..., Any], most: Mapping[str, int], cut_in_cell: Counter[str]
) -> Callable[..., Any]:
    """The function, with whole numbers above `most` cut; a call that does not fit it is passed on as it is.

    `cut_in_cell`: calls that were cut since the cell began, by the function's name.
    """
    signature = inspect.signature(function)

    @functools.wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        try:
            bound = signature.bind(*args, **kwargs)
        except TypeError:
            return function(*args, **kwargs)
        bound.apply_defaults()
        if cut_in_cell[function.__name__] < MANY:
            for name, limit in most.items():
                given = bound.arguments.get(name)
                if isinstance(given, int) and given > limit:
                    bound.arguments[name] = limit
                    cut_in_cell[function.__name__] += 1
        return function(*bound.args, **bound.kwargs)

    return called
