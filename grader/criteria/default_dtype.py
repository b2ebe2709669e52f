"""Notebooks that set PyTorch's default dtype: what is said of it, and of the cell that sets it.

A notebook that computes in float64 is asked in float64, and loses nothing; what was asked in float32 of one that
computes in float16 may fail, and the words must name the cause.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from grader.criteria.explain import Explanation
from grader.model.evidence import SourceCell
from grader.model.notebook_code import parse
from grader.model.probe import Observation
from grader.model.text import Text, say

USUAL = "float32"
SETTERS = ("set_default_dtype", "set_default_tensor_type")
OF_DTYPES = ("dtype", "scalar type", "m1 and m2")
"""What errors say that come of dtypes."""


def default_dtype_notice(source: Sequence[SourceCell], answers: Iterable[Observation]) -> Text | None:
    """What the student is told of an unusual default dtype; None where it is the usual one."""
    found = next((o.default_dtype for o in answers if o.default_dtype), USUAL)
    if found == USUAL:
        return None
    setting = _setting(source)
    if found == "float64":
        if setting is None:
            return say("The default dtype is float64: your code was asked in float64.")
        cell, call = setting
        return say(
            "Cell {cell} sets the default dtype to float64 (`{call}`): your code was asked in float64.",
            cell=cell + 1,
            call=call,
        )
    return _said(found, setting)


def of_default_dtype(observation: Observation, source: Sequence[SourceCell]) -> Explanation | None:
    """What to say of an error about dtypes in a notebook whose default dtype is another than the usual one."""
    error, dtype = observation.error, observation.default_dtype or USUAL
    if error is None or dtype == USUAL or not any(words in error.message for words in OF_DTYPES):
        return None
    return Explanation(
        say("Tensors of different dtypes meet: the notebook's default dtype is {dtype}.", dtype=dtype),
        _said(dtype, _setting(source)),
    )


def _said(dtype: str, setting: tuple[int, str] | None) -> Text:
    if setting is None:
        return say(
            "The default dtype is {dtype}, and float32 is asked for: make tensors without another default.",
            dtype=dtype,
        )
    cell, call = setting
    return say(
        "Cell {cell} sets the default dtype to {dtype} (`{call}`), and float32 is asked for: leave that line out.",
        cell=cell + 1,
        dtype=dtype,
        call=call,
    )


def _setting(source: Sequence[SourceCell]) -> tuple[int, str] | None:
    """Index of the last cell that calls what sets the default dtype, and that function's name."""
    for cell in reversed(source):
        tree = parse(cell.text) if cell.kind == "code" else None
        for node in ast.walk(tree) if tree is not None else ():
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if name in SETTERS:
                    return cell.index, ast.unparse(node.func)
    return None
