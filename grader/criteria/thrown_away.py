"""Finds tensors that are moved without keeping the moved copy: `x.to(device)` as a statement of its own."""

from __future__ import annotations

import ast
import re

from grader.criteria.scopes import Code, Variable, last_name

DATA = re.compile(r"^(x|y|xs|ys|xb|yb|X|Y|x_?train|y_?train|inputs?|targets?|labels?|data|batch|features)$")
CREATES = {
    "tensor",
    "zeros",
    "ones",
    "rand",
    "randn",
    "linspace",
    "arange",
    "empty",
    "full",
    "as_tensor",
    "eye",
}
CREATES |= {"from_numpy", "FloatTensor", "Tensor", "generate_data", "make_xor", "stack", "cat", "zeros_like"}
# A module has neither, so what comes from them is a tensor.
CREATES |= {"clone", "detach"}


def is_thrown_away(code: Code, name: ast.Name) -> bool:
    """Whether a name surely holds a tensor, and no moved copy of it is kept anywhere; modules move in place."""
    return _is_tensor(code, name) and not _is_kept(code, name)


def _is_tensor(code: Code, name: ast.Name) -> bool:
    """Whether a name surely holds a tensor: data by its name as parameter or loop variable, or made by torch."""
    variable = code.variable(name)
    for _, node in code.nodes():
        match node:
            case ast.arg(arg=word) if DATA.match(word) and code.variable(node) == variable:
                return True
            case ast.For(target=target) if DATA.match(name.id) and _binds(code, target, variable):
                return True
            case ast.Assign(targets=targets, value=ast.Call(func=func)) if last_name(func) in CREATES:
                if any(_binds(code, target, variable) for target in targets):
                    return True
    return False


def _is_kept(code: Code, name: ast.Name) -> bool:
    """Whether the same variable gets a moved copy elsewhere."""
    variable = code.variable(name)
    for _, node in code.nodes():
        if isinstance(node, ast.Assign) and any(_binds(code, target, variable) for target in node.targets):
            for inner in ast.walk(node.value):
                if isinstance(inner, ast.Call) and last_name(inner.func) in ("to", "cuda"):
                    return True
                if isinstance(inner, ast.keyword) and inner.arg == "device":
                    return True
    return False


def _binds(code: Code, target: ast.AST, variable: Variable | None) -> bool:
    return any(code.variable(n) == variable for n in ast.walk(target) if isinstance(n, ast.Name))
