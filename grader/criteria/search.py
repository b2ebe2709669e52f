"""Searches students' code for the use of a name, through import aliases and their own helper functions.

A name is written as the last part (`backward`), or more of it (`autograd.grad`); as a keyword argument or
assigned attribute (`requires_grad=`, `accelerator="cpu"` as `accelerator='cpu'`); or as a statement
(`for`, `while`, `comprehension`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from grader.criteria.syntax import Definition, Program, dotted, resolve

STATEMENTS: dict[str, tuple[type[ast.AST], ...]] = {
    "for": (ast.For, ast.AsyncFor),
    "while": (ast.While,),
    "comprehension": (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
}
_HIDING_CALLS = ("eval", "exec", "compile", "__import__", "globals", "locals", "vars", "setattr")
_HIDING_NAMES = (
    "builtins",
    "importlib",
    "attrgetter",
    "methodcaller",
    "__builtins__",
    "__dict__",
    "__getattribute__",
)


class Place(NamedTuple):
    """Where in a notebook something stands."""

    cell: int
    """Index among all cells, from 0."""
    line: int
    """In the cell, from 1."""


class Located(NamedTuple):
    """A node, and the names that are local where it stands."""

    node: ast.AST
    local: frozenset[str]


def reach(program: Program, roots: Sequence[Definition]) -> list[Definition]:
    """The roots and, through the names that they use, all that the student defined and they rest on."""
    found: list[Definition] = []
    seen: set[int] = set()
    waiting = list(roots)
    while waiting:
        definition = waiting.pop(0)
        if id(definition.node) not in seen:
            seen.add(id(definition.node))
            found.append(definition)
            waiting += _rests_on(definition, program)
    return found


def find(name: str, where: Definition, program: Program) -> Place | None:
    """The first place in a definition where a name is used."""
    places = [
        Place(where.cell, getattr(located.node, "lineno", 1))
        for located in live_nodes(where.node)
        if _is_use(name, located, program)
    ]
    return min(places, default=None)


def find_hiding(where: Definition) -> Place | None:
    """The first place where the code makes names or calls that the tree does not show."""
    places = [
        Place(where.cell, getattr(located.node, "lineno", 1))
        for located in live_nodes(where.node)
        if _hides(located.node)
    ]
    return min(places, default=None)


def live_nodes(root: ast.AST) -> Iterator[Located]:
    """All nodes but those under `if False:`."""
    waiting = [Located(root, frozenset())]
    while waiting:
        node, outer = waiting.pop()
        yield Located(node, outer)
        local = outer | _local_names(node)
        dead = isinstance(node, ast.If) and isinstance(node.test, ast.Constant) and not node.test.value
        inside = node.orelse if dead and isinstance(node, ast.If) else ast.iter_child_nodes(node)
        waiting += [Located(child, local) for child in inside]


def _is_use(name: str, located: Located, program: Program) -> bool:
    if name in STATEMENTS:
        return isinstance(located.node, STATEMENTS[name])
    if "=" in name:
        return _is_setting(name, located.node)
    return any(ends_with(used, name) for used in _names_used(located, program))


def _is_setting(name: str, node: ast.AST) -> bool:
    """`requires_grad=` matches any value but False and None, `requires_grad=True` that value alone."""
    key, _, wanted = name.partition("=")
    for given, value in _settings(node):
        if given != key:
            continue
        if wanted:
            return ast.unparse(value) == wanted
        return not (isinstance(value, ast.Constant) and value.value in (False, None))
    return False


def _settings(node: ast.AST) -> Iterator[tuple[str | None, ast.expr]]:
    match node:
        case ast.keyword(arg=name, value=value):
            yield name, value
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                if isinstance(target, ast.Attribute):
                    yield target.attr, value


def _names_used(located: Located, program: Program) -> Iterator[str]:
    match located.node:
        case ast.Name(id=name, ctx=ast.Load()):
            if name in located.local:
                return
            if name in program.aliases:
                yield resolve(name, program.aliases)
            elif name not in program.definitions:
                yield name
                yield from (f"{module}.{name}" for module in program.stars)
        case ast.Attribute(attr=last) as node:
            chain = dotted(node)
            if chain is None or chain.partition(".")[0] in located.local:
                yield last if chain is None else chain
            else:
                yield resolve(chain, program.aliases)
        case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value=str(name)), *_]):
            yield name


def ends_with(used: str, name: str) -> bool:
    """Whether a dotted name is the one that is written as its last parts."""
    return used == name or used.endswith(f".{name}")


def _hides(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value=str()), *_]):
            return False
        case ast.Call(func=ast.Name(id=name)):
            return name in _HIDING_CALLS or name == "getattr"
        case ast.Name(id=name, ctx=ast.Load()) | ast.Attribute(attr=name):
            return name in _HIDING_NAMES
        case ast.Import(names=names):
            return any(alias.name.partition(".")[0] in _HIDING_NAMES for alias in names)
        case ast.ImportFrom(module=module, names=names):
            return module in _HIDING_NAMES or any(alias.name in _HIDING_NAMES for alias in names)
    return False


def _rests_on(definition: Definition, program: Program) -> Iterator[Definition]:
    called = {id(n.func) for n, _ in live_nodes(definition.node) if isinstance(n, ast.Call)}
    owner = definition.name.rpartition(".")[0]
    for node, local in live_nodes(definition.node):
        match node:
            case ast.Name(id=name, ctx=ast.Load()) if name not in local:
                other = _meant(name, definition, program)
                if other is not None and _is_code(other.node, called=id(node) in called):
                    yield other
            case ast.Attribute(value=ast.Name(id="self"), attr=method):
                other = program.definitions.get(f"{owner}.{method}")
                if other is not None:
                    yield other


def _meant(name: str, where: Definition, program: Program) -> Definition | None:
    """The last definition of a name; in a value, which is computed at once, the last one before it."""
    if isinstance(where.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
        return program.definitions.get(name)
    known = program.every.get(name, ())
    before = [other for other in known if _position(other) < _position(where)]
    return before[-1] if before else None if name == where.name else program.definitions.get(name)


def _position(definition: Definition) -> tuple[int, int, int]:
    node = definition.node
    return definition.cell, getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def _is_code(node: ast.AST, *, called: bool) -> bool:
    """Whether a name stands for code; a value computed once does so only where it is called."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
        return True
    return called or isinstance(node, ast.Name | ast.Attribute)


def _local_names(node: ast.AST) -> frozenset[str]:
    """Parameters, and names assigned or defined in a function; none for any other node."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        return frozenset()
    inside = [child for child in ast.walk(node) if child is not node]
    named = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    stored = {n.id for n in inside if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    defined = {n.name for n in inside if isinstance(n, named)}
    released = {name for n in inside if isinstance(n, ast.Global | ast.Nonlocal) for name in n.names}
    return frozenset((stored | defined | set(_parameters(node.args))) - released)


def _parameters(arguments: ast.arguments) -> Iterable[str]:
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    starred = [arg for arg in (arguments.vararg, arguments.kwarg) if arg is not None]
    return [arg.arg for arg in [*named, *starred]]
