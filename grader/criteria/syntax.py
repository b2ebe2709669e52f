"""Students' code as syntax trees: cells parsed with IPython's extras taken out, definitions, import aliases.

Nothing here runs or imports what it reads.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from grader.model.evidence import SourceCell
from grader.model.notebook_code import parse


class Definition(NamedTuple):
    """What gives a name its meaning: a function, a class, or the right side of an assignment."""

    name: str
    node: ast.AST
    cell: int


class CodeCell(NamedTuple):
    """A code cell that is Python."""

    cell: SourceCell
    tree: ast.Module


class Program(NamedTuple):
    """All code of a notebook."""

    cells: tuple[CodeCell, ...]
    broken: tuple[int, ...]
    """Indices of the code cells that are not Python, which nothing is known of."""
    definitions: dict[str, Definition]
    """At the top level, and `Class.method`; the last definition of a name wins."""
    every: dict[str, tuple[Definition, ...]]
    """All definitions of each of these names, in the notebook's order."""
    aliases: dict[str, str]
    """Names bound by imports, and by assignments like `g = torch.autograd.grad`, to dotted names."""
    stars: tuple[str, ...]
    """Modules that all names are imported from."""


def read_program(cells: Sequence[SourceCell]) -> Program:
    """Parse all code cells; one that is not Python is passed over and named."""
    parsed: list[CodeCell] = []
    broken: list[int] = []
    for cell in cells:
        if cell.kind != "code":
            continue
        tree = parse(cell.text)
        if tree is None:
            broken.append(cell.index)
        else:
            parsed.append(CodeCell(cell, tree))
    aliases, stars = _aliases(parsed)
    every: dict[str, tuple[Definition, ...]] = {}
    for code in parsed:
        for definition in _definitions(code.tree.body, code.cell.index):
            every[definition.name] = (*every.get(definition.name, ()), definition)
    return Program(
        cells=tuple(parsed),
        broken=tuple(broken),
        definitions={name: found[-1] for name, found in every.items()},
        every=every,
        aliases=aliases,
        stars=stars,
    )


def dotted(node: ast.AST) -> str | None:
    """`torch.nn.Linear` for a chain of attributes on a name; None for anything else."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return ".".join([node.id, *reversed(names)])


def resolve(name: str, aliases: dict[str, str]) -> str:
    """A dotted name with its first part replaced by what it was imported as."""
    seen: set[str] = set()
    first, _, rest = name.partition(".")
    while first in aliases and first not in seen and aliases[first] != first:
        seen.add(first)
        name = f"{aliases[first]}.{rest}" if rest else aliases[first]
        first, _, rest = name.partition(".")
    return name


def own_statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements of a block and of the blocks inside it, not of functions and classes defined there."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        for field in ("body", "orelse", "finalbody"):
            yield from own_statements(getattr(statement, field, []))
        for handler in getattr(statement, "handlers", []):
            yield from own_statements(handler.body)


def _definitions(body: Sequence[ast.stmt], cell: int) -> Iterator[Definition]:
    for statement in own_statements(body):
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield Definition(name, statement, cell)
                if isinstance(statement, ast.ClassDef):
                    methods = _definitions(statement.body, cell)
                    yield from (method._replace(name=f"{name}.{method.name}") for method in methods)
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    yield from _assigned(target, value, cell)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield Definition(name, value, cell)


def _assigned(target: ast.expr, value: ast.expr, cell: int) -> Iterator[Definition]:
    match target, value:
        case ast.Name(id=name), _:
            yield Definition(name, value, cell)
        case (
            (ast.Tuple(elts=targets) | ast.List(elts=targets)),
            (ast.Tuple(elts=values) | ast.List(elts=values)),
        ):
            if len(targets) == len(values):
                for one, other in zip(targets, values, strict=True):
                    yield from _assigned(one, other, cell)


def _aliases(cells: Sequence[CodeCell]) -> tuple[dict[str, str], tuple[str, ...]]:
    aliases: dict[str, str] = {}
    stars: list[str] = []
    for node in (node for code in cells for node in ast.walk(code.tree)):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    top = alias.name.partition(".")[0]
                    aliases[alias.asname or top] = alias.name if alias.asname else top
            case ast.ImportFrom(module=str(module), names=names):
                for alias in names:
                    if alias.name == "*":
                        stars.append(module)
                    else:
                        aliases[alias.asname or alias.name] = f"{module}.{alias.name}"
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Attribute() as value):
                target = dotted(value)
                if target is not None and target.partition(".")[0] in aliases:
                    aliases[name] = target
    return aliases, tuple(stars)
