"""Follows the device that a notebook chooses through its names: assignments, helpers, attributes and parameters."""

from __future__ import annotations

import ast
import re

from grader.criteria.scopes import FUNCTIONS, Code, Variable, last_name, parameters

GPU = re.compile(r"^(cuda|mps|xpu|gpu|hip|npu|mtia)(:\d*)?$")
ASKS = {"is_available", "device_count", "current_accelerator"}
"""Calls that tell whether there is a GPU."""
CHOOSES = {"current_accelerator", "Accelerator", "Fabric"}
"""Calls whose result is, or holds, the device that there is."""
MAKES = {"device", "str", "Device", "dict", "tuple", "list", "get", "type", "cast"}
"""Calls that give a device when they get one."""


class Flow:
    """Which variables hold the device chosen, and what is reached only where there is a GPU."""

    def __init__(self, code: Code) -> None:
        self.code = code
        self.asking: set[Variable] = set()
        """Variables that tell whether there is a GPU."""
        self.devices: set[Variable] = set()
        """Variables that hold the device chosen."""
        self.choosers: set[str] = set()
        """Functions that return it."""
        before = -1
        while before != (now := len(self.asking) + len(self.devices) + len(self.choosers)):
            before = now
            self._follow()

    def is_device(self, node: ast.AST) -> bool:
        """Whether an expression is the device that was chosen."""
        variable = self.code.variable(node)
        if variable is not None and variable in self.devices:
            return True
        match node:
            case ast.Constant() | ast.JoinedStr():
                return self.names_gpu(node) and self.is_guarded(node)
            case ast.Attribute(value=value):
                return self.is_device(value)
            case ast.IfExp(body=body, orelse=orelse):
                return self.is_device(body) or self.is_device(orelse)
            case ast.BoolOp(values=values):
                return any(self.is_device(value) for value in values)
            case ast.Subscript(value=value):
                return self.is_device(value) or (
                    self.asks(node) and any(map(self.is_device, ast.walk(value)))
                )
            case ast.Dict(values=items) | ast.List(elts=items) | ast.Tuple(elts=items):
                return any(self.is_device(item) for item in items)
            case ast.Call(func=func, args=args, keywords=keywords):
                name = last_name(func)
                if name in CHOOSES or name in self.choosers:
                    return True
                values = [
                    *args,
                    *(k.value for k in keywords),
                    *([func.value] if isinstance(func, ast.Attribute) else []),
                ]
                return name in MAKES and any(self.is_device(value) for value in values)
            case _:
                return False

    def is_guarded(self, node: ast.AST) -> bool:
        """Whether this is reached only where somebody asked for a GPU, or where a failure is caught."""
        statement = self.code.statement(node)
        simple = isinstance(statement, ast.Assign | ast.AnnAssign | ast.Expr | ast.Return | ast.AugAssign)
        if simple and self._asks_of_others(statement, node):
            return True
        if isinstance(statement, ast.Assign) and self._is_corrected(statement):
            return True
        inner = node
        for outer in self.code.around(node):
            if (
                isinstance(outer, ast.If | ast.While | ast.IfExp)
                and inner is not outer.test
                and self.asks(outer.test)
            ):
                return True
            if isinstance(outer, ast.Match) and self.asks(outer.subject):
                return True
            if isinstance(outer, ast.Try) and inner in outer.body and outer.handlers:
                return True
            if isinstance(inner, ast.stmt) and self._left_before(outer, inner):
                return True
            inner = outer
        return False

    def names_only_with_gpu(self) -> frozenset[str]:
        """Names whose every assignment or definition is reached only where somebody asked for a GPU."""
        guarded: dict[str, bool] = {}
        named = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
        for _, node in self.code.nodes():
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names = [node.id]
            elif isinstance(node, named):
                names = [node.name]
            elif isinstance(node, ast.Import | ast.ImportFrom):
                names = [(alias.asname or alias.name).partition(".")[0] for alias in node.names]
            else:
                continue
            for name in names:
                guarded[name] = guarded.get(name, True) and self._is_under_question(node)
        return frozenset(name for name, is_guarded in guarded.items() if is_guarded)

    def _is_under_question(self, node: ast.AST) -> bool:
        inner = node
        for outer in self.code.around(node):
            if isinstance(outer, ast.If) and inner in outer.body and self.asks(outer.test):
                return True
            inner = outer
        return False

    def names_gpu(self, node: ast.AST) -> bool:
        """Whether a text names a kind of GPU: `"cuda"`, `"cuda:0"`, `f"cuda:{i}"`, `"mps"`."""
        match node:
            case ast.Constant(value=str(text)):
                return bool(GPU.match(text))
            case ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]):
                return bool(GPU.match(text))
            case _:
                return False

    def asks(self, node: ast.AST) -> bool:
        """Whether something in an expression tells if there is a GPU."""
        for inner in ast.walk(node):
            if isinstance(inner, ast.Call) and last_name(inner.func) in ASKS | self.choosers:
                return True
            variable = self.code.variable(inner)
            if variable is not None and variable in self.asking | self.devices:
                return True
        return False

    def _follow(self) -> None:
        for _, node in self.code.nodes():
            match node:
                case ast.Assign(value=value):
                    targets = list(node.targets)
                case ast.AnnAssign(value=value) | ast.NamedExpr(value=value):
                    targets = [node.target]
                case ast.Return(value=value) | ast.Lambda(body=value):
                    if value is not None and self.is_device(value):
                        self.choosers |= self._names_of_function(node)
                    continue
                case ast.Call():
                    self._follow_arguments(node)
                    continue
                case _:
                    continue
            for target in targets:
                variable = self.code.variable(target)
                if variable is None or value is None:
                    continue
                if self.is_device(value):
                    self.devices.add(variable)
                elif self._is_answer(value):
                    self.asking.add(variable)

    def _follow_arguments(self, call: ast.Call) -> None:
        for function in self.code.functions.get(last_name(call.func), []):
            arguments = [*function.args.posonlyargs, *function.args.args]
            if arguments and arguments[0].arg in ("self", "cls"):
                arguments = arguments[1:]
            given = list(zip(arguments, call.args, strict=False))
            by_name = {a.arg: a for a in parameters(function)}
            given += [(by_name[k.arg], k.value) for k in call.keywords if k.arg in by_name]
            for parameter, value in given:
                variable = self.code.variable(parameter)
                if variable is not None and self.is_device(value):
                    self.devices.add(variable)

    def _names_of_function(self, node: ast.AST) -> set[str]:
        outside = (node, *self.code.around(node))
        owner = next((outer for outer in outside if isinstance(outer, FUNCTIONS)), None)
        return {name for name, functions in self.code.functions.items() if owner in functions}

    def _is_answer(self, value: ast.AST) -> bool:
        """Whether a value says yes or no to the question for a GPU."""
        match value:
            case ast.Call(func=func):
                return last_name(func) in ASKS | {"bool", "any"} and self.asks(value)
            case ast.Compare() | ast.BoolOp() | ast.UnaryOp() | ast.Name() | ast.Attribute():
                return self.asks(value)
            case _:
                return False

    def _asks_of_others(self, expression: ast.AST, node: ast.AST) -> bool:
        """Whether the expression asks for a GPU by a call, not by the variable that it sets itself."""
        return any(
            isinstance(inner, ast.Call) and last_name(inner.func) in ASKS for inner in ast.walk(expression)
        ) or any(
            isinstance(outer, ast.IfExp | ast.BoolOp | ast.Subscript) and self.asks(outer)
            for outer in self.code.around(node)
        )

    def _is_corrected(self, statement: ast.Assign) -> bool:
        """`device = "cuda"`, put right by `if not torch.cuda.is_available(): device = "cpu"`."""
        mine = {self.code.variable(target) for target in statement.targets}
        for _, node in self.code.nodes():
            if isinstance(node, ast.Assign) and node is not statement:
                same = mine & {self.code.variable(target) for target in node.targets} - {None}
                tests = [o.test for o in self.code.around(node) if isinstance(o, ast.If)]
                calls = [n for test in tests for n in ast.walk(test) if isinstance(n, ast.Call)]
                if same and any(last_name(call.func) in ASKS for call in calls):
                    return True
        return False

    def _left_before(self, block: ast.AST, statement: ast.stmt) -> bool:
        """Whether an `if` that asks and returns stands before a statement of the same block."""
        for body in (getattr(block, "body", None), getattr(block, "orelse", None)):
            if isinstance(body, list) and statement in body:
                return any(
                    isinstance(earlier, ast.If)
                    and self.asks(earlier.test)
                    and isinstance(earlier.body[-1], ast.Return | ast.Raise | ast.Continue | ast.Break)
                    for earlier in body[: body.index(statement)]
                )
        return False
