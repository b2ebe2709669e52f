"""The virtual CUDA device of this kernel: switched on where the grader wants it, before the student's first cell."""

from __future__ import annotations

import traceback
from typing import Any

LONGEST_REASON = 2000
_STATE: dict[str, Any] = {}


def switch_on() -> None:
    """Install the device; the kernel starts without it where that fails, and `state` says why."""
    try:
        from . import virtual_cuda

        virtual_cuda.install()
    except Exception as error:  # noqa: BLE001  no device is an answer, not a failure of the kernel
        words = str(error) or traceback.format_exc()
        _STATE.update(installed=False, reason=f"{type(error).__name__}: {words}"[:LONGEST_REASON])
    else:
        _STATE.update(installed=True, reason=None)


def state() -> dict[str, Any] | None:
    """`installed`, and the `reason` where it is not; None where nobody wanted it."""
    return dict(_STATE) or None


def device_record() -> dict[str, Any]:
    """For probes: the state, and what the device did since; `refused` is what no verdict may be built on."""
    from . import virtual_cuda

    return {**_STATE, **virtual_cuda.RECORD.as_entries()}
