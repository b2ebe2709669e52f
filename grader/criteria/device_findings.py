"""The one thing to tell a student about devices: the first that applies, most telling first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal

from grader.criteria.device_failures import Failure, Kind
from grader.criteria.device_left_behind import left_behind
from grader.criteria.device_record import Kept
from grader.criteria.device_worlds import Worlds

Finding = Literal[
    "hardcoded_cuda",
    "unavailable",
    "could_not_tell",
    "mixed:model",
    "mixed:input",
    "mixed:target",
    "mixed:forward",
    "mixed:loss",
    "mixed:other",
    "numpy_on_cuda",
    "hardcoded_index",
    "checkpoint_not_portable",
    "moved_after_requires_grad",
    "lengths_on_gpu",
    "pinned_on_gpu",
    "mixed_precision",
    "integer_product",
    "stale_optimizer",
    "elsewhere",
    "gpu_unused",
    "calls_differ",
    "results_differ",
    "loss_kept_on_gpu",
    "ok",
]
HALF = 0.5
OF_KIND: dict[Kind, Finding] = {
    "numpy": "numpy_on_cuda",
    "ordinal": "hardcoded_index",
    "checkpoint": "checkpoint_not_portable",
    "leaf": "moved_after_requires_grad",
    "lengths": "lengths_on_gpu",
    "pinned": "pinned_on_gpu",
    "precision": "mixed_precision",
    "integers": "integer_product",
}
"""Where the error alone tells."""
_LOSSES = re.compile(r"loss|perte|co[uû]t|cost|err(eur|or)|mse", re.IGNORECASE)


@dataclass(frozen=True)
class Found:
    """What it is, and the error that showed it."""

    finding: Finding
    failure: Failure | None = None


@dataclass(frozen=True)
class Wanted:
    """What a rubric expects of the run with a GPU."""

    choice: str | None
    """Name of the device that the notebook chooses."""
    placed: Sequence[str]
    """Names whose tensors should be on the GPU."""
    trains: bool
    """Whether the notebook trains something that should be there."""
    by_lightning: bool
    """Lightning places everything before it makes the optimizer; which parameters that changes is asked elsewhere.

    Where nothing was trained, the code alone tells.
    """
    histories: Sequence[str] = ()
    """Names that hold losses."""
    made_there: AbstractSet[str] = frozenset()
    """Names that the code computes on, or with, the device that it chose."""


def find(worlds: Worlds, wanted: Wanted, unavailable: str) -> Found:
    """The first finding that applies; `unavailable`: why there was no device to run on, else empty."""
    if worlds.plain:
        return Found("hardcoded_cuda", worlds.plain[0])
    plain = worlds.plain_record
    if plain is not None and wanted.choice is not None and plain.places.get(wanted.choice) == ["cuda"]:
        return Found("hardcoded_cuda")
    if unavailable:
        return Found("unavailable")
    if worlds.unsupported or worlds.record is None:
        return Found("could_not_tell")
    if worlds.gpu:
        return Found(_of_failure(worlds, worlds.gpu[0]), worlds.gpu[0])
    if worlds.doubts:
        return Found("could_not_tell")
    return Found(_quiet(worlds, wanted))


def _of_failure(worlds: Worlds, failure: Failure) -> Finding:
    if failure.kind in OF_KIND:
        return OF_KIND[failure.kind]
    who = left_behind(failure, worlds.record.observed if worlds.record else None)
    names: dict[str, Finding] = {
        "model": "mixed:model",
        "input": "mixed:input",
        "target": "mixed:target",
        "forward": "mixed:forward",
        "loss": "mixed:loss",
    }
    return names.get(who, "mixed:other")


def _quiet(worlds: Worlds, wanted: Wanted) -> Finding:
    """What shows in no error."""
    record = worlds.record
    assert record is not None
    observed = record.observed
    if observed.stale and not wanted.by_lightning:
        return "stale_optimizer"
    if worlds.elsewhere is not None:
        return "elsewhere"
    if not is_used(worlds, wanted):
        return "could_not_tell" if _is_partly_used(worlds, wanted) else "gpu_unused"
    if any(load.map_location is None and "cuda" in load.devices for load in observed.loads):
        return "checkpoint_not_portable"
    if worlds.differing:
        return "calls_differ"
    if worlds.differing_names:
        return "results_differ"
    if any("cuda" in kept.devices and _is_history(kept, wanted) for kept in observed.kept):
        return "loss_kept_on_gpu"
    return "ok"


def _is_history(kept: Kept, wanted: Wanted) -> bool:
    """A list of predictions may stay on the GPU."""
    return kept.is_history or kept.name in wanted.histories or bool(_LOSSES.search(kept.name))


def _is_partly_used(worlds: Worlds, wanted: Wanted) -> bool:
    """Whether something was trained on the GPU, though less than on the CPU."""
    record = worlds.record
    assert record is not None
    chose = wanted.choice is None or record.places.get(wanted.choice, ["cuda"]) == ["cuda"]
    return wanted.trains and chose and not wanted.by_lightning and bool(record.share_on_gpu)


def is_used(worlds: Worlds, wanted: Wanted) -> bool:
    """Whether the notebook truly computed on the GPU."""
    record = worlds.record
    assert record is not None
    if wanted.choice is not None and record.places.get(wanted.choice, ["cuda"]) != ["cuda"]:
        return False
    if not wanted.trains:
        return worlds.calls_on_gpu > 0
    known = [record.places[name] for name in wanted.placed if record.places.get(name)]
    if known and all(kinds == ["cuda"] for kinds in known):
        return True
    share = record.share_of_backwards if wanted.by_lightning else record.share_on_gpu
    if share is None and not known:
        return worlds.calls_on_gpu > 0 or wanted.by_lightning
    if share and not wanted.by_lightning and (not known or wanted.made_there & set(wanted.placed)):
        return True  # more may be trained on the CPU, to compare the times
    return (share or 0.0) >= HALF
