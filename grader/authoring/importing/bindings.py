"""Which names a notebook's cells bind, and which a piece of code reads or calls."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from grader.model.notebook_code import parse


def defined_names(sources: Sequence[str]) -> frozenset[str]:
    """Names that these cells bind at their top level; a cell that is no Python binds none."""
    return frozenset(name for source in sources for name in {*_imported(source), *_bound(source)})


def rebound_names(sources: Sequence[str]) -> frozenset[str]:
    """Names that more than one cell binds: what they stand for at a test is not what they stand for at the end."""
    times = Counter(name for source in sources for name in _bound(source))
    return frozenset(name for name, count in times.items() if count > 1)


def _imported(source: str) -> set[str]:
    imports = [s for s in _statements_of_cell(source) if isinstance(s, ast.Import | ast.ImportFrom)]
    return {(alias.asname or alias.name).partition(".")[0] for s in imports for alias in s.names}


def _bound(source: str) -> set[str]:
    found: set[str] = set()
    for statement in _statements_of_cell(source):
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(statement.name)
        else:
            names = (node for node in ast.walk(statement) if isinstance(node, ast.Name))
            found |= {node.id for node in names if isinstance(node.ctx, ast.Store)}
    return found


def _statements_of_cell(source: str) -> list[ast.stmt]:
    """As a notebook runs it, where magics may stand between lines of Python."""
    tree = parse(source)
    return [] if tree is None else tree.body


def statements_of(source: str) -> list[ast.stmt] | None:
    """The top level of some code; None where it is no Python."""
    try:
        return ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def names_in(source: str) -> tuple[set[str], set[str]]:
    """Names that some code reads, and those that it binds itself."""
    nodes = list(ast.walk(ast.parse(source)))
    names = [node for node in nodes if isinstance(node, ast.Name)]
    bound = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    bound |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    bound |= {(node.asname or node.name).partition(".")[0] for node in nodes if isinstance(node, ast.alias)}
    return {node.id for node in names if isinstance(node.ctx, ast.Load)}, bound


def uses(node: ast.AST, answers: AbstractSet[str]) -> bool:
    """Whether some code names one of them."""
    return any(isinstance(n, ast.Name) and n.id in answers for n in ast.walk(node))


def calls(node: ast.AST, answers: AbstractSet[str]) -> bool:
    """Whether some code calls one of them."""
    calls = [n.func for n in ast.walk(node) if isinstance(n, ast.Call)]
    return any(uses(function, answers) for function in calls)


def last_name(node: ast.expr) -> str:
    """`all` of `torch.all`; empty where it is no name."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
