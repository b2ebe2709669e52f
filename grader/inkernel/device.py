"""The virtual CUDA device of this kernel: switched on where the grader wants it, before the student's first cell."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from typing import Any

LONGEST_REASON = 2000
_STATE: dict[str, Any] = {}


def switch_on() -> None:
    """Install the device and its observer; the kernel starts without where that fails, and `state` says why."""
    try:
        from . import virtual_cuda

        virtual_cuda.install()
        virtual_cuda.observe()
    except Exception as error:  # noqa: BLE001  no device is an answer, not a failure of the kernel
        words = str(error) or traceback.format_exc()
        _STATE.update(installed=False, reason=f"{type(error).__name__}: {words}"[:LONGEST_REASON])
    else:
        _STATE.update(installed=True, reason=None)


def state() -> dict[str, Any] | None:
    """`installed`, and the `reason` where it is not; None where nobody wanted it."""
    return dict(_STATE) or None


def device_record(namespace: Mapping[str, Any]) -> dict[str, Any]:
    """For probes: the state, what the device did since, and where tensors were; `namespace`: the notebook's names.

    What is in `refused` is what no verdict may be built on.
    """
    from . import virtual_cuda

    counts = virtual_cuda.RECORD.as_entries()
    return {**_STATE, **counts, "observed": virtual_cuda.OBSERVED.as_entries(namespace)}
