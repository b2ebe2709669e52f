"""Loops: one turn less, one more, none; the wrong end first; never left."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.authoring.mutation.code import Code, Edit, name_of


def turns(code: Code) -> Iterator[Edit]:
    """`range(n)` becomes `range(n - 1)`, `range(n + 1)` and `range(0)`."""
    for call in code.nodes(ast.Call):
        if name_of(call) == "range" and call.args:
            yield from _around(code, call.args[0] if len(call.args) == 1 else call.args[1])


def epochs(code: Code) -> Iterator[Edit]:
    """`max_epochs=n` becomes `max_epochs=n - 1`, `n + 1` and `0`; so with `max_steps`."""
    for node in code.nodes(ast.keyword):
        if node.arg in ("max_epochs", "max_steps"):
            yield from _around(code, node.value)


def _around(code: Code, count: ast.expr) -> Iterator[Edit]:
    yield Edit("loops.less", code.end(count), code.end(count), " - 1")
    yield Edit("loops.more", code.end(count), code.end(count), " + 1")
    yield code.replace("loops.none", count, "0")


def directions(code: Code) -> Iterator[Edit]:
    """`reversed(a)` becomes `a`."""
    for call in code.nodes(ast.Call):
        if name_of(call) == "reversed":
            yield code.replace("loops.direction", call, code.of(call.args[0]))


def exits(code: Code) -> Iterator[Edit]:
    """`break` is left out."""
    for node in code.nodes(ast.Break):
        yield code.drop("loops.exit", node)


RULES = (turns, epochs, directions, exits)
