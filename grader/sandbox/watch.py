"""Watches memory from outside: that of all of a kernel's processes together, and the grader's own."""

from __future__ import annotations

import re
from pathlib import Path

_RSS = re.compile(r"^Rss(?:Anon|Shmem):\s+(\d+) kB", re.MULTILINE)
_PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)
MOST_GROWTH = 512 << 20
"""Bytes by which the grader may grow while it listens to one kernel: a flood of messages is cut off here."""


class MemoryWatch:
    """The memory of one kernel's processes, and of the process that listens to it."""

    def __init__(self, pid: int | None, most_bytes: int) -> None:
        self.pid, self.most_bytes = pid, most_bytes
        self.before = _sum(_RSS, Path("/proc/self/status"))

    def kernel_is_over(self) -> bool:
        """Whether all processes together use more than one may; shared pages count once."""
        if self.pid is None:
            return False
        tree = _tree(self.pid)
        if sum(_sum(_RSS, Path(f"/proc/{pid}/status")) for pid in tree) <= self.most_bytes:
            return False
        return sum(_sum(_PSS, Path(f"/proc/{pid}/smaps_rollup")) for pid in tree) > self.most_bytes

    def grader_is_flooded(self) -> bool:
        """Whether this process grew beyond reason."""
        return _sum(_RSS, Path("/proc/self/status")) - self.before > MOST_GROWTH


def _tree(pid: int) -> list[int]:
    found = [pid]
    for parent in found:
        for children in _children(parent):
            found += [int(child) for child in children.split()]
    return found


def _children(pid: int) -> list[str]:
    try:
        return [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return []


def _sum(pattern: re.Pattern[str], path: Path) -> int:
    try:
        return sum(int(kilobytes) for kilobytes in pattern.findall(path.read_text())) << 10
    except OSError:
        return 0
