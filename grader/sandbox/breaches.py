"""Recognises in an exception of the student's code that it met a limit of the kernel.

A student can raise the same exception on purpose; the verdict is then his own wish.
"""

from __future__ import annotations

from typing import Literal

Breach = Literal["memory_limit_exceeded", "process_limit_exceeded", "disk_limit_exceeded"]
Outcome = Literal["raised", "out_of_memory", "out_of_processes", "out_of_disk"]

OUTCOMES: dict[Breach | Literal["raised"], Outcome] = {
    "raised": "raised",
    "memory_limit_exceeded": "out_of_memory",
    "process_limit_exceeded": "out_of_processes",
    "disk_limit_exceeded": "out_of_disk",
}
"""What a probe's observation says of the same."""
NO_MEMORY = ("can't allocate memory", "cannot allocate memory", "bad_alloc", "not enough memory")
NO_DISK = (
    "no space left on device",
    "file too large",
    "disk quota exceeded",
    "pytorchstreamwriter failed writing",
    ". unexpected pos ",
    " requested and ",
)
"""Of ENOSPC, EFBIG, EDQUOT; torch and numpy tell no reason when they could save only a part."""
NO_THREAD = ("can't start new thread", "can't create new thread")
NOT_NOW = "resource temporarily unavailable"
"""EAGAIN: a fork that met the limit, if it does not come from a socket with nothing to read."""
NOT_BLOCKING = ("socket", "recv(", "blocking(")


def limit_met(name: str, message: str, traceback: str) -> Breach | None:
    """The limit that an exception speaks of; None when it is an error like any other."""
    said = message.lower()
    if name in ("MemoryError", "OutOfMemoryError") or any(words in said for words in NO_MEMORY):
        return "memory_limit_exceeded"
    if any(words in said for words in NO_DISK):
        return "disk_limit_exceeded"
    not_now = NOT_NOW in said and not any(words in traceback for words in NOT_BLOCKING)
    if not_now or any(words in said for words in NO_THREAD):
        return "process_limit_exceeded"
    return None
