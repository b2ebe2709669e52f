"""Reads in which order a training loop calls `zero_grad`, `backward` and `step`: a hint, never a verdict."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Literal

Call = Literal["zero", "backward", "step", "update"]
Fault = Literal["zeroed_between", "step_first", "no_step", "no_backward", "other_model"]

IN_PLACE = {"sub_", "add_", "copy_", "data", "mul_", "addcdiv_", "add_scaled_"}


def fault_of(cells: Iterable[str], names: Iterable[str] = ()) -> Fault | None:
    """What is wrong with the order of calls in the training loop; None where nothing can be seen.

    `names` are the functions to look into first; without a loop there, every loop of the notebook is looked at.
    """
    trees = [tree for tree in map(_parsed, cells) if tree is not None]
    wanted = set(names)
    functions = [
        node
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name in wanted
    ]
    for roots in (functions, trees):
        for root in roots:
            loops = [node for node in ast.walk(root) if isinstance(node, ast.For | ast.While)]
            innermost = [
                calls
                for loop in loops
                if "backward" in (calls := _calls(loop)) and not _has_inner(loop, loops, "backward")
            ]
            for calls in innermost or ([_calls(loops[0])] if loops and root in functions else []):
                fault = _fault(calls)
                return fault or ("other_model" if root in functions and _makes_model(root, trees) else None)
    return None


def clears_gradients(cells: Iterable[str]) -> bool:
    """Whether anything in the code sets gradients back, or asks for them afresh (`autograd.grad`)."""
    nodes = [node for tree in map(_parsed, cells) if tree is not None for node in ast.walk(tree)]
    return any(_kind(node) == "zero" or _asks_afresh(node) for node in nodes)


def _asks_afresh(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr="grad", value=ast.Attribute(attr="autograd"))):
            return True
        case ast.Call(func=ast.Attribute(attr="grad", value=ast.Name(id="autograd"))):
            return True
        case _:
            return False


def unread_arguments(cells: Iterable[str], names: Iterable[str]) -> tuple[str, ...]:
    """Parameters of these functions that nothing in their bodies reads."""
    wanted = set(names)
    found: list[str] = []
    for tree in map(_parsed, cells):
        for node in ast.walk(tree) if tree is not None else ():
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name in wanted:
                arguments = node.args
                given = [a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
                read = {
                    n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
                }
                found += (
                    [name for name in given if name not in read | {"self"}] if "locals" not in read else []
                )
    return tuple(found)


def _makes_model(function: ast.AST, trees: list[ast.Module]) -> bool:
    """Whether a function makes a network although it may be given one."""
    classes = {node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    for node in ast.walk(function):
        match node:
            case ast.Assign(value=ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name))):
                if name in classes | {"Sequential", "deepcopy"}:
                    return True
    return False


def _fault(calls: list[Call]) -> Fault | None:
    changes = [i for i, call in enumerate(calls) if call in ("step", "update")]
    if "backward" not in calls:
        return "no_backward"
    if not changes:
        return "no_step"
    back, change = calls.index("backward"), changes[0]
    if change < back:
        return "step_first"
    return "zeroed_between" if "zero" in calls[back:change] else None


def _calls(loop: ast.AST) -> list[Call]:
    """The calls that matter, as they stand in the text."""
    found: list[tuple[int, int, Call]] = []
    for node in ast.walk(loop):
        kind = _kind(node)
        if kind is not None:
            found.append((getattr(node, "lineno", 0), getattr(node, "col_offset", 0), kind))
    return [kind for _, _, kind in sorted(found)]


def _kind(node: ast.AST) -> Call | None:
    match node:
        case ast.Call(func=ast.Attribute(attr="backward")):
            return "backward"
        case ast.Call(func=ast.Attribute(attr="step")):
            return "step"
        case ast.Call(func=ast.Attribute(attr="zero_grad")):
            return "zero"
        case ast.Call(func=ast.Attribute(attr="zero_", value=ast.Attribute(attr="grad"))):
            return "zero"
        case ast.Call(func=ast.Attribute(attr=attr)) if attr in IN_PLACE:
            return "update"
        case ast.AugAssign(op=ast.Sub() | ast.Add(), value=value) if _mentions_grad(value):
            return "update"
        case ast.Assign(targets=[ast.Attribute(attr="grad"), *_]):
            return "zero"
        case ast.Assign(targets=[ast.Attribute(attr="data"), *_]):
            return "update"
        case ast.Assign(value=value) if _mentions_grad(value) and not isinstance(value, ast.Attribute):
            return "update"
        case _:
            return None


def _mentions_grad(node: ast.AST) -> bool:
    return any(isinstance(inner, ast.Attribute) and inner.attr == "grad" for inner in ast.walk(node))


def _has_inner(loop: ast.AST, loops: list[ast.For | ast.While], call: Call) -> bool:
    inside = {id(node) for node in ast.walk(loop)} - {id(loop)}
    return any(id(other) in inside and call in _calls(other) for other in loops)


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(
            "\n".join("" if line.lstrip()[:1] in ("%", "!") else line for line in text.split("\n"))
        )
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
