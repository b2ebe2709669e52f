"""Two runs of one notebook, without a GPU and with one: what they tell about its handling of devices."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import NamedTuple

import numpy as np

from grader.criteria.device_failures import (
    Failure,
    call_failure,
    cell_failures,
    is_for_want_of_a_gpu,
    is_of_every_device,
)
from grader.criteria.device_record import DeviceRecord, read_record
from grader.criteria.structure import leaves
from grader.model.evidence import Evidence
from grader.model.probe import Leaf, Observation

ATOL = 1e-5
RTOL = 1e-3
"""CUDA and the CPU add in different orders; what is compared has run for a few epochs only."""
_HALF_PRECISION = re.compile(
    r"autocast|\b(16|bf16)-(mixed|true)\b|precision\s*=\s*['\"]?(16|bf16)|\.half\(\)|float16"
)
ON_DEVICE = ("Tensor", "Parameter")
OF_DEVICES = (
    *("mixed", "numpy", "ordinal", "checkpoint", "leaf", "lengths", "pinned", "precision", "integers"),
)


class Call(NamedTuple):
    """One call of a rubric, put in both worlds; each is put twice, with the device as a word and as an object."""

    number: int
    plain: str
    """Probe id."""
    gpu: str


@dataclass
class Worlds:
    """What is known."""

    plain: list[Failure] = field(default_factory=list)
    """Errors that say that there is no GPU, where there was none, or that came only there, for want of one."""
    gpu: list[Failure] = field(default_factory=list)
    """Errors that speak of devices, where there was one."""
    doubts: list[str] = field(default_factory=list)
    """What went otherwise where there was one, and may be the device's fault; for the staff."""
    unsupported: list[str] = field(default_factory=list)
    """What the virtual device could not do."""
    record: DeviceRecord | None = None
    plain_record: DeviceRecord | None = None
    elsewhere: str | None = None
    """Where a call's tensors were that should have been on the device that it was given."""
    calls_on_gpu: int = 0
    """Calls that gave tensors on the GPU."""

    @property
    def computed_on_gpu(self) -> bool:
        """Whether the notebook itself trained there."""
        return self.record is not None and bool(self.record.share_on_gpu)

    differing: list[str] = field(default_factory=list)
    """Calls with different results in both worlds; for the staff."""
    differing_names: list[str] = field(default_factory=list)
    """Names of the notebook with different numbers in both."""


def worlds_of(
    evidence: Evidence,
    criterion_id: str,
    calls: Sequence[Call],
    beside: Sequence[str] = (),
    only_with_gpu: AbstractSet[str] = frozenset(),
) -> Worlds:
    """Compare the two runs and the calls put in them.

    `beside`: probe ids of calls with the CPU where there is a GPU; `only_with_gpu`: names made only where there is one.
    """
    found = Worlds()
    found.plain += [
        f for f in cell_failures(evidence.execution, evidence) if f.kind in ("no_gpu", "checkpoint")
    ]
    for call in calls:
        answer = evidence.answers.get(call.plain)
        failure = None if answer is None else call_failure(answer)
        if failure is not None and failure.kind in ("no_gpu", "checkpoint"):
            found.plain.append(failure)
        _note_place(found, answer, "cpu")
    found.plain_record = read_record(evidence.answers.get(f"{criterion_id}/plain"))
    if evidence.gpu is not None and evidence.gpu.execution is not None:
        _note_cells(found, evidence)
        _note_calls(found, evidence, calls)
        _note_beside(found, evidence, calls, beside)
        _note_record(found, evidence, criterion_id)
        if not found.plain:
            _note_only_without(found, evidence, calls, only_with_gpu)
    return found


def _note_cells(found: Worlds, evidence: Evidence) -> None:
    run = evidence.gpu
    assert run is not None
    assert run.execution is not None
    already = {(f.cell, f.line) for f in cell_failures(evidence.execution, evidence)}
    for failure in cell_failures(run.execution, evidence):
        if failure.kind in OF_DEVICES and (failure.cell, failure.line) not in already:
            found.gpu.append(failure)
        elif failure.kind == "unsupported":
            found.unsupported.append(failure.message)
    for before, now in zip_longest(evidence.execution.cells, run.execution.cells):
        if before is None or (now is not None and now.ended == "completed"):
            continue
        if now is None:
            found.doubts.append(f"cell {before.index + 1} was not reached with a GPU")
        elif before.ended == "completed" and not any(f.cell == now.index for f in found.gpu):
            error = f"{now.error.name}: {now.error.message}\n{now.error.traceback}" if now.error else ""
            if now.error is None or not _is_told(found, now.error.message):
                found.doubts.append(f"cell {now.index + 1} ended only with a GPU: {now.ended} {error}")


def _note_only_without(
    found: Worlds, evidence: Evidence, calls: Sequence[Call], only_with_gpu: AbstractSet[str]
) -> None:
    """The first cell or call that stopped without a GPU, and with one ran to its end."""
    run = evidence.gpu
    assert run is not None
    assert run.execution is not None
    ended = {cell.index for cell in run.execution.cells if cell.ended == "completed"}
    stopped = {
        cell.index for cell in evidence.execution.cells if cell.ended == "raised" and not cell.intended
    }
    failures = [f for f in cell_failures(evidence.execution, evidence) if f.stopped in stopped & ended]
    for call in calls:
        before, now = evidence.answers.get(call.plain), run.answers.get(call.gpu)
        failure = None if before is None else call_failure(before)
        if failure is not None and now is not None and now.outcome == "answered":
            failures.append(failure)
    for failure in failures[:1]:
        if is_of_every_device(failure):
            return  # what stops later rests on it
        if is_for_want_of_a_gpu(failure, only_with_gpu):
            found.plain.append(failure)
        else:
            found.doubts.append(f"only without a GPU: {failure.name}: {failure.message}\n{failure.traceback}")


def _is_told(found: Worlds, message: str) -> bool:
    """Whether an error is among those that speak of devices; it may have come from another cell's code."""
    return any(f.message == message for f in found.gpu) or message in found.unsupported


def _note_calls(found: Worlds, evidence: Evidence, calls: Sequence[Call]) -> None:
    assert evidence.gpu is not None
    pairs: dict[int, list[tuple[list[Leaf], list[Leaf]]]] = {}
    for call in calls:
        plain, gpu = evidence.answers.get(call.plain), evidence.gpu.answers.get(call.gpu)
        if gpu is None:
            continue
        failure = call_failure(gpu)
        if failure is not None and _fails_alike(plain, failure):
            continue
        if failure is not None and failure.kind in OF_DEVICES:
            found.gpu.append(failure)
        elif failure is not None and failure.kind == "unsupported":
            found.unsupported.append(failure.message)
        elif plain is None or plain.outcome != "answered" or plain.value is None:
            continue
        elif gpu.outcome != "answered" or gpu.value is None:
            said = f"{failure.name}: {failure.message}\n{failure.traceback}" if failure else gpu.detail
            found.doubts.append(f"{call.gpu}: {gpu.outcome} only with a GPU: {said}")
        else:
            _note_place(found, gpu, "cuda")
            on_gpu = [leaf for leaf in leaves(gpu.value) if _is_placed(leaf)]
            found.calls_on_gpu += bool(on_gpu) and all(leaf.device.startswith("cuda") for leaf in on_gpu)
            pairs.setdefault(call.number, []).append((leaves(plain.value), leaves(gpu.value)))
    if not _computes_in_half_precision(evidence):
        found.differing += [str(index) for index, values in pairs.items() if _differ(values)]


def _note_beside(found: Worlds, evidence: Evidence, calls: Sequence[Call], beside: Sequence[str]) -> None:
    """Calls that were given the CPU where there is a GPU: their tensors belong on the CPU."""
    assert evidence.gpu is not None
    for number, probe in enumerate(beside):
        answer = evidence.gpu.answers.get(probe)
        plain = next((evidence.answers.get(call.plain) for call in calls if call.number == number), None)
        failure = None if answer is None else call_failure(answer)
        if failure is not None and _fails_alike(plain, failure):
            continue
        if failure is not None and failure.kind in OF_DEVICES:
            found.gpu.append(failure)
        elif failure is not None and failure.kind == "unsupported":
            found.unsupported.append(failure.message)
        elif failure is not None and plain is not None and plain.outcome == "answered":
            found.doubts.append(
                f"{probe}: only with a GPU: {failure.name}: {failure.message}\n{failure.traceback}"
            )
        else:
            _note_place(found, answer, "cpu")


def operations_in(observation: Observation | None) -> int | None:
    """How many operations a call did that was counted; None where that is not known."""
    if observation is None or not isinstance(observation.value, Leaf) or observation.value.array.size != 1:
        return None
    return int(observation.value.array.item())


def _computes_in_half_precision(evidence: Evidence) -> bool:
    """Mixed precision is for GPUs, and computes otherwise there on purpose."""
    return any(_HALF_PRECISION.search(cell.text) for cell in evidence.source if cell.kind == "code")


def _fails_alike(plain: Observation | None, failure: Failure) -> bool:
    """Whether the same error comes without a GPU: then it says nothing of devices."""
    before = None if plain is None else call_failure(plain)
    return before is not None and (before.name, before.message) == (failure.name, failure.message)


def _differ(values: list[tuple[list[Leaf], list[Leaf]]]) -> bool:
    """Whether one call gave other results with a GPU; one that differs from itself without tells nothing."""
    before, _ = values[0]
    return all(_equal(before, plain) for plain, _ in values) and any(
        not _equal(plain, gpu) for plain, gpu in values
    )


def _note_place(found: Worlds, observation: Observation | None, wanted: str) -> None:
    if observation is None or observation.value is None:
        return
    places = (leaf.device for leaf in leaves(observation.value) if _is_placed(leaf))
    found.elsewhere = found.elsewhere or next((p for p in places if not p.startswith(wanted)), None)


def _note_record(found: Worlds, evidence: Evidence, criterion_id: str) -> None:
    assert evidence.gpu is not None
    found.record = read_record(evidence.gpu.answers.get(f"{criterion_id}/gpu"))
    if found.record is None:
        found.doubts.append("what was observed did not come back")
        return
    found.unsupported += found.record.refused
    if found.plain_record is not None and not _computes_in_half_precision(evidence):
        found.differing_names += _differing_names(
            found.plain_record, found.record, is_short=evidence.gpu.is_short
        )


def _differing_names(plain: DeviceRecord, gpu: DeviceRecord, *, is_short: bool) -> Iterator[str]:
    """A shortened history is compared as far as it goes."""
    for name, before in plain.numbers.items():
        now = gpu.numbers.get(name, [])
        known = before[: len(now)] if is_short else before
        if len(known) != len(now) or not np.allclose(known, now, rtol=RTOL, atol=ATOL, equal_nan=True):
            yield name


def _is_placed(leaf: Leaf) -> bool:
    return any(kind in leaf.made_of for kind in ON_DEVICE)


def _equal(one: list[Leaf], other: list[Leaf]) -> bool:
    return len(one) == len(other) and all(
        a.array.shape == b.array.shape and np.allclose(a.array, b.array, rtol=RTOL, atol=ATOL, equal_nan=True)
        for a, b in zip(one, other, strict=True)
    )
