"""Watches memory from outside: that of all of a kernel's processes together, and how much a process of ours grew."""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_RSS = re.compile(r"^Rss(?:Anon|Shmem):\s+(\d+) kB", re.MULTILINE)
_PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)
_AVAILABLE = re.compile(r"^MemAvailable:\s+(\d+) kB", re.MULTILINE)
TICK_S = 0.05
"""Seconds between two looks."""
MOST_GROWTH = 512 << 20
"""Bytes by which a client may grow while it listens to one kernel: a flood of messages is cut off here."""
LEAST_AVAILABLE = 256 << 20
"""Bytes that the machine must keep for all else."""
WORTH_STOPPING = 512 << 20
"""A kernel that uses less than this is not why the machine is full."""


class KernelWatch:
    """The memory of one kernel's processes."""

    def __init__(self, pid: int | None, most_bytes: int) -> None:
        self.pid, self.most_bytes = pid, most_bytes

    def is_over(self) -> bool:
        """Whether all processes together use more than one may; shared pages count once."""
        tree = self._tree()
        return self._rss(tree) > self.most_bytes and self._pss(tree) > self.most_bytes

    def fills_the_machine(self) -> bool:
        """Whether the machine is all but out of memory, and this kernel uses much of it."""
        if not 0 < _sum(_AVAILABLE, "/proc/meminfo") < LEAST_AVAILABLE:
            return False
        tree = self._tree()
        return self._rss(tree) > WORTH_STOPPING and self._pss(tree) > WORTH_STOPPING

    def _tree(self) -> list[int]:
        return tree_of(self.pid) if self.pid is not None else []

    def _rss(self, tree: list[int]) -> int:
        return sum(_sum(_RSS, f"/proc/{pid}/status") for pid in tree)

    def _pss(self, tree: list[int]) -> int:
        return sum(_proportional(pid) for pid in tree)


class Growth:
    """How much this process has grown since."""

    def __init__(self) -> None:
        self._before = _sum(_RSS, "/proc/self/status")

    def bytes(self) -> int:
        """Resident bytes of its own, more than then."""
        return _sum(_RSS, "/proc/self/status") - self._before

    def is_flood(self) -> bool:
        """Whether it grew beyond reason."""
        return self.bytes() > MOST_GROWTH


def tree_of(pid: int) -> list[int]:
    """A process, its children, their children, and so on."""
    found = [pid]
    for parent in found:
        found += _children(parent)
    return found


def _proportional(pid: int) -> int:
    """The bytes of a process; those that it shares with others count for its part only."""
    path = f"/proc/{pid}/smaps_rollup"
    try:
        with Path(path).open("rb") as stream:
            stream.read(1)
    except PermissionError:
        with _seeing_as_the_owner_of(path):
            return _sum(_PSS, path)
    except OSError:  # it has ended
        return 0
    return _sum(_PSS, path)


@contextmanager
def _seeing_as_the_owner_of(path: str) -> Iterator[None]:
    """For root without the capability to look into other users' processes, as in a container of Docker's.

    What a thread may look at depends on its file system ids, which it has for itself alone.
    """
    status = os.stat(path)
    libc = ctypes.CDLL(None)
    libc.setfsgid(status.st_gid)
    libc.setfsuid(status.st_uid)
    try:
        yield
    finally:
        libc.setfsuid(os.geteuid())
        libc.setfsgid(os.getegid())


def _children(pid: int) -> list[int]:
    """Of all threads of a process."""
    found: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            found += map(int, _read(f"/proc/{pid}/task/{thread}/children").split())
    except OSError:  # it has ended
        return found
    return found


def _sum(pattern: re.Pattern[str], path: str) -> int:
    try:
        return sum(int(kilobytes) for kilobytes in pattern.findall(_read(path))) << 10
    except OSError:  # it has ended
        return 0


def _read(path: str) -> str:
    with open(path, "rb", buffering=0) as stream:  # twenty times a second: pathlib takes three times as long
        return stream.read().decode("utf-8", "replace")
