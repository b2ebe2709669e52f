"""Watches modules, optimizers, `backward()` and files while a notebook runs; works with and without the device."""

from __future__ import annotations

import threading
from typing import Any

import torch
from torch.nn.modules import module as modules
from torch.nn.modules.loss import _Loss
from torch.optim import optimizer as optimizers

from .observations import LONGEST_NAME, MOST_FILES, Observations, count, devices_of, tensors_in
from .replacing import replace

OBSERVED = Observations()


class _Open(threading.local):
    """Calls of modules that have not returned, of each thread."""

    def __init__(self) -> None:
        self.calls: list[tuple[torch.nn.Module, tuple[Any, ...]]] = []


_OPEN = _Open()


def install() -> None:
    """Begin to watch; once, before the first cell."""
    modules.register_module_forward_pre_hook(_before_forward)
    modules.register_module_forward_hook(_after_forward, always_call=True)
    optimizers.register_optimizer_step_pre_hook(_before_step)
    real_backward, real_load, real_save = torch.autograd.backward, torch.load, torch.save
    real_grad = torch.autograd.grad

    def backward(tensors: Any, *args: Any, **more: Any) -> None:
        for tensor in tensors_in(tensors):
            OBSERVED.note_loss(tensor)
        real_backward(tensors, *args, **more)

    def grad(outputs: Any, *args: Any, **more: Any) -> Any:
        for tensor in tensors_in(outputs):
            OBSERVED.note_loss(tensor)
        return real_grad(outputs, *args, **more)

    def load(f: Any, map_location: Any = None, *args: Any, **more: Any) -> Any:
        loaded = real_load(f, map_location, *args, **more)
        where = None if map_location is None else str(map_location)[:LONGEST_NAME]
        _note_file(OBSERVED.loads, f, loaded, map_location=where)
        return loaded

    def save(obj: Any, f: Any, *args: Any, **more: Any) -> Any:
        _note_file(OBSERVED.saves, f, obj)
        return real_save(obj, f, *args, **more)

    replace(torch.autograd, backward=backward, grad=grad)
    replace(torch, load=load, save=save)


def _before_forward(module: torch.nn.Module, args: tuple[Any, ...]) -> None:
    _OPEN.calls.append((module, args))


def _after_forward(module: torch.nn.Module, args: tuple[Any, ...], output: Any) -> None:
    """Note an outermost call, when it failed, too: then it has no outputs."""
    if not _OPEN.calls:
        return
    called, given = _OPEN.calls.pop()
    if _OPEN.calls or called is not module:
        return
    name, inputs = type(module).__name__[:LONGEST_NAME], devices_of(tensors_in(given))
    if isinstance(module, _Loss):
        count(OBSERVED.losses, (name, inputs))
        return
    parameters = devices_of(module.parameters())
    if parameters:
        OBSERVED.models.add(module)
        outputs = devices_of(tensors_in(output))
        count(OBSERVED.forwards, (name, parameters, inputs, outputs, module.training))


def _before_step(optimizer: torch.optim.Optimizer, args: Any, kwargs: Any) -> None:
    OBSERVED.optimizers.add(optimizer)
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    OBSERVED.note_step(parameters)
    gradients = [p.grad for p in parameters if p.grad is not None]
    name = type(optimizer).__name__[:LONGEST_NAME]
    count(OBSERVED.steps, (name, devices_of(parameters), devices_of(gradients)))


def _note_file(notes: list[dict[str, str | None]], file: Any, value: Any, **more: str | None) -> None:
    if len(notes) < MOST_FILES:
        name = type(file).__name__ if hasattr(file, "read") or hasattr(file, "write") else str(file)
        held = value.state_dict() if isinstance(value, torch.nn.Module) else value
        notes.append({"file": name[:LONGEST_NAME], "devices": devices_of(tensors_in(held)), **more})
