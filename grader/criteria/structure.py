"""Values taken apart: their arrays, and the elements of tuples and lists."""

from __future__ import annotations

import numpy as np

from grader.criteria.describe import container_of
from grader.model.probe import Entries, Items, Leaf, Value


def leaves(value: Value) -> list[Leaf]:
    """All arrays in a value, depth first; a dict's by the order of its sorted keys."""
    match value:
        case Leaf():
            return [value]
        case Items(items=items):
            return [leaf for item in items for leaf in leaves(item)]
        case Entries(entries=entries):
            return [leaf for key in sorted(entries) for leaf in leaves(entries[key])]
        case _:
            return []


def parts(value: Value) -> tuple[Value, ...] | None:
    """The elements of a tuple or list, also of a flat one of numbers; None for anything else."""
    if isinstance(value, Items):
        return value.items
    if isinstance(value, Leaf) and container_of(value) is not None:
        kind = value.made_of.partition(" of ")[2]
        return tuple(
            Leaf(array=element, made_of=kind, requires_grad=value.requires_grad)
            for element in (np.asarray(e) for e in value.array)
        )
    return None
