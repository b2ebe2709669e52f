"""The rules that make mutants, one file a family: a rule gets a cell's code and yields edits of it.

A new rule is one function in the file of its family, listed there in `RULES`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from grader.authoring.mutation.code import Code, Edit
from grader.authoring.mutation.rules import (
    arguments,
    arithmetic,
    autograd,
    logic,
    loops,
    networks,
    numbers,
    optimizers,
    statements,
    tensors,
)

Rule = Callable[[Code], Iterator[Edit]]

_FAMILIES = (
    *(
        autograd,
        optimizers,
        networks,
        tensors,
    ),  # of the field: they name an edit that a general rule makes too
    *(loops, arithmetic, logic, numbers, arguments, statements),
)
RULES: tuple[Rule, ...] = tuple(rule for family in _FAMILIES for rule in family.RULES)
