"""A temporary folder, such as of a kernel's sockets, belongs to one grader; the next sweeps what a killed one left.

A folder is swept only when it is this user's, and when the process that its mark names is known to be gone: a pid
means something in its own pid namespace only, and together with the start time it names no other process.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from grader.errors import KernelStartError
from grader.model.text import say

FIRST_ORDINARY_ID = 0x70000000
"""When the grader is root, kernels get uids and gids from here on, which belong to nobody: one each, because the
number of processes is limited by uid."""
PREFIX = "grade-kernel-"
MARK = "grader"
LONGEST_BYTES = 107 - len(f"/{PREFIX}12345678/k-5")
"""Of a path in which a kernel's folder is made: a socket's address holds 108 bytes, the last of which is zero.

Source: unix(7).
"""
START_FIELD = 19
"""Of /proc/<pid>/stat, counted from the state, which follows the name in parentheses."""


def made(parent: str) -> Path:
    """A new folder of this process's in `parent`, where what killed graders left is swept first."""
    sweep(parent)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    try:
        claim(folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder


@contextmanager
def temporary(parent: str) -> Iterator[Path]:
    """A folder that is removed when the context is left."""
    folder = made(parent)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def claim(folder: Path) -> None:
    """Mark a folder as this process's, where /proc can tell later whether the process is gone."""
    own = os.getpid()
    start, namespace = _start(own), _namespace()
    if start is not None and namespace is not None:
        (folder / MARK).write_text(f"{own} {start} {namespace}")


@cache
def sweep(parent: str) -> None:
    """Remove, once per process, the folders in `parent` that graders of this user left when they were killed."""
    with os.scandir(parent) as entries:
        for entry in entries:
            if entry.name.startswith(PREFIX) and _is_left_behind(entry):
                shutil.rmtree(entry.path, ignore_errors=True)


def short() -> str:
    """A folder in which a kernel's sockets have paths that fit into an address; raises KernelStartError."""
    for candidate in (tempfile.gettempdir(), "/tmp", "/var/tmp"):  # noqa: S108
        if len(os.fsencode(candidate)) <= LONGEST_BYTES and os.access(candidate, os.W_OK | os.X_OK):
            return candidate
    raise KernelStartError(
        say(
            "The path of the folder for temporary files is too long for sockets: set TMPDIR to one of at most "
            "{count} bytes.",
            count=LONGEST_BYTES,
        )
    )


def passable() -> str:
    """A folder for temporary ones; for root one that everybody may go to, since its kernels become somebody else.

    Raises KernelStartError.
    """
    usual = tempfile.gettempdir()
    if os.geteuid() != 0:
        return usual
    for candidate in (usual, os.environ.get("TMPDIR", "/tmp"), "/tmp", "/var/tmp"):  # noqa: S108
        path = Path(candidate).absolute()
        if path.is_dir() and all(place.stat().st_mode & stat.S_IXOTH for place in (path, *path.parents)):
            return candidate
    raise KernelStartError(
        say("No folder for temporary files may be entered by an ordinary user: set TMPDIR.")
    )


def _is_left_behind(entry: os.DirEntry[str]) -> bool:
    try:
        if not entry.is_dir(follow_symlinks=False):
            return False
        if not _is_ours(entry.stat(follow_symlinks=False).st_uid):
            return False
        pid, start, namespace = Path(entry.path, MARK).read_text().split()
        return namespace == _namespace() and _start(int(pid)) != start
    except (OSError, ValueError):  # no mark, or only half of one: nobody knows
        return False


def _is_ours(owner: int) -> bool:
    return owner == os.geteuid() or (os.geteuid() == 0 and owner >= FIRST_ORDINARY_ID)


def _start(pid: int) -> str | None:
    """When a process started, in clock ticks since the machine did; None when there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return stat.rpartition(")")[2].split()[START_FIELD]


def _namespace() -> str | None:
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return None
