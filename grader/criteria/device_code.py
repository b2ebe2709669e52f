"""Reads what a notebook's code does about devices: whether it chooses the GPU, and whether anything goes there.

The reading follows names: a device chosen by asking `is_available()` (or from `torch.accelerator`) is followed through
assignments, helper functions, attributes and parameters to the calls that move or create something there. It proves
nothing about a GPU; what it cannot follow is `unclear`, which takes no points.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import Literal

from grader.criteria.device_flow import CHOOSES, Flow
from grader.criteria.scopes import Cell, Code, last_name, parameters
from grader.criteria.thrown_away import is_thrown_away

Fault = Literal[
    "uncalled",
    "unguarded",
    "thrown_away",
    "unused_parameter",
    "hard_coded_cpu",
    "cpu_accelerator",
    "device_in_module",
]

INERT = {
    "print",
    "str",
    "repr",
    "type",
    "isinstance",
    "format",
    "device",
    "display",
    "len",
    "startswith",
    "info",
}
INERT |= {
    "synchronize",
    "get_device_name",
    "get_device_properties",
    "memory_allocated",
    "empty_cache",
    "dict",
}
EXPLAINS = (INERT - {"device", "str", "dict"}) | {"autocast", "GradScaler", "getattr", "hasattr", "Event"}
HIDING = {"eval", "exec", "getattr", "__import__", "import_module"}


@dataclass(frozen=True)
class Place:
    """Something in the code to point at."""

    fault: Fault
    cell: int
    code: str
    """The line, or the name that matters."""


@dataclass
class Reading:
    """What the code does about devices."""

    chosen: bool = False
    """The student's code chooses the GPU where there is one."""
    moved: bool = False
    """Something is moved to, or made on, the device that was chosen."""
    faults: list[Place] = field(default_factory=list)
    unclear: str = ""
    """Why the reading may be wrong; empty when it can be trusted."""
    speaks: bool = False
    """The student's code says something about devices at all."""
    numpy_without_cpu: bool = False
    """A `.numpy()` stands without `.cpu()`."""

    trains: bool = False
    """Lightning only: `Trainer.fit` is named in the student's code."""
    only_with_gpu: frozenset[str] = frozenset()
    """Names that get a value only where there is a GPU."""

    made_there: frozenset[str] = frozenset()
    """Names of the notebook that are computed from the device that was chosen: by a call that is given it, say."""

    def fault(self, *kinds: Fault) -> Place | None:
        """The first fault of these kinds."""
        return next((place for kind in kinds for place in self.faults if place.fault == kind), None)


def read_devices(code: Code) -> Reading:
    """Read a whole notebook; only the student's own cells choose, move, or make mistakes."""
    return _Reader(code).reading()


class _Reader:
    def __init__(self, code: Code) -> None:
        self.code = code
        self.flow = Flow(code)

    def reading(self) -> Reading:
        found = Reading()
        for cell, node in self.code.nodes():
            if cell.given:
                continue
            found.chosen |= self._is_choice(node)
            found.moved |= self._is_move(node)
            found.speaks |= self._speaks(node)
            found.faults += self._faults(cell, node)
            found.numpy_without_cpu |= self._is_bare_numpy(node)
            match node:
                case ast.Call(func=ast.Name(id=name)) if name in HIDING:
                    found.unclear = found.unclear or f"it calls {name}"
        if any(re.search(r"cuda|device|accelerator", text) for text in self.code.unreadable):
            found.unclear = found.unclear or "a cell that speaks of devices is no Python"
        found.made_there = frozenset(
            name.id
            for _, node in self.code.nodes(given=False)
            if isinstance(node, ast.Assign) and any(map(self.flow.is_device, ast.walk(node.value)))
            for target in node.targets
            for name in ast.walk(target)
            if isinstance(name, ast.Name)
        )
        found.only_with_gpu = self.flow.names_only_with_gpu()
        return found

    def _speaks(self, node: ast.AST) -> bool:
        match node:
            case ast.Name(id=name, ctx=ast.Load()) | ast.Attribute(attr=name):
                return name in ("device", "cuda", "set_default_device")
            case _:
                return False

    def _is_choice(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Call) and last_name(node.func) in CHOOSES:
            return True
        if isinstance(node, ast.Call) and self._is_cuda_call(node):
            return self.flow.is_guarded(node)
        return self._is_use_of_gpu(node) and self.flow.is_guarded(node)

    def _is_move(self, node: ast.AST) -> bool:
        if isinstance(node, ast.With):
            return any(self.flow.is_device(item.context_expr) for item in node.items)
        if not isinstance(node, ast.Call):
            return False
        if self._is_cuda_call(node):
            return self.flow.is_guarded(node)
        name = last_name(node.func)
        if name == "prepare" and isinstance(node.func, ast.Attribute):
            return self.flow.is_device(node.func.value)
        if name in INERT or name in self.code.functions or name in self.code.classes:
            return False
        values = [*node.args, *(keyword.value for keyword in node.keywords)]
        return any(self.flow.is_device(value) for value in values)

    def _is_cuda_call(self, node: ast.Call) -> bool:
        return (
            isinstance(node.func, ast.Attribute)
            and node.func.attr == "cuda"
            and last_name(node.func.value) != "torch"
        )

    def _is_use_of_gpu(self, node: ast.AST) -> bool:
        """Whether a GPU's name is used as a device, and not printed, compared or explained."""
        if not self.flow.names_gpu(node):
            return False
        for outer in self.code.around(node):
            match outer:
                case ast.Compare() | ast.FormattedValue() | ast.JoinedStr():
                    return False
                case ast.Call(func=func) if last_name(func) in EXPLAINS:
                    return False
                case ast.keyword(arg="device_type" | "backend" | "label" | "title" | "accelerator"):
                    return False
                case ast.Dict(keys=keys) if node in keys:
                    return False
                case ast.Expr(value=value) if value is node:
                    return False
                case ast.stmt():
                    return True
        return True

    def _faults(self, cell: Cell, node: ast.AST) -> list[Place]:
        match node:
            case ast.Attribute(attr="is_available") if self._is_uncalled(node):
                return [Place("uncalled", cell.index, ast.unparse(node))]
            case ast.Constant() | ast.JoinedStr() if self._is_use_of_gpu(node) and not self.flow.is_guarded(
                node
            ):
                return [Place("unguarded", cell.index, self._line(node))]
            case ast.Call() if self._is_cuda_call(node) and not self.flow.is_guarded(node):
                return [Place("unguarded", cell.index, self._line(node))]
            case ast.Constant(value="cpu") if self._is_hard_coded(node):
                return [Place("hard_coded_cpu", cell.index, self._line(node))]
            case ast.Expr(value=ast.Call(func=ast.Attribute(attr="to" | "cuda", value=ast.Name() as name))):
                if is_thrown_away(self.code, name):
                    return [Place("thrown_away", cell.index, self._line(node))]
            case ast.FunctionDef():
                unused = [
                    p.arg for p in parameters(node) if p.arg == "device" and not self._is_loaded(p, node)
                ]
                return [Place("unused_parameter", cell.index, node.name)] if unused else []
        return []

    def _is_uncalled(self, node: ast.Attribute) -> bool:
        parent = self.code.parents.get(node)
        if isinstance(parent, ast.Call) and parent.func is node:
            return False
        if isinstance(parent, ast.Assign):
            names = {last_name(target) for target in parent.targets}
            return not any(
                isinstance(n, ast.Call) and last_name(n.func) in names for _, n in self.code.nodes()
            )
        return True

    def _is_hard_coded(self, node: ast.Constant) -> bool:
        """`device = "cpu"` or `torch.device("cpu")` for a name, where nothing asks for a GPU."""
        statement = self.code.statement(node)
        if not isinstance(statement, ast.Assign) or self.flow.is_guarded(node):
            return False
        direct = statement.value is node or (
            isinstance(statement.value, ast.Call) and last_name(statement.value.func) == "device"
        )
        variables = {self.code.variable(target) for target in statement.targets}
        return direct and not variables & self.flow.devices

    def _is_loaded(self, parameter: ast.arg, function: ast.AST) -> bool:
        return any(isinstance(n, ast.Name) and n.id == parameter.arg for n in ast.walk(function))

    def _is_bare_numpy(self, node: ast.AST) -> bool:
        if not (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "numpy"
        ):
            return False
        return not any(
            isinstance(n, ast.Call) and last_name(n.func) in ("cpu", "to") for n in ast.walk(node.func)
        )

    def _line(self, node: ast.AST) -> str:
        statement = self.code.statement(node)
        if isinstance(statement, ast.FunctionDef):
            return f"def {statement.name}({ast.unparse(statement.args)})"
        return ast.unparse(statement).partition("\n")[0][:120]
