"""Attempts on the walls from within, for the self-test: whatever succeeds is reported."""

from __future__ import annotations

import ctypes
import os
import socket
from typing import Any

CLONE_NEWUSER = 0x10000000


def attempt(targets: dict[str, Any]) -> dict[str, Any]:
    """Try all that student code must not be able to do; each value is what was reached."""
    return {
        "read": [path for path in targets["read"] if _reads(path)],
        "wrote": [path for path in targets["write"] if _writes(path)],
        "connected": [name for name, address in targets["connect"].items() if _connects(name, address)],
        "saw": _saw(targets["marker"]),
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
    with socket.socket(family) as caller:
        caller.settimeout(1)
        try:
            caller.connect(target)
        except OSError:
            return False
    return True


def _saw(marker: str) -> bool:
    """Whether a process with this word in its command line can be seen."""
    for entry in os.listdir("/proc"):
        if entry.isdigit() and int(entry) != os.getpid():
            try:
                with open(f"/proc/{entry}/cmdline", "rb") as stream:
                    if marker.encode() in stream.read():
                        return True
            except OSError:
                continue
    return False


def _status() -> dict[str, str]:
    with open("/proc/self/status") as stream:
        pairs = (line.partition(":") for line in stream)
        return {k: v.strip() for k, _, v in pairs if k in ("CapEff", "NoNewPrivs", "Seccomp")}
