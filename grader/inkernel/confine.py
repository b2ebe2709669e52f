"""Confinement from within: resource limits and the system call filter, for this process and all its children."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import struct
import sys
from typing import Any

from . import calls

SECCOMP_MODE_FILTER = 2
INSTRUCTION = struct.Struct("=HBBI")
"""Of BPF: what to do, two jumps, an operand."""


def die_with_parent() -> None:
    """Let the system kill this process when the one that started it is gone: no kernel outlives a killed grader."""
    if sys.platform == "linux":
        calls.prctl(calls.PR_SET_PDEATHSIG, signal.SIGKILL)


def set_limits(limits: dict[str, Any]) -> None:
    """Set hard resource limits: `memory_bytes`, `file_bytes`, `processes`, each an int or None.

    `address_space`: what `memory_bytes` bounds; else only what can be written to, for CUDA reserves far more addresses
    than it ever uses.
    `beside_others`: the system counts the user's other processes as well, so they come on top.
    """
    processes = limits["processes"]
    if processes is not None and limits["beside_others"]:
        processes += _tasks_of(os.getuid())
    wanted = {
        resource.RLIMIT_AS if limits["address_space"] else resource.RLIMIT_DATA: limits["memory_bytes"],
        resource.RLIMIT_FSIZE: limits["file_bytes"],
        resource.RLIMIT_NPROC: processes,
        resource.RLIMIT_NOFILE: 256,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_STACK: 8 << 20,
    }
    for kind, value in wanted.items():
        if value is not None:
            _, hard = resource.getrlimit(kind)
            least = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(kind, (least, least))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def load_filter(descriptors: list[int], signals: dict[str, int] | None) -> None:
    """Load the BPF program that the one descriptor holds, if there is one; must come before any thread is made.

    `signals`: numbers in the program that stand for the pids of this process (`self`) and its parent (`parent`).
    """
    for descriptor in descriptors:
        with os.fdopen(descriptor, "rb") as stream:
            code = stream.read()
        for number, pid in (
            ((signals["self"], os.getpid()), (signals["parent"], os.getppid())) if signals else ()
        ):
            code = _with_operand(code, number, pid)
        program = _Program(len(code) // INSTRUCTION.size, code)
        calls.prctl(calls.PR_SET_NO_NEW_PRIVS, 1)
        loaded = calls.libc.prctl(calls.PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0)
        calls.checked(loaded, "seccomp")


def _with_operand(code: bytes, old: int, new: int) -> bytes:
    instructions = INSTRUCTION.iter_unpack(code)
    return b"".join(
        INSTRUCTION.pack(*head, new if operand == old else operand) for *head, operand in instructions
    )


def _tasks_of(uid: int) -> int:
    count = 0
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                if os.stat(f"/proc/{entry}").st_uid == uid:
                    count += len(os.listdir(f"/proc/{entry}/task"))
            except OSError:
                continue
    return count
