"""Warm processes, one for each set of preloaded modules, from which kernels are forked in a fraction of a second.

A zygote starts when it is first needed, is started anew when it ended, and ends with this process: nothing but its
socket keeps it alive. It is used only after a fork of it stood the trial of the walls.
"""

from __future__ import annotations

import atexit
import json
import os
import socket
import subprocess
import threading

from grader.model.rubric import Limits
from grader.sandbox import bwrap

WARM_UP_S = 120.0
END_S = 5.0
OWN_LIMITS = Limits(disk_bytes=64 << 20)


class Zygote:
    """One warm process behind walls."""

    def __init__(self, preload: tuple[str, ...]) -> None:
        self._lock = threading.Lock()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            line = [bwrap.PYTHON, "-P", f"{bwrap.INSIDE}/launch.py", str(theirs.fileno()), "warm", *preload]
            self._popen = subprocess.Popen(
                bwrap.walls_of_zygote(OWN_LIMITS, line),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={"PATH": os.environ.get("PATH", "/usr/bin:/bin")},
                cwd="/",
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )

    def wait_until_warm(self) -> str | None:
        """What went wrong with the start; None when all is well."""
        self._control.settimeout(WARM_UP_S)
        try:
            data = self._control.recv(1 << 16)
        except TimeoutError:
            return f"it was not warm after {WARM_UP_S:.0f} s"
        if not data:
            return "it ended while it started"
        told = json.loads(data)
        return None if told["event"] == "up" else str(told.get("traceback", told))[-2000:]

    def fork(self, status: socket.socket) -> None:
        """Ask for a kernel that talks through `status`; raises OSError when the zygote has ended."""
        with self._lock:
            socket.send_fds(self._control, [b"fork"], [status.fileno()])

    def alive(self) -> bool:
        """Whether it still runs."""
        return self._popen.poll() is None

    def close(self) -> None:
        """Hang up, and wait until it has ended."""
        self._control.close()
        try:
            self._popen.wait(END_S)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()

    def forget(self) -> None:
        """In a fork of the grader: the zygote belongs to the parent."""
        self._control.close()
        self._popen.returncode = 0


class Nursery:
    """The zygotes of this process."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._zygotes: dict[tuple[str, ...], Zygote] = {}
        self._weaknesses: dict[tuple[str, ...], str] = {}

    def get(self, preload: tuple[str, ...]) -> Zygote | None:
        """A warm zygote that passed its trial; None where there can be none, and kernels must start cold."""
        with self._lock:
            if preload in self._weaknesses:
                return None
            zygote = self._zygotes.get(preload)
            if zygote is None or not zygote.alive():
                zygote = self._start(preload)
            return zygote

    def weakness(self, preload: tuple[str, ...]) -> str | None:
        """Why there is no zygote, in words; None when there may be one."""
        return self._weaknesses.get(preload)

    def discard(self, zygote: Zygote) -> None:
        """End a zygote that did not bring forth what it should; the next kernel gets another."""
        with self._lock:
            self._zygotes = {preload: z for preload, z in self._zygotes.items() if z is not zygote}
        zygote.close()

    def close(self) -> None:
        """End all zygotes."""
        with self._lock:
            while self._zygotes:
                self._zygotes.popitem()[1].close()

    def forget(self) -> None:
        """Start with none, in a fork of the grader."""
        for zygote in self._zygotes.values():
            zygote.forget()
        self.__init__()  # type: ignore[misc]

    def _start(self, preload: tuple[str, ...]) -> Zygote | None:
        from grader.sandbox import selftest

        old = self._zygotes.pop(preload, None)
        if old is not None:
            old.close()
        zygote = Zygote(preload)
        try:
            wrong = zygote.wait_until_warm() or selftest.weakness("strong", zygote=zygote)
        except BaseException:
            zygote.close()
            raise
        if wrong is not None:
            zygote.close()
            self._weaknesses[preload] = wrong
            return None
        self._zygotes[preload] = zygote
        return zygote


NURSERY = Nursery()
atexit.register(NURSERY.close)
os.register_at_fork(after_in_child=NURSERY.forget)
