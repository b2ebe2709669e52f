"""The CUDA device of this kernel, virtual or real: there where the grader wants it, before the student's first cell."""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Mapping
from typing import Any

LONGEST_REASON = 2000
_STATE: dict[str, Any] = {}


def make_ready() -> None:
    """Before kernels are forked: what a virtual device takes longest for, and a kernel without one does not notice."""
    from . import virtual_cuda

    with contextlib.suppress(
        virtual_cuda.VirtualDeviceUnavailableError
    ):  # `switch_on` will meet it, and tell
        virtual_cuda.make_ready()


def switch_on(kind: str = "virtual") -> None:
    """Have the device, `virtual` or `real`, and watch it; where that fails the kernel starts without.

    `state` then says why.
    """
    try:
        from . import virtual_cuda

        if kind == "virtual":
            virtual_cuda.install()
        name = {} if kind == "virtual" else {"name": _real_name()}
        virtual_cuda.observe()
    except Exception as error:  # noqa: BLE001  no device is an answer, not a failure of the kernel
        words = str(error) or traceback.format_exc()
        _STATE.update(installed=False, reason=f"{type(error).__name__}: {words}"[:LONGEST_REASON])
    else:
        _STATE.update(installed=True, reason=None, **name)


def _real_name() -> str:
    """What the GPU is called; raises what torch raises where it cannot compute there."""
    import torch

    is_built: Any = torch.backends.cuda.is_built
    if not is_built():
        raise RuntimeError(f"torch {torch.__version__} is built without CUDA")
    name = torch.cuda.get_device_name(0)
    if torch.ones(2, device="cuda").sum().item() != 2:
        raise RuntimeError(f"{name} does not compute")
    return name


def state() -> dict[str, Any] | None:
    """`installed`, the `reason` where it is not, a real one's `name`; None where nobody wanted it."""
    return dict(_STATE) or None


def device_record(namespace: Mapping[str, Any]) -> dict[str, Any]:
    """For probes: the state, what the device did since, and where tensors were; `namespace`: the notebook's names.

    What is in `refused` is what no verdict may be built on. Of a real device there are no counts.
    """
    from . import virtual_cuda

    counts = virtual_cuda.RECORD.as_entries()
    return {**_STATE, **counts, "observed": virtual_cuda.OBSERVED.as_entries(namespace)}
