"""What the client of a kernel holds of it: where it listens, and a descriptor that stands for it."""

from __future__ import annotations

import os
import signal
from typing import Any

from grader.sandbox import pidfds

END_S = 10.0
PORTS = {"shell": 1, "iopub": 2, "stdin": 3, "control": 4, "hb": 5}
"""Numbers that name the sockets of a kernel behind walls."""


class Handle:
    """A kernel that somebody else started and is going to clear away; the descriptor becomes the handle's."""

    def __init__(self, address: str, pidfd: int, tier: str) -> None:
        self.address, self.pidfd, self.tier = address, pidfd, tier

    def connection(self, key: str) -> dict[str, Any]:
        """Jupyter's connection information."""
        ports = {f"{channel}_port": port for channel, port in PORTS.items()}
        info = {"transport": "ipc", "ip": self.address, "key": key.encode(), **ports}
        return info | {"signature_scheme": "hmac-sha256"}

    def alive(self) -> bool:
        """Whether the kernel still runs."""
        return not pidfds.has_ended(self.pidfd)

    def interrupt(self) -> None:
        """Send SIGINT to the kernel."""
        if self.alive():
            signal.pidfd_send_signal(self.pidfd, signal.SIGINT)

    def kill(self) -> None:
        """End the kernel, and wait until it has ended."""
        pidfds.kill(self.pidfd, END_S)

    def close(self) -> None:
        """Let go of the kernel."""
        os.close(self.pidfd)
