"""Errors that speak of devices: what each says about the code, and where in the notebook it came from.

A cell or a call that fails with a CUDA device and not without is a mistake only when its error is one of these;
any other may as well be the virtual device's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal

from grader.model.evidence import Evidence
from grader.model.execution import CellRun, Execution
from grader.model.probe import Observation

Kind = Literal[
    "no_gpu",
    "mixed",
    "numpy",
    "ordinal",
    "checkpoint",
    "leaf",
    "lengths",
    "pinned",
    "precision",
    "integers",
    "unsupported",
    "other",
]

_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("unsupported", re.compile(r"the virtual CUDA device cannot do this|VirtualDeviceUnsupported")),
    ("unsupported", re.compile(r"Could not run '.*' with arguments from the '\w*CUDA\w*' backend")),
    ("unsupported", re.compile(r"CUDA driver version is insufficient|cudaErrorInsufficientDriver")),
    (
        "no_gpu",
        re.compile(
            r"Torch not compiled with CUDA enabled|Found no NVIDIA driver|No CUDA GPUs are available"
            r"|No supported gpu backend found|CUDAAccelerator. can not run|requested gpu: \[|Cannot access accelerator"
        ),
    ),
    ("checkpoint", re.compile(r"Attempting to deserialize object on a CUDA device")),
    ("numpy", re.compile(r"device type tensor to numpy")),
    ("ordinal", re.compile(r"invalid device ordinal|invalid (CUDA )?device id|requested gpu: \[")),
    ("leaf", re.compile(r"can't optimize a non-leaf Tensor")),
    ("lengths", re.compile(r"'lengths' argument should be a 1D CPU int64 tensor, but got .*cuda")),
    ("pinned", re.compile(r"cannot pin '.*cuda.*' only dense CPU tensors can be pinned")),
    ("integers", re.compile(r'"(addmm_cuda|addmv_impl_cuda|baddbmm_cuda|v?dot)" not implemented for')),
    (
        "precision",
        re.compile(
            r"(have|be|requires) .*the same dtypes?.*(Half|BFloat16)|[Ee]xpected .*(Half|BFloat16)"
            r"|(Half|BFloat16) for the (source|destination)|unsafe to autocast"
        ),
    ),
    (
        "mixed",
        re.compile(
            r"(to be |be |are |not )(on |in |at )?the same device|should be the same"
            r"|device type for generator|indices should be either on|different devices"
            r"|gradient with device type|Cannot re-initialize CUDA in forked|expected device .* but got"
        ),
    ),
)
_NONE = re.compile(r"\bNoneType\b")
_NOTEBOOK_FRAME = re.compile(r"^Cell In\[(\d+)\], line (\d+)(?:, in ([\w.<>]+))?", re.MULTILINE)
_LEADING_EMPTY_LINES = re.compile(r"\A(?:[ \t]*\n)+")
_LIBRARY_FRAME = re.compile(r"^File \S+?:\d+, in ([\w.<>]+)", re.MULTILINE)
_PLAIN_FRAME = re.compile(r'^  File "([^"]+)", line \d+, in ([\w.<>]+)', re.MULTILINE)


@dataclass(frozen=True)
class Failure:
    """One error of a notebook or of a call, and where in the notebook it came from."""

    kind: Kind
    name: str
    message: str
    cell: int | None = None
    """Index of the notebook's cell whose code raised it."""
    line: str = ""
    """That line's text."""
    frames: tuple[str, ...] = ()
    """Functions of the notebook that were running, outermost first."""
    library: tuple[str, ...] = ()
    """Functions of libraries."""
    traceback: str = ""
    """For the staff."""
    stopped: int | None = None
    """Index of the cell that it stopped; `cell` is the one whose code raised it."""


_OF_GPUS = re.compile(r"cuda|accelerator|nvidia|\bgpu", re.IGNORECASE)
_CHANGED_IN_PLACE = "modified by an inplace operation"
_NO_SUCH_NAME = re.compile(r"^(?:name|cannot access (?:local|free) variable|local variable) '(\w+)'")


def is_for_want_of_a_gpu(failure: Failure, only_with_gpu: AbstractSet[str]) -> bool:
    """Whether an error that came only without a GPU says why: it, or its line, speaks of GPUs, or of a name that is
    made only where there is one."""
    missing = _NO_SUCH_NAME.match(failure.message)
    if missing is not None and missing[1] in only_with_gpu:
        return True
    return bool(_OF_GPUS.search(f"{failure.message} {failure.line}"))


def is_of_every_device(failure: Failure) -> bool:
    """Whether an error comes with a real GPU as without one, though the virtual one may not raise it: what the backward
    pass needs was changed in place."""
    return _CHANGED_IN_PLACE in failure.message


def kind_of(name: str, message: str, line: str = "") -> Kind:
    """What an error speaks of; `line`: the notebook's, which raised it.

    A `.grad` that is None where there is a GPU, and there only, is that of a copy: `.to(device)` gives another tensor
    there, and gradients gather in the one that it was made of.
    """
    found: Kind = next((kind for kind, pattern in _KINDS if pattern.search(f"{name}: {message}")), "other")
    return "leaf" if found == "other" and _NONE.search(message) and ".grad" in line else found


def cell_failures(execution: Execution, evidence: Evidence) -> Iterator[Failure]:
    """The errors of a notebook's cells, in order; those that are part of the text are none."""
    counts = _cells_by_count(execution)
    for run in execution.cells:
        if run.error is not None and not run.intended:
            yield _of_cell(run, counts, evidence)


def _of_cell(run: CellRun, counts: dict[int, int], evidence: Evidence) -> Failure:
    error = run.error
    assert error is not None
    own = _NOTEBOOK_FRAME.findall(error.traceback)
    cell, number = (counts.get(int(own[-1][0]), run.index), int(own[-1][1])) if own else (run.index, 0)
    text = next((c.text for c in evidence.source if c.index == cell), "")
    lines = _LEADING_EMPTY_LINES.sub("", text).splitlines()  # IPython numbers them without
    line = lines[number - 1].strip() if 0 < number <= len(lines) else ""
    return Failure(
        kind=kind_of(error.name, error.message, line),
        name=error.name,
        message=error.message,
        cell=cell,
        line=line,
        frames=tuple(frame for _, _, frame in own),
        library=tuple(_LIBRARY_FRAME.findall(error.traceback)),
        traceback=error.traceback,
        stopped=run.index,
    )


def call_failure(observation: Observation) -> Failure | None:
    """The error that a call of the grader's met in the notebook's code; None where there was none."""
    error = observation.error
    if error is None:
        return None
    frames = _PLAIN_FRAME.findall(error.traceback)
    return Failure(
        kind=kind_of(error.name, error.message, error.source_line),
        name=error.name,
        message=error.message,
        cell=error.cell,
        line=error.source_line.strip(),
        frames=tuple(name for file, name in frames if "-packages" not in file),
        library=tuple(name for file, name in frames if "-packages" in file),
        traceback=error.traceback,
    )


def _cells_by_count(execution: Execution) -> dict[int, int]:
    """The kernel's execution count to the cell's index."""
    cells = json.loads(execution.notebook).get("cells", [])
    ran = [run.index for run in execution.cells if run.index < len(cells)]
    counts = [(cells[index].get("execution_count"), index) for index in ran]
    return {count: index for count, index in counts if isinstance(count, int)}
