"""Names in Python code: those that a notebook's cells define, and those that a snippet uses without defining them."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Iterator

from grader.model.notebook_code import parse

_WORD = re.compile(r"[^\W\d]\w*")
_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def defined_names(cells: Iterable[str]) -> set[str]:
    """The names that cells leave behind once they have run; of a cell that is no Python, all words."""
    found: set[str] = set()
    for cell in cells:
        tree = parse(cell)
        found |= set(_WORD.findall(cell)) if tree is None else names_left(tree)
    return found


def names_left(tree: ast.Module) -> set[str]:
    """The names that a cell's code gives a value at the top level, or as global names."""
    declared = (node.names for node in ast.walk(tree) if isinstance(node, ast.Global))
    return {*_bound(tree), *(name for names in declared for name in names)}


def answer_names(cell: str) -> set[str]:
    """The names that a cell defines at the top level, and `Class.method` of its classes; none of what is no Python."""
    tree = parse(cell)
    if tree is None:
        return set()
    methods = {
        f"{class_.name}.{method.name}"
        for class_ in tree.body
        if isinstance(class_, ast.ClassDef)
        for method in class_.body
        if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    return methods | names_left(tree)


def used_names(code: str) -> set[str]:
    """The names that a snippet reads and neither defines nor finds among Python's own; `code` is valid Python."""
    nodes = list(ast.walk(ast.parse(code)))
    bound = {*dir(builtins), *(name for node in nodes for name in _names_of(node))}
    return {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)} - bound


def _bound(node: ast.AST) -> Iterator[str]:
    """What is bound outside of functions, classes and comprehensions."""
    for child in ast.iter_child_nodes(node):
        yield from _names_of(child)
        if not isinstance(child, _Function | ast.ClassDef | _Comprehension):
            yield from _bound(child)


def _names_of(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            yield from ((alias.asname or alias.name).partition(".")[0] for alias in names)
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name
