"""Whole statements: one is left out, two change places, a decorator goes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise

from grader.authoring.mutation.code import Code, Edit, is_for_looks


def calls(code: Code) -> Iterator[Edit]:
    """A call whose value nobody uses is left out: `losses.append(…)`, `self.log(…)`, `plt.plot(…)`."""
    for node in code.nodes(ast.Expr):
        if isinstance(node.value, ast.Call) and not is_for_looks(node.value):
            yield code.drop("statements.call", node)


def updates(code: Code) -> Iterator[Edit]:
    """`a += b` is left out."""
    for node in code.nodes(ast.AugAssign):
        yield code.drop("statements.update", node)


def renewals(code: Code) -> Iterator[Edit]:
    """An assignment to an attribute, or to a name that had a value, is left out."""
    for node in code.nodes(ast.Assign):
        (target, *_) = node.targets
        if isinstance(target, ast.Attribute | ast.Subscript) or _is_reassigned(code, node):
            yield code.drop("statements.assignment", node)


def results(code: Code) -> Iterator[Edit]:
    """`return a` becomes `return None`."""
    for node in code.nodes(ast.Return):
        if node.value is not None:
            yield code.replace("statements.return", node.value, "None")


def decorators(code: Code) -> Iterator[Edit]:
    """A decorator is left out."""
    for node in code.nodes(ast.FunctionDef):
        for decorator in node.decorator_list:
            start = code.text.rindex("@", 0, code.start(decorator))
            yield Edit("statements.decorator", start, code.end(decorator), "")


def order(code: Code) -> Iterator[Edit]:
    """Two statements of a loop's body that follow each other change places."""
    for loop in code.nodes(ast.For):
        for first, second in pairwise(loop.body):
            if isinstance(first, _SIMPLE) and isinstance(second, _SIMPLE):
                yield code.swap("statements.order", first, second)


_SIMPLE = (ast.Expr, ast.Assign, ast.AugAssign)


def _is_reassigned(code: Code, node: ast.Assign) -> bool:
    """Whether a name that it gives a value stands on its right side too."""
    named = {n.id for target in node.targets for n in ast.walk(target) if isinstance(n, ast.Name)}
    read = {n.id for n in ast.walk(node.value) if isinstance(n, ast.Name)}
    return bool(named & read)


RULES = (calls, updates, renewals, results, decorators, order)
