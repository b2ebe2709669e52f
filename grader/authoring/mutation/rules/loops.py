"""Loops: one turn less, one more, none; the wrong end first; never left."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.authoring.mutation.code import Code, Edit, name_of


def turns(code: Code) -> Iterator[Edit]:
    """`range(n)` becomes `range(n - 1)`, `range(n + 1)` and `range(0)`."""
    for call in code.nodes(ast.Call):
        if name_of(call) == "range" and call.args:
            stop = call.args[0] if len(call.args) == 1 else call.args[1]
            yield Edit("loops.less", code.end(stop), code.end(stop), " - 1")
            yield Edit("loops.more", code.end(stop), code.end(stop), " + 1")
            yield code.replace("loops.none", stop, "0")


def directions(code: Code) -> Iterator[Edit]:
    """`reversed(a)` becomes `a`."""
    for call in code.nodes(ast.Call):
        if name_of(call) == "reversed":
            yield code.replace("loops.direction", call, code.of(call.args[0]))


def exits(code: Code) -> Iterator[Edit]:
    """`break` is left out."""
    for node in code.nodes(ast.Break):
        yield code.drop("loops.exit", node)


RULES = (turns, directions, exits)
