"""Which names of a notebook mean Lightning's `Trainer`: by import, assignment, part-filling, or as a subclass."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.criteria.scopes import FUNCTIONS, Code, last_name

TRAINER = "Trainer"


class Trainers:
    """The names, and the calls that build one."""

    def __init__(self, code: Code) -> None:
        self.code = code
        self.names = {TRAINER}
        self.attributes = {TRAINER}
        self.factories: set[str] = set()
        """Functions that return the class."""
        self.subclasses: set[ast.ClassDef] = set()
        before = 0
        while before != (now := self._known()):
            before = now
            for _, node in code.nodes():
                self._note(node)

    def is_trainer(self, node: ast.AST | None) -> bool:
        """Whether an expression is the class, a subclass, or either with arguments filled in."""
        match node:
            case ast.Name(id=name):
                return name in self.names
            case ast.Attribute(attr=name):
                return name in self.attributes
            case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value=name), *_]):
                return name in self.attributes
            case ast.Call(func=func, args=args):
                name = last_name(func)
                return name in self.factories or (
                    name in ("partial", "cast") and any(map(self.is_trainer, args))
                )
            case ast.IfExp(body=body, orelse=orelse):
                return self.is_trainer(body) or self.is_trainer(orelse)
            case (
                ast.BoolOp(values=items)
                | ast.Dict(values=items)
                | ast.List(elts=items)
                | ast.Tuple(elts=items)
            ):
                return any(map(self.is_trainer, items))
            case ast.Subscript(value=value) | ast.NamedExpr(value=value):
                return self.is_trainer(value)
        return False

    def sets_up(self, call: ast.Call) -> bool:
        """Whether a call builds a `Trainer`, or fills in some of its arguments."""
        if self.is_trainer(call.func) or (last_name(call.func) == "partial" and self.is_trainer(call)):
            return True
        is_initial = isinstance(call.func, ast.Attribute) and call.func.attr == "__init__"
        return is_initial and any(outer in self.subclasses for outer in self.code.around(call))

    def _known(self) -> int:
        return len(self.names) + len(self.attributes) + len(self.factories) + len(self.subclasses)

    def _note(self, node: ast.AST) -> None:
        for target, value in _given(node):
            if not self.is_trainer(value):
                continue
            match target:
                case ast.Name(id=name) | ast.arg(arg=name):
                    self.names.add(name)
                    if isinstance(self.code.parents.get(node), ast.ClassDef):
                        self.attributes.add(name)
                case ast.Attribute(attr=name):
                    self.attributes.add(name)
        match node:
            case ast.ImportFrom(names=names):
                self.names |= {alias.asname for alias in names if alias.name == TRAINER and alias.asname}
            case ast.ClassDef(bases=bases) if any(map(self.is_trainer, bases)):
                self.subclasses.add(node)
                self.names.add(node.name)
            case ast.Return(value=value) | ast.Lambda(body=value) if self.is_trainer(value):
                owner = next((o for o in (node, *self.code.around(node)) if isinstance(o, FUNCTIONS)), None)
                self.factories |= {name for name, all_ in self.code.functions.items() if owner in all_}


def _given(node: ast.AST) -> Iterator[tuple[ast.AST, ast.expr | None]]:
    """Names and the values that they get, by assignment or as a parameter's default."""
    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                    yield from zip(target.elts, value.elts, strict=False)
                else:
                    yield target, value
        case ast.AnnAssign(target=target, value=value) | ast.NamedExpr(target=target, value=value):
            yield target, value
        case ast.arguments(args=args, defaults=defaults, kwonlyargs=only, kw_defaults=only_defaults):
            yield from zip(reversed(args), reversed(defaults), strict=False)
            yield from zip(only, only_defaults, strict=True)
