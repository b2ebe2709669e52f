"""Memory is gathered in large pages, where the system can, and nothing in it changes."""

from __future__ import annotations

import json
import platform
from pathlib import Path

import pytest

from tests.warm_process import WarmProcess

PROGRAM = """
import json
from grader.inkernel import largepages

def large_kb():
    with open("/proc/self/smaps_rollup") as stream:
        return next(int(line.split()[1]) for line in stream if line.startswith("AnonHugePages"))

pages = [bytes([number % 256]) * 4096 for number in range(20_000)]
before = large_kb()
made = largepages.gather()
whole = all(page == bytes([number % 256]) * 4096 for number, page in enumerate(pages))
print(json.dumps([made, large_kb() - before, whole]))
"""
CAN = (
    platform.machine() == "x86_64"
    and Path("/sys/kernel/mm/transparent_hugepage").exists()
    and tuple(int(n) for n in platform.release().split("-")[0].split(".")[:2]) >= (6, 1)
)


def test_memory_is_gathered_and_stays_as_it_is(warm: WarmProcess) -> None:
    made, grown_kb, whole = json.loads(warm.run(PROGRAM))
    assert whole
    assert grown_kb == made * 2048


@pytest.mark.skipif(
    not CAN, reason="Linux gathers memory on demand from 6.1 on, and this machine has other pages"
)
def test_torch_and_its_like_fill_many_large_pages(warm: WarmProcess) -> None:
    made, _, _ = json.loads(warm.run(PROGRAM))
    assert made > 50
