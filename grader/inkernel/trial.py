"""Attempts on the walls from within, for the self-test: whatever succeeds is reported."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
from typing import Any

CLONE_NEWUSER = 0x10000000


def attempt(targets: dict[str, Any]) -> dict[str, Any]:
    """Try all that student code must not be able to do; each value is what was reached."""
    return {
        "read": [path for path in targets["read"] if _reads(path)],
        "wrote": [path for path in targets["write"] if _writes(path)],
        "connected": [name for name, address in targets["connect"].items() if _connects(name, address)],
        "saw": _saw(targets["marker"], targets["bystander"]),
        "changed": _changes(targets["read"][0]),
        "signalled": _signals(targets["bystander"]),
        "status": _status(),
        "unshared": ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER) == 0,
        "uid": os.geteuid(),
        "environment": sorted(os.environ),
    }


def _reads(path: str) -> bool:
    try:
        if os.path.isdir(path):
            os.listdir(path)
        else:
            with open(path, "rb") as stream:
                stream.read(1)
    except OSError:
        return False
    return True


def _writes(path: str) -> bool:
    mark = os.path.join(path, "written-from-within")
    try:
        with open(mark, "w") as stream:
            stream.write("x")
        os.unlink(mark)
    except OSError:
        return False
    return True


def _connects(name: str, address: Any) -> bool:
    family = socket.AF_INET if name == "tcp" else socket.AF_UNIX
    target = ("127.0.0.1", address) if name == "tcp" else address
    try:
        with socket.socket(family) as caller:
            caller.settimeout(1)
            caller.connect(target)
    except OSError:
        return False
    return True


def _changes(path: str) -> bool:
    """Whether it could be told otherwise; the grader looks as well."""
    try:
        os.utime(path, (0, 0))
        return os.stat(path).st_mtime == 0
    except OSError:
        return False


def _signals(pid: int) -> bool:
    """Whether SIGTERM was taken for this process of the host's; whether it arrived the grader sees."""
    if pid in (1, 2, os.getppid(), os.getpid()):  # with walls these are the trial's own
        return False
    try:
        os.kill(pid, signal.SIGTERM)
    except OSError:
        return False
    return True


def _saw(marker: str, pid: int) -> list[str]:
    """What can be seen of a process with this word in its command line and its environment."""
    try:
        others = {entry for entry in os.listdir("/proc") if entry.isdigit()} - {str(os.getpid())}
    except OSError:
        others = set()
    return [
        name
        for name in ("cmdline", "environ")
        if any(marker.encode() in _content(f"/proc/{entry}/{name}") for entry in others | {str(pid)})
    ]


def _content(path: str) -> bytes:
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except OSError:
        return b""


def _status() -> dict[str, str]:
    with open("/proc/self/status") as stream:
        pairs = (line.partition(":") for line in stream)
        return {k: v.strip() for k, _, v in pairs if k in ("CapEff", "NoNewPrivs", "Seccomp")}
