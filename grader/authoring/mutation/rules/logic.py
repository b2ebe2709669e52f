"""Conditions: another comparison, the other branch, the other truth."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.authoring.mutation.code import Code, Edit

_OTHER: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
}


def comparisons(code: Code) -> Iterator[Edit]:
    """`a < b` becomes `a <= b`, `a == b` becomes `a != b`."""
    for node in code.nodes(ast.Compare):
        left = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            if type(operator) in _OTHER:
                symbol, other = _OTHER[type(operator)]
                place = code.text.index(symbol, code.end(left), code.start(right))
                yield Edit("logic.comparison", place, place + len(symbol), other)
            left = right


def conditions(code: Code) -> Iterator[Edit]:
    """`if a:` becomes `if True:` and `if False:`."""
    for node in code.nodes(ast.If):
        yield code.replace("logic.always", node.test, "True")
        yield code.replace("logic.never", node.test, "False")


def branches(code: Code) -> Iterator[Edit]:
    """`a if c else b` becomes `a` and `b`."""
    for node in code.nodes(ast.IfExp):
        yield code.replace("logic.first_branch", node, code.of(node.body))
        yield code.replace("logic.second_branch", node, code.of(node.orelse))


def truths(code: Code) -> Iterator[Edit]:
    """`True` becomes `False`, and the other way round."""
    for node in code.nodes(ast.Constant):
        if isinstance(node.value, bool):
            yield code.replace("logic.truth", node, str(not node.value))


RULES = (comparisons, conditions, branches, truths)
