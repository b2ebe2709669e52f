"""The functions of a notebook's cells, compiled from their text, and told by the digests that a kernel gives them.

Nothing is run. `grader.inkernel.live_code` makes the same digests of what lives in a kernel, in the same version of
Python; neither may import the other, and a test holds them in step.
"""

from __future__ import annotations
import __future__

import ast
import hashlib
import marshal
import types
import warnings
from collections.abc import Iterator
from typing import NamedTuple

from grader.criteria.syntax import CodeCell, Definition, Program

_FUTURE_FLAGS = 0x1FFFF
_NAMED = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)


class Compiled(NamedTuple):
    """Which function of the text has which digest."""

    digests: dict[int, frozenset[str]]
    """By the id of the syntax tree's node; of two lambdas in one line each may be either."""
    definitions: dict[str, tuple[Definition, ...]]
    """By digest."""

    def inside(self, node: ast.AST) -> frozenset[str]:
        """The digests of all functions that stand in a part of the text."""
        return frozenset().union(
            *(self.digests.get(id(n), frozenset()) for n in ast.walk(node) if isinstance(n, _NAMED))
        )


def compile_program(program: Program) -> Compiled:
    """Compile what could be parsed, statement by statement, as a notebook's cells are."""
    postponed = any(_postpones(code.tree) for code in program.cells)
    digests: dict[int, set[str]] = {}
    definitions: dict[str, dict[int, Definition]] = {}
    for code in program.cells:
        nodes = _nodes(code.tree)
        for name, line, digest in _functions(code, postponed=postponed):
            for node in nodes.get((name, line), []):
                digests.setdefault(id(node), set()).add(digest)
                definitions.setdefault(digest, {})[id(node)] = Definition(name, node, code.cell.index)
    return Compiled(
        {node: frozenset(found) for node, found in digests.items()},
        {digest: tuple(found.values()) for digest, found in definitions.items()},
    )


def digest_of(code: types.CodeType) -> str:
    """Of all that code does, whatever its file, lines and surroundings are."""
    return hashlib.sha256(marshal.dumps(_bare(code), 2)).hexdigest()


def _bare(code: types.CodeType) -> types.CodeType:
    return code.replace(
        co_consts=tuple(_bare(c) if isinstance(c, types.CodeType) else c for c in code.co_consts),
        co_filename="",
        co_firstlineno=1,
        co_linetable=b"",
        co_qualname=code.co_name,
        co_flags=code.co_flags & _FUTURE_FLAGS,
    )


def _nodes(tree: ast.Module) -> dict[tuple[str, int], list[ast.AST]]:
    """Functions by the name and first line that their code has."""
    found: dict[tuple[str, int], list[ast.AST]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Lambda):
            found.setdefault(("<lambda>", node.lineno), []).append(node)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            found.setdefault((node.name, first), []).append(node)
    return found


def _functions(code: CodeCell, *, postponed: bool) -> Iterator[tuple[str, int, str]]:
    """Name, first line and digest of each function; as annotations may be kept as text, of both ways."""
    flags = [ast.PyCF_ALLOW_TOP_LEVEL_AWAIT]
    if postponed:
        flags.append(ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | __future__.annotations.compiler_flag)
    for statement in code.tree.body:
        for flag in flags:
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    whole = compile(
                        ast.Module([statement], []), "<cell>", "exec", flags=flag, dont_inherit=True
                    )
            except _UNREADABLE:
                continue
            yield from _functions_in(whole)


def _functions_in(code: types.CodeType) -> Iterator[tuple[str, int, str]]:
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield constant.co_name, constant.co_firstlineno, digest_of(constant)
            yield from _functions_in(constant)


def _postpones(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and any(alias.name == "annotations" for alias in node.names)
        for node in tree.body
    )
