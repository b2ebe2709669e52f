"""Records of which numbers a notebook's cells computed gradients, and with regard to which tensors.

In: nothing, once, before the first cell (`install`). Out: `recorded_trainings`, plain arrays that the agent sends.
Autograd's engine is watched where `backward` and `torch.autograd.grad` call it; with the first question the watch is
over (`stop`), so that only what cells did is in the record. Nothing here says what a training should be.
"""

from __future__ import annotations

import weakref
from array import array
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch._functorch import pyfunctorch

MOST_ROOTS = 60_000
"""Numbers that are kept, the newest ones; with all else they stay below what one answer may hold."""
SMALL = 64
"""Elements of a set of tensors whose values are noted together with each number."""
MOST_WEIGHTS = 500_000
"""Such values that are kept, the newest ones."""
MOST_HELD = 300
"""Sets of tensors that are kept alive, so that their last values are known."""
LARGEST_HELD = 10_000
"""Elements of such a set, at most."""
MOST_VALUES = 20_000
"""Elements that an answer tells, of the newest sets."""
MOST_NODES = 400
"""Nodes of a graph that are looked at for its leaves; the leaves of a deeper one turn up early."""
DEEPEST = 2

_base: Any = torch._C.TensorBase
_item, _detach, _reshape, _numel, _storage = (
    _base.item,
    _base.detach,
    _base.reshape,
    _base.numel,
    _base.untyped_storage,
)
_to, _sum, _mul, _numpy, _address = _base.to, _base.sum, _base.mul, _base.numpy, _base.data_ptr
_shape, _grad_fn, _needs_grad = _base.shape.__get__, _base.grad_fn.__get__, _base.requires_grad.__get__
_Tensor, _Module, _plain_tensors = torch.Tensor, torch.nn.Module, torch._C.DisableTorchFunctionSubclass
_own_parameters, _wide, _real_float = torch.nn.Module.parameters, torch.float64, float
_functorch: Any = torch._C._functorch
_is_transformed, _unwrapped = _functorch.is_functorch_wrapped_tensor, _functorch.get_unwrapped
_is_batched = _functorch.is_batchedtensor
_outside_of_transformations = pyfunctorch.temporarily_clear_interpreter_stack


@dataclass(eq=False)
class Owner:
    """One set of tensors with regard to which gradients were computed."""

    number: int
    kind: int
    """The same for sets of the same shapes."""
    size: int
    """Elements of all its tensors."""
    refs: tuple[weakref.ref[torch.Tensor], ...]
    held: tuple[torch.Tensor, ...] | None
    """The tensors themselves, where they are few and small."""
    times: int = 0
    """Gradients computed with regard to this set."""
    places: tuple[int, ...] = ()
    """Addresses of the tensors' values when they were looked at last."""
    views: tuple[Any, ...] = ()
    """Their values, in the same memory."""

    def weights(self) -> bytes:
        """The values of a small set now, float32; nothing of others."""
        if self.held is None or self.size > SMALL:
            return b""
        places = tuple(map(_address, self.held))
        if places != self.places:
            self.places = places
            self.views = tuple(_numpy(_detach(tensor)) for tensor in self.held)
        return b"".join([_bytes(view) for view in self.views])

    def tensors(self) -> tuple[torch.Tensor, ...]:
        """Those that still live."""
        found = (ref() for ref in self.refs)
        return self.held or tuple(tensor for tensor in found if tensor is not None)


class Recorder:
    """The record of one kernel, from its start to its first question."""

    def __init__(self) -> None:
        self.values = array("d")
        self.owners = array("l")
        self.weights = array("f")
        """Of small sets, at each of the newest numbers."""
        self.kinds: dict[tuple[tuple[int, ...], ...], int] = {}
        self.known: OrderedDict[int, Owner] = OrderedDict()
        """By the identity of the first tensor of each: to look for all of them in each step would take longer."""
        self.kind_of = array("l")
        self.size_of = array("l")
        self.lost = 0

    def note(self, roots: Sequence[Any], gradients: Sequence[Any], inputs: Sequence[Any]) -> None:
        """Note one computation of gradients: the sum of its scalar roots, or what stands for it."""
        if len(roots) == 1 and type(roots[0]) is _Tensor and _numel(roots[0]) == 1 and not inputs:
            [root] = roots
            if not _is_transformed(root):
                self._add(_item(root), self._owner((root,), ()))
                return
        with _plain_tensors():
            tensors = [root for root in roots if isinstance(root, _Tensor)]
            value = _value(tensors, gradients)
            given = [bare for bare in map(_bare, inputs) if isinstance(bare, _Tensor)]
            if value is not None:
                owner = self._owner(tensors, given)
                with _outside_of_transformations():
                    self._add(value, owner)

    def _add(self, value: float, owner: Owner | None) -> None:
        if owner is None:
            return
        weights = owner.weights()
        owner.times += 1
        self.values.append(value)
        self.owners.append(owner.number)
        self.weights.frombytes(weights)
        if len(self.values) > MOST_ROOTS:
            self.lost += MOST_ROOTS // 2
            del self.values[: MOST_ROOTS // 2], self.owners[: MOST_ROOTS // 2]
            self._keep_weights(MOST_WEIGHTS)
        elif len(self.weights) > MOST_WEIGHTS:
            self._keep_weights(MOST_WEIGHTS // 2)

    def _keep_weights(self, most: int) -> None:
        """Forget the oldest weights, all of a set or none."""
        sizes = np.array(self.size_of, np.int64)[np.array(self.owners, np.int64)]
        kept = np.cumsum(np.where(sizes <= SMALL, sizes, 0)[::-1])
        del self.weights[: len(self.weights) - int(kept[kept <= most].max(initial=0))]

    def _owner(self, roots: Sequence[torch.Tensor], given: Sequence[torch.Tensor]) -> Owner | None:
        """The set on which the roots hang, or that was given; known by its first tensor, where it is known."""
        first = given[0] if given else next(_leaves(roots), None)
        if first is None:
            return None
        owner = self.known.get(id(first))
        if owner is not None and owner.refs[0]() is first:
            return owner
        tensors = tuple({id(tensor): tensor for tensor in given or _leaves(roots)}.values())
        shapes = tuple(sorted(tuple(_shape(tensor)) for tensor in tensors))
        size = sum(map(_numel, tensors))
        owner = Owner(
            number=len(self.kind_of),
            kind=self.kinds.setdefault(shapes, len(self.kinds)),
            size=size,
            refs=tuple(map(weakref.ref, tensors)),
            held=tensors if size <= LARGEST_HELD else None,
        )
        self.kind_of.append(owner.kind)
        self.size_of.append(min(size, 2**31 - 1))
        self.known.pop(id(first), None)
        self.known[id(first)] = owner
        if len(self.known) > MOST_HELD:
            self._forget_one()
        return owner

    def _forget_one(self) -> None:
        """Drop the oldest set that served once, as in a loop that makes its tensors anew; else the oldest."""
        once = (key for key, owner in self.known.items() if owner.times == 1)
        del self.known[next(once, next(iter(self.known)))]

    def as_entries(self, named: Mapping[str, Iterable[torch.Tensor]]) -> dict[str, Any]:
        """Plain arrays; see `recorded_trainings`."""
        owners = np.array(self.owners, np.int32)
        starts = np.flatnonzero(np.diff(owners, prepend=-1))
        told = self._told()
        places = {number: set(map(_place, owner.tensors())) for number, owner in self._newest().items()}
        holding = {name: set(map(_place, tensors)) for name, tensors in named.items()}
        return {
            "lost": self.lost,
            "losses": np.array(self.values, np.float32),
            "owners": owners[starts],
            "runs": np.diff(starts, append=len(owners)).astype(np.int32),
            "kinds": np.array(self.kind_of, np.int32)[owners[starts]],
            "sizes": np.array(self.size_of, np.int32)[owners[starts]],
            "weights": np.array(self.weights, np.float32),
            "of_last": np.array(list(told), np.int32),
            "last": np.concatenate([np.zeros(0), *told.values()]).astype(np.float32),
            "named": {
                name: np.array(sorted(n for n, where in places.items() if where & held), np.int32)
                for name, held in holding.items()
            },
        }

    def _newest(self) -> dict[int, Owner]:
        return {owner.number: owner for owner in reversed(self.known.values())}

    def _told(self) -> dict[int, Any]:
        """The values that sets of tensors have now, flat, float64; the newest sets first."""
        told: dict[int, Any] = {}
        room = MOST_VALUES
        for number, owner in self._newest().items():
            if owner.held is not None and owner.size <= room:
                room -= owner.size
                told[number] = np.concatenate([_flat(tensor) for tensor in owner.held])
        return told


_RECORDER = Recorder()
_REAL: dict[str, Any] = {}


def install() -> None:
    """Begin to watch; once, before the first cell."""
    if _REAL:
        return
    engine = torch.autograd.graph
    _REAL["run"] = run = engine._engine_run_backward
    note = _RECORDER.note

    def watched(t_outputs: Any, *args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True  # IPython shows no frame of ours
        if _REAL:
            # A tensor of a sort unknown here may refuse anything; what the cell wants is done all the same.
            with suppress(Exception):
                note(t_outputs, args[0] if args else (), args[3] if len(args) > 3 else ())
        return run(t_outputs, *args, **kwargs)

    _put(watched)


def stop() -> None:
    """Watch no more."""
    if _REAL:
        _put(_REAL.pop("run"))


def recorded_trainings(namespace: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """For probes: the record, or an empty dict where nothing was watched; `names`: of the notebook, to be looked up.

    `losses` float32 [n]: numbers of which gradients were computed, in order, the first `lost` of them left out;
    `owners`, `runs` int32 [k]: with regard to which set of tensors, and how many times in a row; `kinds`, `sizes` int32
    [k]: the same for sets of the same shapes, and their elements; `weights` float32: the values of sets of at most
    `SMALL` elements at each of the newest losses, one behind the other; `of_last` int32 and `last` float32: sets that
    are known still, and the values that they have now, one behind the other; `named`: for each of the names, the sets
    of which a tensor lies in the same memory as one that the name holds.
    """
    if not _WATCHED:
        return {}
    with _plain_tensors():
        return _RECORDER.as_entries({name: list(_tensors_of(namespace.get(name), 0)) for name in names})


_WATCHED: list[bool] = []


def _put(function: Any) -> None:
    _WATCHED[:] = [True]
    place: Any = torch.autograd
    place._engine_run_backward = place.graph._engine_run_backward = function


def _value(roots: Sequence[torch.Tensor], gradients: Sequence[Any]) -> float | None:
    """The sum of the roots, each a single number; one of more numbers is weighed with the gradient given for it."""
    total = 0.0
    for root, gradient in zip(roots, gradients, strict=False):
        bare = _bare(root)
        if bare is None:
            return None
        if _numel(bare) == 1:
            total += _real_float(_item(bare))
        elif isinstance(gradient, _Tensor) and _numel(bare) <= LARGEST_HELD:
            total += _real_float(_item(_sum(_mul(_detach(bare), _detach(gradient)))))
        else:
            return None
    return total if roots else None


def _bare(tensor: Any) -> Any:
    """The tensor inside of a transformation of `torch.func`; None for one that stands for many."""
    while _is_transformed(tensor):
        if _is_batched(tensor):
            return None
        tensor = _unwrapped(tensor)
    return tensor


def _leaves(roots: Sequence[torch.Tensor]) -> Iterator[torch.Tensor]:
    """The tensors on which the roots hang, those of the last operations first."""
    open_nodes: list[Any] = []
    for root in roots:
        node = _grad_fn(root)
        if node is None and _needs_grad(root):
            yield root
        elif node is not None:
            open_nodes.append(node)
    seen: set[Any] = set()
    for node in open_nodes:  # grows meanwhile
        for following, _ in node.next_functions:
            if following is None or following in seen:
                continue
            seen.add(following)
            leaf = getattr(following, "variable", None)
            if leaf is not None:
                yield leaf
            elif len(seen) < MOST_NODES:
                open_nodes.append(following)


def _tensors_of(value: Any, depth: int) -> Iterable[torch.Tensor]:
    """Tensors that a name holds: itself, in containers, or as parameters."""
    if isinstance(value, _Tensor):
        yield value
    elif isinstance(value, _Module):
        yield from _own_parameters(value)
    elif depth < DEEPEST and isinstance(value, dict):
        for item in list(value.values()):
            yield from _tensors_of(item, depth + 1)
    elif depth < DEEPEST and isinstance(value, list | tuple):
        for item in value:
            yield from _tensors_of(item, depth + 1)
    elif depth < DEEPEST and hasattr(value, "__dict__") and not isinstance(value, type):
        yield from _tensors_of(dict(vars(value)), depth)


def _place(tensor: torch.Tensor) -> int:
    """Where its memory begins; unlike for each tensor without memory."""
    return int(_storage(_detach(tensor)).data_ptr()) or -id(tensor)


def _bytes(view: Any) -> bytes:
    return bytes((view if view.dtype == np.float32 else view.astype(np.float32)).tobytes())


def _flat(tensor: torch.Tensor) -> Any:
    return np.asarray(_to(_reshape(_detach(tensor), (-1,)), "cpu", _wide))
