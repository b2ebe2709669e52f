"""Values in words: what kind of thing came back, its shape and its dtype, never its numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

from grader.model.probe import Entries, Items, Leaf, Nothing, Opaque, Value, Words
from grader.model.text import Text, say

TENSORS = ("Tensor", "Parameter")
NUMBERS = ("float", "int", "bool", "complex", "numpy scalar")


def is_tensor(leaf: Leaf) -> bool:
    """Whether it is one torch tensor."""
    return leaf.made_of in TENSORS


def is_number(leaf: Leaf) -> bool:
    """Whether it is one plain number."""
    return leaf.made_of in NUMBERS


def container_of(leaf: Leaf) -> str | None:
    """`list` or `tuple` for a flat list or tuple of numbers, else None."""
    container, of, _ = leaf.made_of.partition(" of ")
    return container if of else None


def shape_words(shape: Sequence[int]) -> str:
    """`[4, 1]`; `[]` for a scalar."""
    return f"[{', '.join(str(size) for size in shape)}]"


def describe(value: Value | None) -> Text:
    """What kind of thing a value is, in a few words."""
    match value:
        case Leaf():
            return _leaf(value)
        case Items():
            return _items(value)
        case Entries(entries=entries):
            return say("a dict of {count}", count=len(entries))
        case Words():
            return say("a text (str)")
        case Opaque(class_name=name):
            return say("an object of class `{name}`", name=name)
        case Nothing() | None:
            return say("None")


def name_shapes(got: tuple[int, ...], wanted: tuple[int, ...]) -> Text:
    """In which way a shape is not the one asked for, in one sentence."""
    if wanted == () and math.prod(got) == 1:
        return say("A scalar is asked for, of shape []; a tensor of one element still has a dimension.")
    if got == () and math.prod(wanted) == 1:
        return say("A scalar came back where a tensor with a dimension of size 1 is asked for.")
    if _without_ones(got) == _without_ones(wanted) and len(got) < len(wanted):
        return say("The shape lacks a dimension of size 1.")
    if _without_ones(got) == _without_ones(wanted) and len(got) > len(wanted):
        return say("The shape has a dimension of size 1 too many.")
    if got == wanted[::-1]:
        return say("The shape is transposed: rows and columns are exchanged.")
    return say("The shape is not right.")


def _without_ones(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(size for size in shape if size != 1)


def _items(value: Items) -> Text:
    several = say("a tuple of {count}", count=len(value.items))
    if value.container == "list":
        several = say("a list of {count}", count=len(value.items))
    kinds = {describe(item).model_dump_json() for item in value.items}
    if len(kinds) != 1:
        return several
    return say("{several}, each {element}", several=several, element=describe(value.items[0]))


def _leaf(leaf: Leaf) -> Text:
    shape, dtype = shape_words(leaf.array.shape), leaf.array.dtype.name
    if is_tensor(leaf):
        return say("a tensor of shape {shape}, {dtype}", shape=shape, dtype=dtype)
    if leaf.made_of == "ndarray":
        return say("a NumPy array of shape {shape}, {dtype}", shape=shape, dtype=dtype)
    if is_number(leaf):
        return say("a plain number ({kind})", kind=leaf.made_of)
    container = container_of(leaf)
    element = leaf.made_of.partition(" of ")[2]
    if container == "tuple":
        return say("a tuple of {count} ({element})", count=leaf.array.size, element=element)
    if container == "list":
        return say("a list of {count} ({element})", count=leaf.array.size, element=element)
    return say("{kind} of shape {shape}, {dtype}", kind=leaf.made_of, shape=shape, dtype=dtype)
