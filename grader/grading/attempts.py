"""Whether a student tried to define a name: what is blank, or a stub, is not put right for anybody.

Told by the code alone. A stub does nothing with what it gets: `pass`, `raise`, `return 0`, `return x`, zeros on the
device that it was given.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence

from grader.criteria.syntax import read_program
from grader.model.evidence import SourceCell

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_MOVES = ("to", "cpu", "cuda", "float", "double", "clone", "detach")
"""Methods of a tensor after which it holds the same numbers."""
_IDLE = re.compile(r"pass|\.\.\.|return(None|0|0\.0)?|raise.*|(\w+=)?[\w.\"']*")
"""A line, without spaces, that does nothing."""


def is_attempted(name: str, home: str, source: Sequence[SourceCell], handout: Mapping[str, str]) -> bool:
    """Whether the notebook defines the name, one of its own or `Class.method`, and not by a stub.

    Where nothing defines it, as in a cell that is no Python, the cell with the grade id `home` tells: whether it has a
    line of code that the handout's has not.
    """
    program = read_program(source)
    definition = program.definitions.get(name)
    if definition is not None:
        return not _is_stub(definition.node)
    if name.partition(".")[0] in program.definitions:
        return False  # the class is there, without the method
    if name in program.aliases:
        return True
    given = _lines(handout.get(home, ""))
    cells = [cell.text for cell in source if cell.grade_id == home]
    return any(line not in given and not _IDLE.fullmatch(line) for text in cells for line in _lines(text))


def _is_stub(node: ast.AST) -> bool:
    match node:
        case ast.ClassDef(body=body):
            return all(_is_stub(method) for method in body if isinstance(method, _Function))
        case ast.FunctionDef(body=body) | ast.AsyncFunctionDef(body=body):
            return not _works(body, _inputs(node))
        case ast.Lambda(body=value):
            return not _works([ast.Return(value)], _inputs(node))
        case _:
            return isinstance(node, ast.Constant) and (not node.value or node.value is ...)


def _inputs(function: _Function | ast.Lambda) -> set[str]:
    """What it gets to work with: neither itself nor the device."""
    arguments = function.args
    rest = [argument for argument in (arguments.vararg, arguments.kwarg) if argument is not None]
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *rest]
    return {argument.arg for argument in every} - {"self", "cls", "device"}


def _works(body: Sequence[ast.stmt], inputs: set[str]) -> bool:
    """Whether a statement does something with the inputs; where there are none, something at all."""
    for statement in body:
        match statement:
            case ast.Pass() | ast.Raise() | ast.Assert() | ast.Import() | ast.ImportFrom() | ast.Global():
                continue
            case ast.Expr(value=ast.Call() as call) if _is_given(call):
                continue
            case ast.Assign(targets=targets, value=value):
                if any(map(_is_of_self, targets)) and not isinstance(value, ast.Constant):
                    return True
                if _computes(value, inputs):
                    return True
                if inputs and set(_read(value)) & inputs:  # another name for the same
                    inputs |= {name.id for t in targets for name in ast.walk(t) if isinstance(name, ast.Name)}
            case ast.Expr(value=value) | ast.Return(value=value):
                if value is not None and _computes(value, inputs):
                    return True
            case _:
                if _computes(statement, inputs):
                    return True
    return False


def _computes(node: ast.AST, inputs: set[str]) -> bool:
    match node:
        case ast.Name() | ast.Constant():
            return False
        case ast.Tuple(elts=parts) | ast.List(elts=[_, *_] as parts):
            return any(_computes(part, inputs) for part in parts)
        case ast.Call(func=ast.Attribute(value=value, attr=attr)) if attr in _MOVES:
            return _computes(value, inputs)
    if not inputs:
        return any(isinstance(n, ast.Call | ast.BinOp | ast.List) for n in ast.walk(node))
    return any(name in inputs for name in _read(node))


def _read(node: ast.AST) -> Iterator[str]:
    """Names that are read, but not to tell a device."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield node.id
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.keyword) and child.arg == "device"):
            yield from _read(child)


def _is_given(call: ast.Call) -> bool:
    """`super().__init__()`, or something printed as it came."""
    match call.func:
        case ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr="__init__"):
            return True
        case ast.Name(id="print"):
            return all(isinstance(argument, ast.Name | ast.Constant) for argument in call.args)
    return False


def _is_of_self(target: ast.expr) -> bool:
    return (
        isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self"
    )


def _lines(text: str) -> list[str]:
    """What of a cell's lines is neither comment nor space."""
    lines = ("".join(line.partition("#")[0].split()) for line in text.splitlines())
    return [line for line in lines if line]
