"""The code that asks for gradients, and the true gradients that come back from the reference's kernel.

The truth is computed twice in float64, by autograd and by central differences, and counts only where both agree.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from grader.criteria.closeness import is_close, wide
from grader.criteria.inputs import function_body
from grader.model.probe import Entries, Leaf, Observation

Floats = npt.NDArray[np.float64]

# `builtins` by name: notebooks give `list` or `sum` other values.
_TWICE = """\
import builtins as _python
def _answer_of({parameters}):
{body}
def _copy_of(value):
    if _python.isinstance(value, torch.Tensor):
        return value.clone()
    if _python.isinstance(value, (_python.list, _python.tuple)):
        copies = [_copy_of(item) for item in value]
        return copies if _python.isinstance(value, _python.list) else _python.tuple(copies)
    return value
_first = _copy_of(_answer_of())
return {{"first": _first, "second": _answer_of()}}
"""

_TRUTH = """\
def _loss_of({names}):
{body}
_given = {{{pairs}}}
_given = {{
    name: value.double() if isinstance(value, torch.Tensor) and value.is_floating_point() else value
    for name, value in _given.items()
}}
_wrt = {wrt}
_leaves = {{name: _given[name].clone().requires_grad_(True) for name in _wrt}}
_gradients = torch.autograd.grad(_loss_of(**{{**_given, **_leaves}}), list(_leaves.values()), allow_unused=True)
_found = {{}}
for _number, _name in enumerate(_wrt):
    _point = _given[_name]
    _auto = _gradients[_number]
    _found[f"autograd_{{_number}}"] = torch.zeros_like(_point) if _auto is None else _auto.detach()
    _central = torch.zeros(_point.numel(), dtype=torch.float64)
    for _index in range(_point.numel()):
        _step = 1e-5 * max(1.0, abs(_point.reshape(-1)[_index].item()))
        _sides = []
        for _sign in (1.0, -1.0):
            _moved = _point.clone().reshape(-1)
            _moved[_index] += _sign * _step
            _sides.append(_loss_of(**{{**_given, _name: _moved.reshape(_point.shape)}}).item())
        _central[_index] = (_sides[0] - _sides[1]) / (2 * _step)
    _found[f"central_{{_number}}"] = _central.reshape(_point.shape)
return _found
"""


def twice_code(call: str, names: Iterable[str]) -> str:
    """Body of a probe that evaluates `call` two times on the same inputs: `{"first", "second"}`."""
    body = textwrap.indent(function_body(call), "    ")
    return _TWICE.format(body=body, parameters=", ".join(f"{name}={name}" for name in names))


def truth_code(loss: str, names: Iterable[str], wrt: Iterable[str]) -> str:
    """Body of a probe that differentiates the scalar `loss` in float64: `{"autograd_<k>", "central_<k>"}`."""
    known = list(names)
    return _TRUTH.format(
        body=textwrap.indent(function_body(loss), "    "),
        names=", ".join(known),
        pairs=", ".join(f"{name!r}: {name}" for name in known),
        wrt=repr(tuple(wrt)),
    )


class TruthError(ValueError):
    """The reference gave no true gradient; the message says why, for the staff."""


def read_truth(observation: Observation | None, wrt: tuple[str, ...]) -> tuple[Floats, ...]:
    """The true gradients with respect to each name, in float64.

    Raises:
        TruthError: no answer, or autograd and central differences disagree.
    """
    if observation is None:
        raise TruthError("the loss was not asked of the reference")
    if not isinstance(observation.value, Entries):
        error = observation.error
        told = f"{error.name}: {error.message}\n{error.traceback}" if error else observation.detail
        raise TruthError(
            f"the loss could not be differentiated in the reference ({observation.outcome}): {told}"
        )
    return tuple(_agreed(observation.value, number, name) for number, name in enumerate(wrt))


def _agreed(value: Entries, number: int, name: str) -> Floats:
    auto, central = (value.entries.get(f"{way}_{number}") for way in ("autograd", "central"))
    if not isinstance(auto, Leaf) or not isinstance(central, Leaf):
        raise TruthError(f"no gradient with respect to {name} came from the reference")
    exact, rough = wide(auto.array), wide(central.array)
    scale = float(np.max(np.abs(exact), initial=1.0))
    if not is_close(rough, exact, 1e-4, 1e-6 * scale):
        raise TruthError(
            f"autograd and central differences disagree with respect to {name}:\n{exact}\n{rough}"
        )
    return exact
