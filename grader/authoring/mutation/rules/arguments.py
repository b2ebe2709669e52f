"""Arguments: one is forgotten, two are exchanged; so with the parts of a result."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.authoring.mutation.code import Code, Edit, is_for_looks

_LOOKS = {"figsize", "label", "color", "marker", "s", "cmap", "alpha", "linewidth", "linestyle"}


def keywords(code: Code) -> Iterator[Edit]:
    """`f(a, key=b)` becomes `f(a)`."""
    for call in code.nodes(ast.Call):
        if is_for_looks(call):
            continue
        parts = [*call.args, *call.keywords]
        for place, part in enumerate(parts):
            if isinstance(part, ast.keyword) and part.arg not in _LOOKS:
                is_last = place == len(parts) - 1
                start = code.end(parts[place - 1]) if place and is_last else code.start(part)
                end = code.end(part) if is_last else code.start(parts[place + 1])
                yield Edit("arguments.forgotten", start, end, "")


def exchanged(code: Code) -> Iterator[Edit]:
    """`f(a, b)` becomes `f(b, a)`."""
    for call in code.nodes(ast.Call):
        if len(call.args) >= 2 and not is_for_looks(call) and code.of(call.args[0]) != code.of(call.args[1]):
            yield code.swap("arguments.exchanged", call.args[0], call.args[1])


def tuples(code: Code) -> Iterator[Edit]:
    """`return a, b` becomes `return b, a`."""
    for node in code.nodes(ast.Return):
        if isinstance(node.value, ast.Tuple) and len(node.value.elts) >= 2:
            yield code.swap("arguments.results", node.value.elts[0], node.value.elts[1])


RULES = (keywords, exchanged, tuples)
