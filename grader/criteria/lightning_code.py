"""Reads whether a notebook leaves devices to Lightning: nothing moved by hand, no accelerator written down."""

from __future__ import annotations

import ast

from grader.criteria.device_code import Place, Reading
from grader.criteria.device_flow import GPU, Flow
from grader.criteria.scopes import FUNCTIONS, Cell, Code, last_name
from grader.criteria.trainer_names import Trainers


def read_lightning(code: Code) -> Reading:
    """Read a whole notebook: `chosen` and `moved` when a Trainer is built that places everything."""
    flow, trainers = Flow(code), Trainers(code)
    found = Reading()
    for cell, node in code.nodes(given=False):
        found.trains |= _is_training(node)
        if not isinstance(node, ast.Call):
            continue
        name = last_name(node.func)
        if trainers.sets_up(node):
            found.chosen = found.moved = found.speaks = True
            found.faults += _accelerators(cell, node, flow)
            if any(keyword.arg is None for keyword in node.keywords):
                found.unclear = "the Trainer gets **keywords"
        elif place := _device_in(cell, node, name, code, flow):
            found.faults.append(place)
    return found


def _is_training(node: ast.AST) -> bool:
    """Whether the method `fit` is named, in code or for `getattr`."""
    match node:
        case ast.Attribute(attr="fit") | ast.Constant(value="fit"):
            return True
        case _:
            return False


def _accelerators(cell: Cell, trainer: ast.Call, flow: Flow) -> list[Place]:
    found: list[Place] = []
    for keyword in trainer.keywords:
        for node in ast.walk(keyword.value):
            match keyword.arg, node:
                case "accelerator", ast.Constant(value="cpu") if not flow.is_guarded(node):
                    found.append(
                        Place("cpu_accelerator", cell.index, f"accelerator={ast.unparse(keyword.value)}")
                    )
                case "accelerator", ast.Constant(value=str(text)) if GPU.match(text) and not flow.is_guarded(
                    node
                ):
                    found.append(Place("unguarded", cell.index, f"accelerator={ast.unparse(keyword.value)}"))
                case ("gpus", ast.Constant(value=int(count))) if count and not flow.is_guarded(node):
                    found.append(Place("unguarded", cell.index, f"gpus={count}"))
    return found


def _device_in(cell: Cell, call: ast.Call, name: str, code: Code, flow: Flow) -> Place | None:
    """A call that moves by hand: `.cuda()`, `.to("cuda")`, `.to(device)`, `device="cpu"` in a function or class."""
    line = ast.unparse(code.statement(call)).partition("\n")[0][:120]
    if name == "cuda" and isinstance(call.func, ast.Attribute):
        return Place("device_in_module" if flow.is_guarded(call) else "unguarded", cell.index, line)
    values = list(call.args) if name in ("to", "device") else []
    values += [keyword.value for keyword in call.keywords if keyword.arg == "device"]
    inside = any(isinstance(outer, (*FUNCTIONS, ast.ClassDef)) for outer in code.around(call))
    for value in values:
        if flow.names_gpu(value) and not flow.is_guarded(value):
            return Place("unguarded", cell.index, line)
        if (flow.is_device(value) or flow.names_gpu(value)) and (inside or name != "device"):
            return Place("device_in_module", cell.index, line)
        if inside and isinstance(value, ast.Constant) and value.value == "cpu":
            return Place("device_in_module", cell.index, line)
    return None
