"""Processes held by a descriptor: no other process can take their place while it is open."""

from __future__ import annotations

import select
import signal
from pathlib import Path


def has_ended(pidfd: int, timeout_s: float = 0) -> bool:
    """Whether the process has ended, or ends within this time."""
    return bool(select.select([pidfd], [], [], timeout_s)[0])


def kill(pidfd: int, timeout_s: float) -> None:
    """End the process where it has not ended, and wait for that at most so long."""
    if not has_ended(pidfd):
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        has_ended(pidfd, timeout_s)


def pid_of(pidfd: int) -> int | None:
    """The process's id, as seen from here."""
    for line in Path(f"/proc/self/fdinfo/{pidfd}").read_text().splitlines():
        if line.startswith("Pid:"):
            return int(line.split()[1])
    return None
