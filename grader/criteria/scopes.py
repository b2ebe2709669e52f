"""A notebook's code as syntax trees with parents and scopes: which variable a name means, what stands around it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from grader.model.notebook_code import parse

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Variable = tuple[int, str]
"""A scope's id (0 for the notebook's own names, -1 for attributes) and a name."""

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
TOP = 0
ATTRIBUTES = -1


@dataclass
class Cell:
    """One code cell that could be parsed."""

    index: int
    given: bool
    """It came with the exercise, unchanged."""
    tree: ast.Module


@dataclass
class Code:
    """All code cells of a notebook; cells that are no Python are in `unreadable`."""

    cells: list[Cell]
    unreadable: list[str]
    parents: dict[ast.AST, ast.AST] = field(default_factory=dict)
    functions: dict[str, list[Function]] = field(default_factory=dict)
    """Functions, and `__init__` by its class's name."""
    classes: set[str] = field(default_factory=set)
    bound: dict[ast.AST, set[str]] = field(default_factory=dict)
    """The local names of each function."""

    def nodes(self, *, given: bool = True) -> Iterator[tuple[Cell, ast.AST]]:
        """All nodes of all cells; without those of given cells unless `given`."""
        for cell in self.cells:
            if given or not cell.given:
                for node in ast.walk(cell.tree):
                    yield cell, node

    def around(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes that stand around a node, inmost first."""
        while node in self.parents:
            node = self.parents[node]
            yield node

    def statement(self, node: ast.AST) -> ast.AST:
        """The innermost statement that a node stands in, or is."""
        return next(n for n in (node, *self.around(node)) if isinstance(n, ast.stmt | ast.Module))

    def variable(self, node: ast.AST) -> Variable | None:
        """What a name or an attribute means; None for other nodes."""
        if isinstance(node, ast.Attribute):
            return ATTRIBUTES, node.attr
        if isinstance(node, ast.arg):
            owner = next(n for n in self.around(node) if isinstance(n, FUNCTIONS))
            return id(owner), node.arg
        if not isinstance(node, ast.Name):
            return None
        for outer in self.around(node):
            if isinstance(outer, FUNCTIONS) and node.id in self.bound[outer]:
                return id(outer), node.id
        return TOP, node.id


def read(cells: Sequence[tuple[int, str, bool]]) -> Code:
    """Parse cells given as (index, text, given); magics and shell lines are left out."""
    code = Code([], [])
    for index, text, given in cells:
        tree = parse(text)
        if tree is None:
            code.unreadable.append(text)
            continue
        code.cells.append(Cell(index, given, tree))
    for _, node in code.nodes():
        for child in ast.iter_child_nodes(node):
            code.parents[child] = node
    for _, node in code.nodes():
        _note(code, node)
    return code


def last_name(node: ast.AST) -> str:
    """`is_available` of `torch.cuda.is_available`; empty for what has no name."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def parameters(function: Function) -> list[ast.arg]:
    """All parameters, positional ones first."""
    arguments = function.args
    rest = [a for a in (arguments.vararg, arguments.kwarg) if a is not None]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *rest]


def _note(code: Code, node: ast.AST) -> None:
    if isinstance(node, FUNCTIONS):
        code.bound[node] = {a.arg for a in parameters(node)} | _stored(node)
        if isinstance(node, ast.Lambda):
            match code.parents.get(node):
                case ast.Assign(targets=[ast.Name(id=name)]):
                    code.functions.setdefault(name, []).append(node)
        elif node.name == "__init__" and isinstance(code.parents.get(node), ast.ClassDef):
            code.functions.setdefault(code.parents[node].name, []).append(node)  # type: ignore[attr-defined]
        else:
            code.functions.setdefault(node.name, []).append(node)
    elif isinstance(node, ast.ClassDef):
        code.classes.add(node.name)


def _stored(function: ast.AST) -> set[str]:
    """Names that a function assigns itself, without those it declares global."""
    stored: set[str] = set()
    declared: set[str] = set()
    todo = list(ast.iter_child_nodes(function))
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Global | ast.Nonlocal):
            declared |= set(node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            stored.add(node.id)
        if not isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            todo += ast.iter_child_nodes(node)
    return stored - declared
