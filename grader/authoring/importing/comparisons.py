"""What a test's statement compares with a value written down; the truth of it is asked of the reference instead."""

from __future__ import annotations

import ast
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from grader.authoring.importing.bindings import last_name, uses

_NEAR = frozenset(
    ("allclose", "isclose", "assert_allclose", "assert_almost_equal", "assert_array_almost_equal")
)
_EQUAL = frozenset(("assert_equal", "assert_array_equal", "array_equal", "equal", "eq_"))


class Compared(NamedTuple):
    """A value that a test asks for."""

    code: str
    exact: bool
    """Whether it must be the same, and not only near."""


def compared_in(statement: ast.stmt, answers: AbstractSet[str], is_last: bool) -> list[Compared] | None:
    """What a statement compares with something written down."""
    if isinstance(statement, ast.Assert):
        return _compared(statement.test, answers)
    if isinstance(statement, ast.Expr):
        found = (
            _compared(statement.value, answers) if is_last or _is_comparing_call(statement.value) else None
        )
        if found is None and is_last and not is_verdict(statement.value) and uses(statement.value, answers):
            return [Compared(ast.unparse(statement.value), exact=True)]
        return found
    return None


def _compared(test: ast.expr, answers: AbstractSet[str]) -> list[Compared] | None:
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        parts = [_compared(part, answers) for part in test.values]
        return None if None in parts else [value for part in parts if part for value in part]
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        if isinstance(test.ops[0], ast.Eq | ast.Is):
            return _against(test.left, test.comparators[0], answers, exact=True)
        return _difference(test, answers)
    if isinstance(test, ast.Call):
        if isinstance(test.func, ast.Attribute) and test.func.attr == "all" and not test.args:
            return _compared(test.func.value, answers)
        name = last_name(test.func)
        if name in ("all", "bool") and len(test.args) == 1 and not isinstance(test.args[0], ast.GeneratorExp):
            return _compared(test.args[0], answers)
        if name in _NEAR | _EQUAL and len(test.args) >= 2:
            return _against(test.args[0], test.args[1], answers, exact=name in _EQUAL)
    return None


def _difference(test: ast.Compare, answers: AbstractSet[str]) -> list[Compared] | None:
    """`abs(f(x) - 2) < 1e-6`."""
    left, right = test.left, test.comparators[0]
    if (
        isinstance(test.ops[0], ast.Lt | ast.LtE)
        and isinstance(left, ast.Call)
        and last_name(left.func) == "abs"
        and len(left.args) == 1
        and isinstance(left.args[0], ast.BinOp)
        and isinstance(left.args[0].op, ast.Sub)
        and _is_written_down(right)
    ):
        return _against(left.args[0].left, left.args[0].right, answers, exact=False)
    return None


def _against(
    one: ast.expr, other: ast.expr, answers: AbstractSet[str], *, exact: bool
) -> list[Compared] | None:
    for asked, known in ((one, other), (other, one)):
        if _is_written_down(known) and uses(asked, answers) and not is_verdict(asked):
            code = ast.unparse(asked)
            is_set = isinstance(known, ast.Set) or (
                isinstance(known, ast.Call) and last_name(known.func) == "set"
            )
            return [Compared(f"sorted({code})" if is_set else code, exact)]
    return None


def _is_written_down(node: ast.expr) -> bool:
    """A literal, or an array made of literals; no name of the notebook."""
    if isinstance(node, ast.Call):
        made = last_name(node.func) in (
            "array",
            "tensor",
            "set",
            "frozenset",
            "sqrt",
            "zeros",
            "ones",
            "eye",
        )
        return made and all(_is_written_down(argument) for argument in node.args)
    if isinstance(node, ast.BinOp):
        return _is_written_down(node.left) and _is_written_down(node.right)
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError):
        return False
    return True


def is_verdict(node: ast.expr) -> bool:
    """A value that the kernel has judged already, or one that is not what the test looks at: a type, a print."""
    if isinstance(node, ast.Compare | ast.BoolOp) or (
        isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    ):
        return True
    if any(isinstance(n, ast.Call) and last_name(n.func) == "print" for n in ast.walk(node)):
        return True  # the value is not what it shows
    return isinstance(node, ast.Call) and last_name(node.func) in (
        "isinstance", "issubclass", "hasattr", "callable", "type", "all", "any", "bool", *_NEAR, *_EQUAL
    )  # fmt: skip


def _is_comparing_call(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and last_name(node.func).startswith(("assert_", "eq_"))
