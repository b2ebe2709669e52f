"""Numbers: small ones move by one, all others by an order of magnitude."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.authoring.mutation.code import Code, Edit, is_for_looks

_SMALL = 10
_LOOKS = {"figsize", "s", "alpha", "linewidth", "markersize", "fontsize", "dpi", "levels", "bins"}
"""Keywords that only say how a figure looks."""


def numbers(code: Code) -> Iterator[Edit]:
    """`2` becomes `3`, `0.0` becomes `1.0`; `0.1` becomes `0.01`, `600` becomes `60`."""
    for node in code.nodes(ast.Constant):
        is_number = isinstance(node.value, int | float) and not isinstance(node.value, bool)
        if is_number and not _is_for_looks(code, node):
            yield code.replace("numbers.other", node, _other(ast.literal_eval(node)))


def _other(value: float) -> str:
    if float(value).is_integer() and abs(value) <= _SMALL:
        return repr(value + 1)
    return repr(value // 10 if isinstance(value, int) else float(f"{value / 10:.6g}"))


def _is_for_looks(code: Code, node: ast.AST) -> bool:
    parent = code.parent(node)
    while isinstance(parent, ast.expr | ast.keyword):
        if isinstance(parent, ast.keyword) and parent.arg in _LOOKS:
            return True
        if isinstance(parent, ast.Call) and is_for_looks(parent):
            return True
        parent = code.parent(parent)
    return False


RULES = (numbers,)
