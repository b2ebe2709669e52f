"""Operators of arithmetic: the other sign, the other operation."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.authoring.mutation.code import Code, Edit

_OTHER: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.Pow: ("**", "*"),
    ast.MatMult: ("@", "*"),
}


def operators(code: Code) -> Iterator[Edit]:
    """`a + b` becomes `a - b`, `a * b` becomes `a / b`, and so on."""
    for node in code.nodes(ast.BinOp):
        if type(node.op) in _OTHER:
            yield _exchanged(
                code, "arithmetic.operator", node.op, code.end(node.left), code.start(node.right)
            )


def assignments(code: Code) -> Iterator[Edit]:
    """`w -= step` becomes `w += step`."""
    for node in code.nodes(ast.AugAssign):
        if type(node.op) in _OTHER:
            yield _exchanged(
                code, "arithmetic.assignment", node.op, code.end(node.target), code.start(node.value)
            )


def signs(code: Code) -> Iterator[Edit]:
    """`-a` becomes `a`."""
    for node in code.nodes(ast.UnaryOp):
        if isinstance(node.op, ast.USub):
            yield code.replace("arithmetic.sign", node, code.of(node.operand))


def exponents(code: Code) -> Iterator[Edit]:
    """`a ** n` becomes `a`."""
    for node in code.nodes(ast.BinOp):
        if isinstance(node.op, ast.Pow):
            yield Edit("arithmetic.exponent", code.end(node.left), code.end(node), "")


def _exchanged(code: Code, rule: str, operator: ast.operator, start: int, end: int) -> Edit:
    """The operator stands in the text between its operands, perhaps beside brackets."""
    symbol, other = _OTHER[type(operator)]
    place = code.text.index(symbol, start, end)
    return Edit(rule, place, place + len(symbol), other)


RULES = (operators, assignments, signs, exponents)
