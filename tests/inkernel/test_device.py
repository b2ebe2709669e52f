"""A kernel knows whether it has the virtual device, and why not."""

from __future__ import annotations

import json
from typing import Any

from tests.warm_process import WarmProcess

PROGRAM = """
import json, torch
from grader.inkernel import device
before = device.state()
{first}
device.switch_on()
print(json.dumps([before, device.state(), device.device_record({{}})]))
"""


def states(warm: WarmProcess, first: str = "") -> list[Any]:
    found: list[Any] = json.loads(warm.run(PROGRAM.format(first=first)))
    return found


PREPARED = """
import json, torch
from grader.inkernel import device
from grader.inkernel.virtual_cuda import registration
real, looked_up = registration.overload, []
registration.overload = lambda name: looked_up.append(name) or real(name)
def seen():
    try:
        torch.zeros(1, device="cuda")
    except Exception as error:
        return [torch.cuda.is_available(), torch.cuda.device_count(), type(error).__name__, str(error)]
before = seen()
device.make_ready()
after, first = seen(), len(looked_up)
device.switch_on()
print(json.dumps([before, after, device.state(), first, len(looked_up) - first]))
"""


def test_making_ready_changes_nothing_and_leaves_the_device_little_to_look_up(warm: WarmProcess) -> None:
    before, after, state, first, then = json.loads(warm.run(PREPARED))
    assert before == after
    assert before[:2] == [False, 0]
    assert state == {"installed": True, "reason": None}
    assert first > 500 > 100 > then


def test_device_is_switched_on(warm: WarmProcess) -> None:
    before, after, record = states(warm)
    assert before is None
    assert after == {"installed": True, "reason": None}
    counts = {"operators": 0, "to_device": 0, "to_host": 0, "waits": 0, "refused": []}
    assert {name: record[name] for name in (*after, *counts)} == {**after, **counts}
    assert not any(record["observed"].values())


def test_reason_is_told_where_it_cannot_be(warm: WarmProcess) -> None:
    _, after, record = states(warm, "torch.ones(1, requires_grad=True).sum().backward()")
    assert after["installed"] is False
    assert after["reason"].startswith("VirtualDeviceUnavailableError: the virtual device fails its own test")
    assert record["reason"] == after["reason"]
