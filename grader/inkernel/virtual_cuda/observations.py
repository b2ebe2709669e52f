"""Where tensors were while the notebook ran: plain counts, of which the criterion outside makes sense."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

MOST_KINDS = 200
"""Different events of one sort that are kept; more of them are only the same again."""
MOST_FILES = 50
LONGEST_NAME = 200
MOST_LOSSES = 2000
"""Losses that are remembered, to tell a history of them from other lists of numbers."""
_is_transformed: Any = torch._C._functorch.is_functorch_wrapped_tensor
"""Of `torch.func`: what lives only inside of a transformation."""
FEWEST_KEPT = 5
"""Tensors in a list from which on it is a history."""
BOTH = "+"


def devices_of(tensors: Iterable[torch.Tensor]) -> str:
    """Sorts of devices, as `cpu`, `cuda`, `cpu+cuda`, or nothing."""
    return BOTH.join(sorted({tensor.device.type for tensor in tensors}))


def tensors_in(value: Any) -> list[torch.Tensor]:
    """All tensors in lists, tuples and dicts."""
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, Mapping):
        value = value.values()
    elif not isinstance(value, list | tuple):
        return []
    return [tensor for item in value for tensor in tensors_in(item)]


@dataclass
class Observations:
    """Of one kernel, from its start on; each sort of event with its number, the first one first."""

    forwards: dict[tuple[str, str, str, str, bool], int] = field(default_factory=dict)
    """Outermost calls of modules with parameters: class, devices of parameters, of inputs, of outputs, training."""
    losses: dict[tuple[str, str], int] = field(default_factory=dict)
    """Calls of loss modules: class, devices of what they were given."""
    steps: dict[tuple[str, str, str], int] = field(default_factory=dict)
    """Steps of optimizers: class, devices of parameters, of gradients."""
    backwards: dict[str, int] = field(default_factory=dict)
    """Where losses were whose gradients were computed."""
    loads: list[dict[str, str | None]] = field(default_factory=list)
    """`torch.load`: the `file`, `map_location` or None, and `devices` of what came."""
    saves: list[dict[str, str | None]] = field(default_factory=list)
    """`torch.save`: the `file`, and `devices` of what went."""
    models: weakref.WeakSet[torch.nn.Module] = field(default_factory=weakref.WeakSet)
    optimizers: weakref.WeakSet[torch.optim.Optimizer] = field(default_factory=weakref.WeakSet)
    stepped: dict[int, weakref.ref[torch.Tensor]] = field(default_factory=dict)
    """Parameters that an optimizer had at one of its steps, by id; the optimizer may be gone."""
    differentiated: list[torch.Tensor] = field(default_factory=list)
    """Losses whose gradients were computed, detached; they hold their memory, so that no other tensor gets it."""

    def note_step(self, parameters: Iterable[torch.Tensor]) -> None:
        """Remember what an optimizer changes."""
        for parameter in parameters:
            known = self.stepped.get(id(parameter))
            if known is None or known() is not parameter:
                self.stepped[id(parameter)] = weakref.ref(parameter)

    def has_changed(self, parameter: torch.Tensor) -> bool:
        """Whether an optimizer had this parameter at one of its steps."""
        known = self.stepped.get(id(parameter))
        return known is not None and known() is parameter

    def note_loss(self, loss: torch.Tensor) -> None:
        """Count where a loss is, and remember it."""
        count(self.backwards, loss.device.type)
        if loss.dim() == 0 and len(self.differentiated) < MOST_LOSSES and not _is_transformed(loss):
            self.differentiated.append(loss.detach())

    def as_entries(self, namespace: Mapping[str, Any]) -> dict[str, Any]:
        """For JSON; `namespace`: the notebook's names."""
        return {
            "forwards": _rows(self.forwards, ("module", "parameters", "inputs", "outputs", "training")),
            "losses": _rows(self.losses, ("module", "inputs")),
            "steps": _rows(self.steps, ("optimizer", "parameters", "gradients")),
            "backwards": dict(self.backwards),
            "loads": list(self.loads),
            "saves": list(self.saves),
            "stale": self.stale(),
            "kept": kept_tensors(namespace, self.differentiated),
        }

    def stale(self) -> list[str]:
        """Classes of models that get gradients while no optimizer has or had their parameters, beside one that has no
        model's."""
        held = [{id(p) for group in o.param_groups for p in group["params"]} for o in self.optimizers]
        owned: set[int] = set().union(*held)
        kept = {model: {id(p): p for p in model.parameters()} for model in self.models}
        used: set[int] = set().union(*(parameters.keys() for parameters in kept.values()))
        if all(parameters & used for parameters in held):
            return []
        return sorted(
            type(model).__name__[:LONGEST_NAME]
            for model, parameters in kept.items()
            if not owned & parameters.keys()
            and not any(map(self.has_changed, parameters.values()))
            and any(p.grad is not None for p in parameters.values())
        )


def count(events: dict[Any, int], event: Any) -> None:
    """Note one event more."""
    if event in events or len(events) < MOST_KINDS:
        events[event] = events.get(event, 0) + 1


def _rows(events: Mapping[Any, int], names: tuple[str, ...]) -> list[dict[str, Any]]:
    return [{**dict(zip(names, event, strict=True)), "times": times} for event, times in events.items()]


def kept_tensors(namespace: Mapping[str, Any], losses: Iterable[torch.Tensor] = ()) -> list[dict[str, Any]]:
    """Lists of single numbers that are still tensors of the device, or hang on a graph.

    `losses`: what gradients were computed of; a list that holds one of them is a history.
    """
    places = {loss.data_ptr() for loss in losses}
    found: list[dict[str, Any]] = []
    for name, value in namespace.items():
        if name.startswith("_") or not isinstance(value, list) or len(value) < FEWEST_KEPT:
            continue
        if not all(isinstance(item, torch.Tensor) and item.dim() == 0 for item in value):
            continue
        devices, hangs = devices_of(value), any(item.requires_grad for item in value)
        if devices != "cpu" or hangs:
            is_history = any(item.data_ptr() in places for item in value)
            found.append(
                {
                    "name": name[:LONGEST_NAME],
                    "devices": devices,
                    "requires_grad": hangs,
                    "is_history": is_history,
                }
            )
    return found[:MOST_KINDS]
