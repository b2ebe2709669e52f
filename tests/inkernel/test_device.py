"""A kernel knows whether it has the virtual device, and why not."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

PROGRAM = """
import json, torch
from grader.inkernel import device
before = device.state()
{first}
device.switch_on()
print(json.dumps([before, device.state(), device.device_record({{}})]))
"""


def states(first: str = "") -> list[Any]:
    line = [sys.executable, "-c", PROGRAM.format(first=first)]
    run = subprocess.run(line, capture_output=True, text=True, check=True, timeout=60)
    found: list[Any] = json.loads(run.stdout)
    return found


def test_device_is_switched_on() -> None:
    before, after, record = states()
    assert before is None
    assert after == {"installed": True, "reason": None}
    counts = {"operators": 0, "to_device": 0, "to_host": 0, "waits": 0, "refused": []}
    assert {name: record[name] for name in (*after, *counts)} == {**after, **counts}
    assert not any(record["observed"].values())


def test_reason_is_told_where_it_cannot_be() -> None:
    _, after, record = states("torch.ones(1, requires_grad=True).sum().backward()")
    assert after["installed"] is False
    assert after["reason"].startswith("VirtualDeviceUnavailableError: the virtual device fails its own test")
    assert record["reason"] == after["reason"]
