"""The code of one cell as rules see it: text, syntax tree, and where each node stands in the text.

A mutant is one edit of the text, so that all else stays as it was, to the byte. The tree is Python's own: it knows
where a node begins and ends, which is all that an edit needs.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple, TypeVar

from grader.authoring.release import BEGIN, END

Node = TypeVar("Node", bound=ast.AST)


class Edit(NamedTuple):
    """One change of a cell's text: the characters from `start` to before `end` become `new`."""

    rule: str
    """The name of the rule that makes it, as `autograd.zero_grad`."""
    start: int
    end: int
    new: str


class Code:
    """A cell's text, parsed; `nodes` gives only those that lie in a solution region."""

    def __init__(self, text: str) -> None:
        """Parse. Raises: SyntaxError."""
        self.text = text
        self.tree = ast.parse(text)
        self._lines = text.splitlines(keepends=True)
        self._starts = [0, *accumulate(len(line) for line in self._lines)]
        self._solution = set(_solution_lines(self._lines))

    def nodes(self, kind: type[Node]) -> Iterator[Node]:
        """All nodes of a kind in solution regions, in the order of the text."""
        found = [n for n in ast.walk(self.tree) if isinstance(n, kind) and self._is_solution(n)]
        return iter(sorted(found, key=self.start))

    def start(self, node: ast.AST) -> int:
        """Where a node begins, as an index of the text."""
        return self._index(node.lineno, node.col_offset)  # type: ignore[attr-defined]

    def end(self, node: ast.AST) -> int:
        """Where it ends: the index of the first character behind it."""
        return self._index(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]

    def of(self, node: ast.AST) -> str:
        """A node's own text."""
        return self.text[self.start(node) : self.end(node)]

    def receiver(self, call: ast.Call) -> str:
        """The text before the dot of a method's call, with its brackets: `(a + b)` of `(a + b).mean()`."""
        end = self.end(call.func) - len(name_of(call))
        return self.text[self.start(call) : end].rstrip().removesuffix(".")

    def replace(self, rule: str, node: ast.AST, new: str) -> Edit:
        """The edit that puts a text in a node's place."""
        return Edit(rule, self.start(node), self.end(node), new)

    def drop(self, rule: str, statement: ast.stmt) -> Edit:
        """The edit that takes a statement out."""
        return self.replace(rule, statement, "pass")

    def swap(self, rule: str, first: ast.AST, second: ast.AST) -> Edit:
        """The edit that exchanges two nodes, of which the first stands first."""
        between = self.text[self.end(first) : self.start(second)]
        new = self.of(second) + between + self.of(first)
        return Edit(rule, self.start(first), self.end(second), new)

    def parent(self, node: ast.AST) -> ast.AST | None:
        """The node in which a node stands."""
        return self._parents.get(node)

    def line(self, index: int) -> int:
        """The line of an index of the text, from 1."""
        return self.text.count("\n", 0, index) + 1

    @cached_property
    def _parents(self) -> dict[ast.AST, ast.AST]:
        return {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    def _index(self, line: int, column: int) -> int:
        """Python counts columns in bytes of UTF-8, the text has characters."""
        before = self._lines[line - 1].encode()[:column].decode()
        return self._starts[line - 1] + len(before)

    def _is_solution(self, node: ast.AST) -> bool:
        first, last = getattr(node, "lineno", None), getattr(node, "end_lineno", None)
        return first is not None and {first, last} <= self._solution


def _solution_lines(lines: list[str]) -> Iterator[int]:
    """Numbers of the lines in regions; of all lines where there is no region: such a cell is all solution."""
    if not any(BEGIN in line for line in lines):
        yield from range(1, len(lines) + 1)
        return
    inside = False
    for number, line in enumerate(lines, start=1):
        if BEGIN in line:
            inside = True
        elif END in line:
            inside = False
        elif inside:
            yield number


def name_of(node: ast.AST) -> str:
    """The last word of a name: `sigmoid` of `torch.sigmoid`, `zero_grad` of `optimizer.zero_grad()`."""
    if isinstance(node, ast.Call):
        return name_of(node.func)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def is_for_looks(node: ast.AST) -> bool:
    """Whether a call only dresses a figure: no exercise says how a figure is to look."""
    return name_of(node) in _LOOKS


_LOOKS = {
    *(
        "xlabel",
        "ylabel",
        "title",
        "legend",
        "grid",
        "colorbar",
        "tight_layout",
        "show",
        "margins",
        "suptitle",
    ),
    *("set_xlabel", "set_ylabel", "set_title", "set_xlim", "set_ylim", "xlim", "ylim", "xticks", "yticks"),
}
