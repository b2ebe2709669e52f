"""What the notebook's own text says: names, whole numbers, classes, and the messages that its `raise` lines spell out.

It is read from the copy that was handed in, never from what the kernel tells.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from grader.model.evidence import SourceCell
from grader.model.notebook_code import parse

GAP = "…"
"""Stands for what is not shown."""
_LEADING_EMPTY_LINES = re.compile(r"\A(?:[ \t]*\n)+")
_PERCENT = re.compile(r"%(?:\(\w+\))?[-+ #0]*\d*(?:\.\d+)?[a-zA-Z]")
_BRACES = re.compile(r"\{[^{}]*\}")

Template = tuple[str, ...]
"""Constant parts of a message, in order; between each two stands something computed."""


class OwnText:
    """All cells of code of one notebook."""

    def __init__(self, cells: Sequence[SourceCell]) -> None:
        self._texts = {c.index: _LEADING_EMPTY_LINES.sub("", c.text) for c in cells if c.kind == "code"}
        self._trees = {
            index: tree for index, text in self._texts.items() if (tree := parse(text)) is not None
        }
        nodes = [node for tree in self._trees.values() for node in ast.walk(tree)]
        constants = [node.value for node in nodes if isinstance(node, ast.Constant)]
        self.names = frozenset(name for tree in self._trees.values() for name in identifiers(tree))
        self.words = frozenset(value for value in constants if isinstance(value, str))
        self.numbers = frozenset(value for value in constants if type(value) is int)
        self.classes = frozenset(node.name for node in nodes if isinstance(node, ast.ClassDef))
        self.arguments = frozenset(node.arg for node in nodes if isinstance(node, ast.arg))
        self.functions = frozenset(
            node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        )
        self._assigned: dict[str, list[ast.expr]] = defaultdict(list)
        for node in nodes:
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        self._assigned[target.id].append(node.value)

    def line(self, cell: int | None, line: int | None) -> str | None:
        """The text of a line, from 1; None where there is no such line."""
        lines = self._texts.get(-1 if cell is None else cell, "").splitlines()
        return lines[line - 1].strip()[:300] if line is not None and 0 < line <= len(lines) else None

    def statement(self, cell: int | None, line: int | None) -> ast.stmt | None:
        """The innermost statement that holds a line."""
        tree = self._trees.get(-1 if cell is None else cell)
        if tree is None or line is None:
            return None
        held = [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or node.lineno)
        ]
        return min(held, key=lambda node: (node.end_lineno or 0) - node.lineno, default=None)

    def shown(self, message: str, statement: ast.Raise | ast.Assert) -> str | None:
        """The constant parts of a message that this line spells out; None where it spells out no such one."""
        parts = self._spelled(statement)
        if not any(map(str.strip, parts)):
            return None
        fits = re.fullmatch(r"\s*" + ".*".join(map(re.escape, parts)) + r"\s*", message, re.DOTALL)
        return GAP.join(parts) if fits else None

    def _spelled(self, statement: ast.Raise | ast.Assert) -> Template:
        if isinstance(statement, ast.Assert):
            return ("", "") if statement.msg is None else self._template(statement.msg)
        raised = statement.exc
        if isinstance(raised, ast.Name) and len(self._assigned[raised.id]) == 1:
            [raised] = self._assigned[raised.id]
        if isinstance(raised, ast.Call) and len(raised.args) == 1:
            return self._template(raised.args[0])
        return ("", "")

    def _template(self, node: ast.expr) -> Template:
        match node:
            case ast.Constant(value=str() as text):
                return (text,)
            case ast.JoinedStr(values=values):
                return _joined([self._template(value) for value in values])
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return _joined([self._template(left), self._template(right)])
            case ast.BinOp(left=ast.Constant(value=str() as text), op=ast.Mod()):
                return tuple(part.replace("%%", "%") for part in _PERCENT.split(text))
            case ast.Call(func=ast.Attribute(value=ast.Constant(value=str() as text), attr="format")):
                return tuple(_BRACES.split(text))
            case ast.Name(id=name) if len(self._assigned[name]) == 1 and not isinstance(
                self._assigned[name][0], ast.Name | ast.BinOp
            ):
                return self._template(self._assigned[name][0])
            case _:
                return ("", "")


def identifiers(tree: ast.AST) -> Iterator[str]:
    """All names that code uses: variables, attributes, parameters, keywords, definitions, imports."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                yield name
            case ast.keyword(arg=str() as name):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.alias(name=name, asname=other):
                yield from (name, *name.split("."))
                if other is not None:
                    yield other
            case ast.ImportFrom(module=str() as name):
                yield from (name, *name.split("."))
            case _:
                pass


def _joined(templates: Sequence[Template]) -> Template:
    """One after the other: the last part of each and the first of the next are one text."""
    parts = [""]
    for first, *rest in templates:
        parts[-1] += first
        parts += rest
    return tuple(parts)
