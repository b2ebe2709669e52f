"""What can be told of a cell's text without running it."""

from __future__ import annotations

import ast
import builtins
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from grader.model.code_names import names_left
from grader.model.notebook_code import parse, without_magics

ALWAYS_THERE = frozenset({*dir(builtins), "get_ipython", "display", "In", "Out", "_", "__name__", "__file__"})
_DEFINES = re.compile(r"^(?:async\s+def|def|class)\s+([^\W\d]\w*)", re.MULTILINE)


def plain(text: str) -> str:
    """Without any space."""
    return "".join(text.split())


@lru_cache(maxsize=2000)
def is_python(text: str) -> bool:
    """Whether Python takes it as a cell; `return` outside of a function is no Python."""
    tree = parse(text)
    if tree is None:
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as in `parse`
        try:
            compile(tree, "<cell>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True


@lru_cache(maxsize=2000)
def is_same_code(text: str, other: str) -> bool:
    """Whether two texts are the same program; comments and spaces do not count."""
    if plain(text) == plain(other):
        return True
    trees = parse(text), parse(other)
    return None not in trees and len({ast.dump(tree) for tree in trees if tree is not None}) == 1


@lru_cache(maxsize=2000)
def defined(text: str) -> frozenset[str]:
    """Functions and classes at its top level; of a text that is no Python, those that it begins to define."""
    tree = parse(text)
    if tree is None:
        return frozenset(_DEFINES.findall(without_magics(text)))
    named = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return frozenset(node.name for node in tree.body if isinstance(node, named))


@lru_cache(maxsize=2000)
def bound(text: str) -> frozenset[str]:
    """Names that it gives a value; none where it is no Python."""
    tree = parse(text)
    return frozenset() if tree is None else frozenset(names_left(tree))


@lru_cache(maxsize=2000)
def needs(text: str) -> frozenset[str]:
    """Names that other cells must have given a value: now, or when its functions are called."""
    return (reads(text)[0] | (reads_later(text) - bound(text))) - ALWAYS_THERE


@lru_cache(maxsize=2000)
def reads(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """Names that it reads as it runs: those that it has not given a value before; and all of them."""
    had: set[str] = set()
    first: set[str] = set()
    every: set[str] = set()
    for part in _parts(text):
        scope = _scope(part)
        first |= scope.read - had
        every |= scope.read
        had |= scope.own
    return frozenset(first), frozenset(every)


@lru_cache(maxsize=2000)
def reads_later(text: str) -> frozenset[str]:
    """Names that its functions read as they are called, and do not have of their own."""
    return frozenset().union(*(_scope(part).read_later for part in _parts(text)))


def _parts(text: str) -> list[list[ast.AST]]:
    tree = parse(text)
    return [] if tree is None else list(_in_order(tree.body))


def _in_order(body: Sequence[ast.AST]) -> Iterator[list[ast.AST]]:
    """Statements one by one; of those that hold others, first what stands in their heads."""
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            yield [statement]
            continue
        parts = list(ast.iter_child_nodes(statement))
        inside = [p for p in parts if isinstance(p, ast.stmt | ast.ExceptHandler | ast.match_case)]
        if not inside:
            yield [statement]
            continue
        name = statement.name if isinstance(statement, ast.ExceptHandler) else None
        caught = [ast.Name(id=name, ctx=ast.Store())] if name else []
        yield [*caught, *(part for part in parts if part not in inside)]
        yield from _in_order(inside)


@dataclass
class _Scope:
    """Names in the body of a function, a class or a notebook."""

    read: set[str]
    """As the body runs, whoever gave them a value."""
    own: set[str]
    """What it gives a value."""
    read_later: set[str]
    """By its functions, as they are called, and not their own."""

    @property
    def free(self) -> set[str]:
        """Of a function: what it reads and does not have of its own."""
        return (self.read | self.read_later) - self.own


def _scope(body: Sequence[ast.AST], own: Iterable[str] = ()) -> _Scope:
    scope = _Scope(set(), set(own), set())
    declared: set[str] = set()
    waiting = list(body)
    while waiting:
        node = waiting.pop()
        waiting += _within(node, scope, declared)
    scope.own -= declared
    return scope


def _within(node: ast.AST, scope: _Scope, declared: set[str]) -> list[ast.AST]:
    """Note what a node does in a scope; returns its parts that belong to the same scope."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            scope.own.add(node.name)
            scope.read_later |= _scope(node.body, _parameters(node.args)).free
            return [*node.decorator_list, *_defaults(node.args)]
        case ast.Lambda():
            scope.read_later |= _scope([node.body], _parameters(node.args)).free
            return _defaults(node.args)
        case ast.ClassDef():
            inside = _scope(node.body)
            scope.own.add(node.name)
            scope.read |= inside.read - inside.own
            scope.read_later |= inside.read_later
            return [*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)]
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            scope.read |= _scope(list(ast.iter_child_nodes(node))).free
            return []
        case ast.Name(id=name, ctx=ast.Load()):
            scope.read.add(name)
        case ast.Name(id=name):
            scope.own.add(name)
        case ast.AugAssign(target=ast.Name(id=name)):
            scope.read.add(name)
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            scope.own |= {(alias.asname or alias.name).partition(".")[0] for alias in names}
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            scope.own.add(name)
        case ast.Global(names=names) | ast.Nonlocal(names=names):
            declared |= set(names)
    return list(ast.iter_child_nodes(node))


def _parameters(arguments: ast.arguments) -> list[str]:
    return [node.arg for node in ast.walk(arguments) if isinstance(node, ast.arg)]


def _defaults(arguments: ast.arguments) -> list[ast.AST]:
    return [*arguments.defaults, *(default for default in arguments.kw_defaults if default is not None)]


def local_names(text: str) -> frozenset[str]:
    """What the last function or class of its top level, or a function in that class, has of its own."""
    tree = parse(text)
    if tree is None or not tree.body:
        return frozenset()
    last = tree.body[-1]
    if not isinstance(last, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return frozenset()
    nodes = list(ast.walk(last))
    stored = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    methods = {n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}
    return frozenset(stored | methods | {n.arg for n in nodes if isinstance(n, ast.arg)})
