"""Compares what a student's kernel answered with what the reference answered; numpy only, no torch.

`compare` gives None when they agree, else the first `Difference` found, in this order: number of results, kind of
value, shape, kind of dtype, finiteness, tolerance `abs(a - b) <= atol + rtol * abs(b)`. Nothing is broadcast, and
NaN equals nothing. A tensor is asked for by the reference answering with one.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from grader.criteria.closeness import is_close, is_same, relative_size, unmatched_rows, wide
from grader.criteria.describe import container_of, describe, is_number, is_tensor, name_shapes, shape_words
from grader.criteria.structure import leaves, parts
from grader.model.base import Frozen
from grader.model.probe import Entries, Items, Leaf, Nothing, Value
from grader.model.text import Text, say

__all__ = ["Difference", "Rules", "Way", "compare", "leaves", "parts"]

Dtypes = Literal["any", "as_precise", "equal"]
"""Any dtype of the same kind; one no less precise than the reference's; the reference's own, a plain number's too:
a whole number or a tensor is then no `float`."""
Way = Literal["count", "kind", "shape", "dtype", "finite", "values"]


class Rules(Frozen):
    """How exactly two values must agree."""

    rtol: float = Field(default=1e-4, ge=0)
    """Relative to the reference's value."""
    atol: float = Field(default=1e-5, ge=0)
    numbers_for_tensors: bool = False
    """Accept a plain number, a NumPy array or a list of numbers of the right shape where a tensor is asked for."""
    rows_in_any_order: bool = False
    """First dimensions may be permuted, all results of a tuple alike."""
    dtypes: Dtypes = "any"
    infinities_agree: bool = False
    """NaN equals NaN, and infinity itself: to tell whether two wrong answers are the same."""


class Difference(Frozen):
    """The first way in which two values disagree."""

    way: Way
    summary: Text
    expected: Text | None = None
    got: Text | None = None
    where: Text | None = None
    staff: str = ""
    """Indices and sizes of differences."""
    lacks_value: bool = False
    """None came back where a value is asked for."""


def compare(got: Value, wanted: Value, rules: Rules) -> Difference | None:
    """The first difference between a student's value and the reference's; None when they agree."""
    if isinstance(got, Nothing) and not isinstance(wanted, Nothing):
        return Difference(
            way="kind",
            summary=say("Nothing was returned: is there a `return`?"),
            expected=describe(wanted),
            got=describe(got),
            lacks_value=True,
        )
    structural = _structure(got, wanted, rules)
    if structural is not None or not rules.rows_in_any_order:
        return structural
    return _rows(leaves(got), leaves(wanted), rules)


def _structure(got: Value, wanted: Value, rules: Rules) -> Difference | None:
    if isinstance(wanted, Entries):
        return _entries(got, wanted, rules)
    if isinstance(wanted, Items) or (isinstance(wanted, Leaf) and container_of(wanted) == "tuple"):
        return _several(got, parts(wanted) or (), wanted, rules)
    if isinstance(wanted, Leaf) and isinstance(got, Leaf):
        return _leaf(got, wanted, rules)
    if type(got) is type(wanted) and got == wanted:
        return None
    return _kind(got, wanted)


def _several(got: Value, wanted: tuple[Value, ...], whole: Value, rules: Rules) -> Difference | None:
    have = parts(got)
    if have is None:
        if isinstance(got, Nothing):
            return _kind(got, whole)
        return Difference(
            way="count",
            summary=say("{count} results are asked for, and one came back.", count=len(wanted)),
            expected=say("{count} results, as a tuple", count=len(wanted)),
            got=describe(got),
        )
    if len(have) != len(wanted):
        return Difference(
            way="count",
            summary=say("The number of results is not right."),
            expected=say("{count} results", count=len(wanted)),
            got=say("{count} results", count=len(have)),
        )
    for index, (mine, theirs) in enumerate(zip(have, wanted, strict=True)):
        difference = _structure(mine, theirs, rules)
        if difference is not None:
            place = say("result {number} of {count}", number=index + 1, count=len(wanted))
            return difference.model_copy(
                update={"where": place, "staff": f"result [{index}]: {difference.staff}"}
            )
    return None


def _entries(got: Value, wanted: Entries, rules: Rules) -> Difference | None:
    if not isinstance(got, Entries):
        return _kind(got, wanted)
    absent = [name for name in wanted.entries if name not in got.entries]
    if absent:
        return Difference(
            way="count",
            summary=say("An entry is missing: `{name}`.", name=absent[0]),
            expected=say("an entry `{name}`", name=absent[0]),
            got=describe(got),
            staff=f"entries missing: {absent}",
        )
    for name in wanted.entries:
        difference = _structure(got.entries[name], wanted.entries[name], rules)
        if difference is not None:
            return difference.model_copy(
                update={"where": say("`{name}`", name=name), "staff": f"{name}: {difference.staff}"}
            )
    return None


def _leaf(got: Leaf, wanted: Leaf, rules: Rules) -> Difference | None:
    if not _fits_kind(got, wanted, rules):
        return _kind(got, wanted)
    if got.array.shape != wanted.array.shape:
        return Difference(
            way="shape",
            summary=name_shapes(got.array.shape, wanted.array.shape),
            expected=say("shape {shape}", shape=shape_words(wanted.array.shape)),
            got=say("shape {shape}", shape=shape_words(got.array.shape)),
        )
    if not _has_right_dtype(got, wanted, rules):
        return _other_dtype(got, wanted)
    if not _fits_dtype(got, wanted):
        return Difference(
            way="dtype",
            summary=say("The numbers are of the wrong type (dtype)."),
            expected=describe(wanted),
            got=describe(got),
        )
    infinite = np.argwhere(~np.isfinite(wide(got.array)))
    if rules.infinities_agree:
        if is_same(got.array, wanted.array, rules.rtol, rules.atol):
            return None
    elif len(infinite):
        return Difference(
            way="finite",
            summary=say("Some values are not finite numbers (NaN or infinity)."),
            expected=say("finite numbers"),
            got=say(
                "{wrong} of {count} values are NaN or infinite", wrong=len(infinite), count=got.array.size
            ),
            staff=f"first at index {tuple(int(i) for i in infinite[0])}",
        )
    if rules.rows_in_any_order or is_close(got.array, wanted.array, rules.rtol, rules.atol):
        return None
    return _values(got.array, wanted.array, rules)


def _fits_kind(got: Leaf, wanted: Leaf, rules: Rules) -> bool:
    if is_tensor(wanted):
        is_list_for_scalar = container_of(got) is not None and wanted.array.ndim == 0
        return is_tensor(got) or (rules.numbers_for_tensors and not is_list_for_scalar)
    if is_number(wanted):
        return container_of(got) is None and (is_number(got) or rules.dtypes != "equal")
    return True


def _has_right_dtype(got: Leaf, wanted: Leaf, rules: Rules) -> bool:
    mine, theirs = got.array.dtype, wanted.array.dtype
    if rules.dtypes == "any" or (is_tensor(wanted) and not is_tensor(got)):
        return True
    if is_number(wanted):
        return rules.dtypes == "as_precise" or _dtype_kind(got.array) == _dtype_kind(wanted.array)
    if rules.dtypes == "as_precise":
        return mine.kind != theirs.kind or mine.itemsize >= theirs.itemsize
    return mine == theirs


def _other_dtype(got: Leaf, wanted: Leaf) -> Difference:
    mine, theirs = got.array.dtype.name, wanted.array.dtype.name
    if is_number(wanted):
        mine, theirs = got.made_of, wanted.made_of
    return Difference(
        way="dtype",
        summary=say("The result is {got}, and {wanted} is asked for.", got=f"`{mine}`", wanted=f"`{theirs}`"),
        expected=describe(wanted),
        got=describe(got),
    )


def _fits_dtype(got: Leaf, wanted: Leaf) -> bool:
    ours, theirs = _dtype_kind(wanted.array), _dtype_kind(got.array)
    # A Python 2 is as good as 2.0 where plain numbers are at home; a tensor of integers is not a tensor of floats.
    return ours == theirs or (ours == "float" and theirs == "int" and not is_tensor(got))


def _dtype_kind(array: npt.NDArray[Any]) -> str:
    return {"f": "float", "i": "int", "u": "int", "b": "bool", "c": "complex"}[array.dtype.kind]


def _kind(got: Value, wanted: Value) -> Difference:
    if isinstance(got, Nothing):
        summary = say("None came back where a value is asked for.")
    elif isinstance(wanted, Leaf) and is_tensor(wanted):
        summary = say("A tensor is asked for, and something else came back.")
    else:
        summary = say("What came back is of the wrong kind.")
    return Difference(
        way="kind",
        summary=summary,
        expected=describe(wanted),
        got=describe(got),
        lacks_value=isinstance(got, Nothing),
    )


def _values(got: npt.NDArray[Any], wanted: npt.NDArray[Any], rules: Rules) -> Difference:
    a, b = wide(got), wide(wanted)
    with np.errstate(over="ignore", invalid="ignore"):
        distance = np.abs(a - b)
        wrong = int(np.sum(~(distance <= rules.atol + rules.rtol * np.abs(b))))
    index = np.unravel_index(int(np.argmax(distance)), distance.shape)
    return Difference(
        way="values",
        summary=say("The values are not right."),
        expected=say("the reference's values, but for rounding"),
        got=say(
            "{wrong} of {count} values differ, by up to {size}",
            wrong=wrong,
            count=got.size,
            size=relative_size(distance, b),
        ),
        staff=(
            f"greatest absolute difference {distance[index]:.6g} at index {tuple(int(i) for i in index)} "
            f"(got {a[index]:.6g}, expected {b[index]:.6g}); {wrong} of {got.size} outside "
            f"rtol={rules.rtol:g}, atol={rules.atol:g}"
        ),
    )


def _rows(got: list[Leaf], wanted: list[Leaf], rules: Rules) -> Difference | None:
    """Match rows one to one; rows of several results belong together."""
    if any(leaf.array.ndim == 0 for leaf in wanted):
        in_order = rules.model_copy(update={"rows_in_any_order": False})
        differences = (_leaf(g, w, in_order) for g, w in zip(got, wanted, strict=True))
        return next((difference for difference in differences if difference is not None), None)
    wrong = unmatched_rows([g.array for g in got], [w.array for w in wanted], rules.rtol, rules.atol)
    if not wrong:
        return None
    return Difference(
        way="values",
        summary=say("Some rows are not among those asked for."),
        expected=say("the reference's rows, in any order"),
        got=say("{wrong} of {count} rows are missing or wrong", wrong=wrong, count=len(wanted[0].array)),
        staff=f"{wrong} rows of the reference without a partner",
    )
