"""Which tensor stayed on the other device: words for the student, not points.

A reading of torch's message, of the functions that were running, and of where the tensors of the last call of a
module were.
"""

from __future__ import annotations

import re
from typing import Literal

from grader.criteria.device_failures import Failure
from grader.criteria.device_record import Observed

Tensor = Literal["model", "input", "target", "forward", "loss", "other"]

_MODEL = re.compile(
    r"mat1 is on cuda:0, different from other tensors on cpu|weight type \(torch\.FloatTensor\)"
    r"|parameter tensor at cpu|(mat2|weight|running_mean) is on cpu"
)
_INPUT = re.compile(
    r"mat1 is on cpu|weight type \(torch\.cuda|input tensor at cpu|(index|input|vec|batch1|self) is on cpu"
)
_LOSSES = re.compile(r"loss|cross_entropy|nll", re.IGNORECASE)
_OF_LOSS = re.compile(r"(weight|pos_weight) is on")
_CALLING = "_call_impl"


def left_behind(failure: Failure, observed: Observed | None) -> Tensor:
    """The first reading that applies: of losses, of a module's call, of the message, of the line."""
    seen = observed or Observed()
    if "target is on" in failure.message:
        return "target"
    if any(_LOSSES.search(name) for name in failure.library):
        alike = bool(seen.losses) and "+" not in seen.losses[-1].inputs
        of_module = any(name.endswith("Loss.forward") for name in failure.library)
        return "loss" if (alike and of_module) or _OF_LOSS.search(failure.message) else "target"
    in_forward = any(frame.rpartition(".")[2] == "forward" for frame in failure.frames)
    called = seen.forwards[-1] if seen.forwards and not seen.forwards[-1].outputs else None
    if called is not None and (in_forward or any(_CALLING in name for name in failure.library)):
        if "cpu" in called.parameters and called.inputs != "cpu":
            return "model"
        if called.inputs == "cpu":
            return "input"
        if _is_in_a_layer(failure) and _MODEL.search(failure.message):
            return "model"  # of a layer that the module does not know of, in a list say
        return "forward" if in_forward else "model" if _MODEL.search(failure.message) else "input"
    if _MODEL.search(failure.message):
        return "model"
    if in_forward:
        return "forward"
    if _INPUT.search(failure.message):
        return "input"
    return "loss" if re.search(r"\bloss", failure.line.partition("=")[0]) else "other"


def _is_in_a_layer(failure: Failure) -> bool:
    """Whether a library's layer raised it, and not the student's own line in `forward`."""
    return bool(failure.library) and _CALLING not in failure.library[-1]
