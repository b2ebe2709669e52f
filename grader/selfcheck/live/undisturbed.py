"""Leaves a live kernel as it was: random generators, modes of torch, the notebook's values, and figures."""

from __future__ import annotations

import copy
import random
import sys
import warnings
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
import torch

from grader.inkernel import figures

MOST_BYTES = 1 << 30
"""Of copies in all; what is larger is not copied, and may be changed by the student's own code."""


@contextmanager
def undisturbed(namespace: MutableMapping[str, Any]) -> Iterator[None]:
    """Restore, at the end, what probes may have disturbed; `namespace`: the notebook's names."""
    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        for restore in (_names(namespace), *_values(namespace), _figures(), _modes(), _generators()):
            stack.callback(restore)
        yield


def _generators() -> Callable[[], None]:
    python, numpy, cpu = random.getstate(), np.random.get_state(), torch.get_rng_state()
    has_gpu: Any = torch.cuda.is_initialized
    gpus = torch.cuda.get_rng_state_all() if has_gpu() else None

    def restore() -> None:
        random.setstate(python)
        np.random.set_state(numpy)
        torch.set_rng_state(cpu)
        if gpus is not None:
            torch.cuda.set_rng_state_all(gpus)

    return restore


def _modes() -> Callable[[], None]:
    grad, dtype, anomaly = torch.is_grad_enabled(), torch.get_default_dtype(), torch.is_anomaly_enabled()

    def restore() -> None:
        torch.set_grad_enabled(grad)
        torch.set_default_dtype(dtype)
        torch.autograd.set_detect_anomaly(anomaly)

    return restore


def _names(namespace: MutableMapping[str, Any]) -> Callable[[], None]:
    before = dict(namespace)

    def restore() -> None:
        for name in [name for name in namespace if name not in before]:
            del namespace[name]
        for name, value in before.items():
            if namespace.get(name) is not value:
                namespace[name] = value

    return restore


def _figures() -> Callable[[], None]:
    """Close what probes drew, and forget that it was drawn."""
    noted = figures.remembered()
    pylab = sys.modules.get("matplotlib._pylab_helpers")
    open_before = list(pylab.Gcf.figs.values()) if pylab is not None else []

    def restore() -> None:
        now = sys.modules.get("matplotlib._pylab_helpers")
        if now is not None:
            for number, manager in list(now.Gcf.figs.items()):
                if manager not in open_before:
                    now.Gcf.destroy(number)
            if open_before and open_before[-1] in now.Gcf.figs.values():
                now.Gcf.set_active(open_before[-1])
        figures.remember_only(noted)

    return restore


def _values(namespace: MutableMapping[str, Any]) -> Iterator[Callable[[], None]]:
    """One undoing for each value of the notebook that can be changed in place."""
    left = MOST_BYTES
    done: set[int] = set()
    for value in list(namespace.values()):
        if id(value) in done:
            continue
        done.add(id(value))
        for tensor in _tensors(value):
            known = id(tensor) in done and tensor is not value
            done.add(id(tensor))
            if not known and tensor.layout is torch.strided and tensor.nbytes <= left:
                left -= tensor.nbytes
                yield _tensor(tensor)
        if isinstance(value, torch.nn.Module):
            yield _training(value)
        elif isinstance(value, torch.optim.Optimizer):
            yield _optimizer(value)
        elif isinstance(value, np.ndarray) and value.nbytes <= left:
            left -= value.nbytes
            yield _array(value)
        elif type(value) in (list, dict, set):
            yield _container(value)


def _tensors(value: Any) -> list[torch.Tensor]:
    if isinstance(value, torch.nn.Module):
        return [*value.parameters(), *value.buffers()]
    if isinstance(value, torch.Tensor):
        return [value]
    if type(value) in (list, tuple):
        return [item for item in value[:1000] if isinstance(item, torch.Tensor)]
    return []


def _tensor(tensor: torch.Tensor) -> Callable[[], None]:
    """What is equal is not written: a graph that holds the tensor would take it for a change."""
    kept, grad, needs_grad = (
        tensor.detach().clone(),
        tensor.grad if tensor.is_leaf else None,
        tensor.requires_grad,
    )
    kept_grad = None if grad is None else grad.detach().clone()

    def restore() -> None:
        if not _same(tensor.detach(), kept):
            tensor.data = kept if tensor.shape != kept.shape else tensor.data.copy_(kept)
        if tensor.is_leaf:
            if tensor.requires_grad != needs_grad:
                tensor.requires_grad_(needs_grad)
            if grad is not None and kept_grad is not None and not _same(grad.detach(), kept_grad):
                grad.data.copy_(kept_grad)
            if tensor.grad is not grad:
                tensor.grad = grad

    return restore


def _same(one: torch.Tensor, other: torch.Tensor) -> bool:
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    return torch.equal(_bytes(one), _bytes(other))


def _bytes(tensor: torch.Tensor) -> torch.Tensor:
    """NaN equals itself here."""
    return tensor.contiguous().reshape(-1).view(torch.uint8)


def _alike(one: Any, other: Any) -> bool:
    """Whether two states of an optimizer are the same."""
    if isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor):
        return _same(one, other)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_alike, one, other))
    return type(one) is type(other) and bool(one == other)


def _training(module: torch.nn.Module) -> Callable[[], None]:
    modes = [(part, part.training) for part in module.modules()]

    def restore() -> None:
        for part, training in modes:
            part.training = training

    return restore


def _optimizer(optimizer: torch.optim.Optimizer) -> Callable[[], None]:
    kept = copy.deepcopy(optimizer.state_dict())

    def restore() -> None:
        if not _alike(optimizer.state_dict(), kept):
            optimizer.load_state_dict(kept)

    return restore


def _array(array: Any) -> Callable[[], None]:
    kept = array.copy()

    def restore() -> None:
        if array.flags.writeable and array.shape == kept.shape:
            array[...] = kept

    return restore


def _container(value: Any) -> Callable[[], None]:
    kept = value.copy()

    def restore() -> None:
        if isinstance(value, list):
            value[:] = kept
        else:
            value.clear()
            value.update(kept)

    return restore
