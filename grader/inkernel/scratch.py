"""What a kernel's scratch folders hold, seen from outside the kernel: bytes and files, deleted ones included."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import Any

BLOCK_BYTES = 512
"""Of `st_blocks`, whatever the file system's own block size is."""
LEAST_FREE = 0.02
"""Share of a disk that is always left: what is hidden from a count (files that are held by nothing but a mapping or a
socket's queue) ends here."""


class Watch:
    """Counts what is in some folders.

    `scratch`: `folders`, with `bytes` and `files` that they may hold together. `sized`: they are file systems of their
    own, which limit their bytes themselves, and each may hold so many files.
    """

    def __init__(self, scratch: dict[str, Any]) -> None:
        self._folders, self._sized = list(scratch["folders"]), scratch["sized"]
        self._most_bytes, self._most_files = scratch["bytes"], scratch["files"]

    def exceeded(self) -> str | None:
        """`disk` or `files` when there is too much; None when there is not."""
        if self._sized:
            used = (s.f_files - s.f_ffree for s in map(os.statvfs, self._folders))
            return "files" if any(count > self._most_files for count in used) else None
        if any(s.f_bavail < s.f_blocks * LEAST_FREE for s in map(os.statvfs, self._folders)):
            return "disk"
        return self._walk()

    def _walk(self) -> str | None:
        seen: dict[tuple[int, int], int] = _deleted()
        pending = list(self._folders)
        while pending:
            with suppress(OSError), os.scandir(pending.pop()) as entries:
                for entry in entries:
                    with suppress(OSError):
                        found = entry.stat(follow_symlinks=False)
                        seen[found.st_dev, found.st_ino] = found.st_blocks * BLOCK_BYTES
                        if stat.S_ISDIR(found.st_mode):
                            pending.append(entry.path)
                if len(seen) > self._most_files:
                    return "files"
        return "disk" if sum(seen.values()) > self._most_bytes else None


def _deleted() -> dict[tuple[int, int], int]:
    """Files that have no name any more but are open in a process below this one."""
    found: dict[tuple[int, int], int] = {}
    for pid in _below(os.getpid()):
        with suppress(OSError):
            for name in os.listdir(f"/proc/{pid}/fd"):
                with suppress(OSError):
                    file = os.stat(f"/proc/{pid}/fd/{name}")
                    if stat.S_ISREG(file.st_mode) and file.st_nlink == 0:
                        found[file.st_dev, file.st_ino] = file.st_blocks * BLOCK_BYTES
    return found


def _below(pid: int) -> list[int]:
    """Descendants, quickly: one that is just being made may be missing."""
    found = [pid]
    for parent in found:
        with suppress(OSError):
            for thread in os.listdir(f"/proc/{parent}/task"):
                with open(f"/proc/{parent}/task/{thread}/children") as stream:
                    found += [int(child) for child in stream.read().split()]
    return found[1:]
