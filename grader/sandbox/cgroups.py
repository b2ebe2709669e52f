"""A control group for each kernel, where this user may make some: cgroup v2, a writable subtree, memory and pids.

`systemd-run --user --scope -p Delegate=yes grade run …` gives such a subtree. A group with limits may hold no
process beside its children: a grader that is alone in its group moves into a leaf first. Else nothing is done.

Source: https://docs.kernel.org/admin-guide/cgroup-v2.html
"""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.model.rubric import Limits
from grader.sandbox.rules import scratch
from grader.sandbox.watch import tree_of

MOUNT = Path("/sys/fs/cgroup")
JUDGES = "grade-judges"
"""The leaf for the grader and its workers."""
KERNEL = "grade-kernel-"
CONTROLLERS = ("memory", "pids")
END_S = 2.0
_NUMBERS = itertools.count()


@contextmanager
def settled(mount: Path = MOUNT) -> Iterator[None]:
    """Make room for kernels' groups while the context lasts; to be entered before any worker is started."""
    own = _own(mount)
    if own is None or not _is_delegated(own):
        yield
        return
    leaf = own / JUDGES
    try:
        _tidy(own)
        leaf.mkdir(exist_ok=True)
        _write(leaf / "cgroup.procs", os.getpid())
        _write(own / "cgroup.subtree_control", " ".join(f"+{name}" for name in CONTROLLERS))
    except OSError:  # it only seemed to be ours: kernels go without, as on most machines
        _leave(own, leaf)
        yield
        return
    try:
        yield
    finally:
        _leave(own, leaf)


class Group:
    """One kernel's processes, limited together; without effect where the grader has not settled."""

    def __init__(self, pid: int | None, limits: Limits, mount: Path = MOUNT) -> None:
        own = _own(mount)
        self._folder: Path | None = None
        if own is None or own.name != JUDGES or pid is None:
            return
        self._folder = own.parent / f"{KERNEL}{os.getpid()}-{next(_NUMBERS)}"
        try:
            _fill(self._folder, pid, limits)
        except OSError:  # the system changed its mind
            self.close()

    def ran_out_of_memory(self) -> bool:
        """Whether the system ended it because of its memory."""
        if self._folder is None:
            return False
        events = dict(line.split() for line in (self._folder / "memory.events").read_text().splitlines())
        return int(events.get("oom_kill", 0)) > 0

    def close(self) -> None:
        """End what is left in it, and remove it."""
        if self._folder is None:
            return
        with contextlib.suppress(OSError):  # Linux before 5.14 has no such file
            _write(self._folder / "cgroup.kill", 1)
        until = time.monotonic() + END_S
        while not _removed(self._folder) and time.monotonic() < until:
            time.sleep(0.01)
        self._folder = None


def _fill(folder: Path, pid: int, limits: Limits) -> None:
    folder.mkdir()
    _write(folder / "memory.max", limits.memory_bytes + sum(scratch(limits).values()))
    _write(folder / "memory.oom.group", 1)
    with contextlib.suppress(FileNotFoundError):  # a machine without swap accounting
        _write(folder / "memory.swap.max", 0)
    _write(folder / "pids.max", limits.processes)
    for member in tree_of(pid):
        _write(folder / "cgroup.procs", member)


def _own(mount: Path) -> Path | None:
    """The group that this process is in."""
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return None
    paths = [line.removeprefix("0::/") for line in lines if line.startswith("0::/")]
    return mount / paths[0] if paths and (mount / "cgroup.controllers").exists() else None


def _is_delegated(own: Path) -> bool:
    """Whether limits can be set below it, and no process but this one is in it."""
    try:
        there = (own / "cgroup.controllers").read_text().split()
        alone = (own / "cgroup.procs").read_text().split() == [str(os.getpid())]
    except OSError:
        return False
    writable = all(os.access(own / name, os.W_OK) for name in ("", "cgroup.procs", "cgroup.subtree_control"))
    return alone and writable and set(CONTROLLERS) <= set(there)


def _leave(own: Path, leaf: Path) -> None:
    with contextlib.suppress(OSError):  # never enabled, or what a worker left still runs
        _write(own / "cgroup.subtree_control", " ".join(f"-{name}" for name in CONTROLLERS))
        _write(own / "cgroup.procs", os.getpid())
        _tidy(own)
        leaf.rmdir()


def _tidy(own: Path) -> None:
    """Remove the groups that a grader left that was killed; those with processes stay."""
    for folder in own.glob(f"{KERNEL}*"):
        _removed(folder)


def _removed(folder: Path) -> bool:
    try:
        folder.rmdir()
    except OSError:
        return False
    return True


def _write(path: Path, value: int | str) -> None:
    path.write_text(str(value), encoding="ascii")
