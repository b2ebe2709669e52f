"""Leaves nothing of one kernel to the next, where no namespace ends with it: neither processes nor files."""

from __future__ import annotations

import os
import signal
import stat
import time
from collections.abc import Iterable
from contextlib import suppress

END_S = 5.0
PAUSE_S = 0.002
AHEAD = 200


def end_descendants() -> bool:
    """Kill all that descends from this process, which must be the reaper of its orphans; whether all is gone.

    A process that is killed while it forks leaves a child, so it is done again until nothing is found. One that forks
    without end is gone before its turn comes, so those that were born meanwhile are run after.
    """
    deadline = time.monotonic() + END_S
    while found := descendants(os.getpid()):
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid, parent in found.items():
                _signal(pid, parent, number)
        _run_after(found)
        _reap()
        if time.monotonic() > deadline:
            return False
        time.sleep(PAUSE_S)
    return True


def descendants(ancestor: int) -> dict[int, int]:
    """Children, their children and so on: pid to parent's pid."""
    parents = {
        pid: parent
        for entry in os.listdir("/proc")
        if entry.isdigit() and (parent := _parent(pid := int(entry)))
    }
    found: dict[int, int] = {}
    known = {ancestor}
    while new := {pid: parent for pid, parent in parents.items() if parent in known and pid not in found}:
        found |= new
        known = set(new)
    return found


def empty(folders: Iterable[str]) -> bool:
    """Remove all that is in these folders, however deep and whatever its mode; whether nothing is left."""
    left = False
    for folder in folders:
        _empty(folder)
        left = left or bool(os.listdir(folder))
    return not left


def remove(folder: str) -> None:
    """Remove a folder with all that is in it."""
    with suppress(OSError):
        _empty(folder)
        os.rmdir(folder)


def _parent(pid: int) -> int:
    """The parent's pid; 0 for a process that is gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as stream:
            return int(stream.read().rpartition(b")")[2].split()[1])
    except OSError:
        return 0


def _signal(pid: int, parent: int, number: int) -> None:
    with suppress(OSError):
        pidfd = os.pidfd_open(pid)
        try:
            if _parent(pid) == parent:  # else the number has passed on to another process
                signal.pidfd_send_signal(pidfd, number)
        finally:
            os.close(pidfd)


def _run_after(found: dict[int, int]) -> None:
    """Kill those that were born since `found` was listed: numbers are given out in turn."""
    known = {os.getpid(), *found}
    newest = max(found)
    for pid in range(newest + 1, newest + 1 + AHEAD):
        if (parent := _parent(pid)) in known:
            known.add(pid)
            _signal(pid, parent, signal.SIGKILL)


def _reap() -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _empty(folder: str) -> None:
    """Folders within folders are moved up first, so that no path gets too long and no call goes too deep."""
    with suppress(OSError):
        os.chmod(folder, stat.S_IRWXU)
    top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        count = 0
        while names := os.listdir(top):
            before = count
            for name in names:
                count += _take_apart(top, name, count)
            if count == before and os.listdir(top):
                return  # what is left does not let itself be removed
    finally:
        os.close(top)


def _take_apart(top: int, name: str, count: int) -> int:
    """Remove one entry; of a folder, move the folders in it up to `top`. How much was done."""
    with suppress(OSError):
        if not stat.S_ISDIR(os.lstat(name, dir_fd=top).st_mode):
            os.unlink(name, dir_fd=top)
            return 1
        os.chmod(name, stat.S_IRWXU, dir_fd=top)
        here = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=top)
        try:
            for number, inner in enumerate(os.listdir(here)):
                if stat.S_ISDIR(os.lstat(inner, dir_fd=here).st_mode):
                    os.chmod(inner, stat.S_IRWXU, dir_fd=here)
                    os.rename(inner, f".swept-{count}-{number}", src_dir_fd=here, dst_dir_fd=top)
                else:
                    os.unlink(inner, dir_fd=here)
        finally:
            os.close(here)
        os.rmdir(name, dir_fd=top)
        return 1
    return 0
