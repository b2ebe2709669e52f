"""Processes from which kernels are forked: warm ones, one for each set of preloaded modules, in a fraction of a second.

A warm zygote starts when it is first needed, is started anew when it ended, and ends with this process: nothing but its
socket keeps it alive. It is used only after a fork of it stood the trial of the walls.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from typing import NamedTuple

from grader.errors import KernelStartError
from grader.model.rubric import Limits
from grader.sandbox import places, rules
from grader.sandbox.places import OWN_LIMITS

WARM_UP_S = 120.0
END_S = 1.5
"""Seconds, twice: together less than a worker has to end in order (`executors.worker.PATIENCE_S`) when its grader is
gone while a zygote still imports and does not hear that it is hung up on."""
SWEEP_S = 20.0
MOST_BYTES = 1 << 16
SAID = "It said: "


class Zygote:
    """One process behind the outer walls of its tier. `preload`: what to import; None stays cold.

    Raises KernelStartError, SandboxUnavailableError.
    """

    def __init__(self, tier: str, limits: Limits, preload: tuple[str, ...] | None) -> None:
        self.tier = tier
        self.shared = tier in rules.SHARED
        self._lock = threading.Lock()
        self._is_taken = self._is_spoilt = False
        self._pidfd: int | None = None
        self.place = places.prepare(tier, limits)
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the zygote
        settings = {
            "modules": preload,
            "shared": self.place.own if self.shared else (),
            "folder": str(self.place.folder) if self.place.folder else None,
        }
        line = [*places.launcher(self.place.inkernel, theirs.fileno()), "zygote", json.dumps(settings)]
        with theirs:
            try:
                self._popen = places.start(self.place, line, theirs.fileno(), self._errors)
            except KernelStartError:
                self._control.close()
                self._errors.close()
                raise

    def wait_until_up(self) -> str | None:
        """What went wrong with the start; None when all is well."""
        self._control.settimeout(WARM_UP_S)
        try:
            data, descriptors, _, _ = socket.recv_fds(self._control, MOST_BYTES, 1)
        except TimeoutError:
            return f"it was not warm after {WARM_UP_S:.0f} s"
        if not data:
            return f"it ended while it started.{self._last_words()}"
        told = json.loads(data)
        if told["event"] != "up":
            return str(told.get("traceback", told))[-2000:]
        [self._pidfd] = descriptors
        return None if told["swept"] else "its scratch folders could not be emptied"

    def fork(self, status: socket.socket) -> None:
        """Ask for a kernel that talks through `status`; raises OSError when the zygote has ended or is taken."""
        with self._lock:
            if self.shared and self._is_taken:
                raise OSError("another kernel has the scratch folders")
            socket.send_fds(self._control, [b"fork"], [status.fileno()])
            self._is_taken = True

    def sweep(self) -> None:
        """After a kernel: end what it left, empty the scratch folders that the next one gets."""
        if not self.shared:
            return
        with self._lock:
            try:
                self._control.settimeout(SWEEP_S)
                self._control.send(b"sweep")
                self._is_spoilt = not json.loads(self._control.recv(MOST_BYTES) or b"{}").get("swept")
            except OSError:
                self._is_spoilt = True
            if self._is_spoilt:
                self._kill()
            self._is_taken = False

    def is_free(self) -> bool:
        """Whether another kernel may come from it now."""
        return not (self.shared and self._is_taken)

    def alive(self) -> bool:
        """Whether it still runs, and left nothing of one kernel for the next."""
        return not self._is_spoilt and self._popen.poll() is None

    def close(self) -> None:
        """Hang up, and wait until it has ended."""
        self._control.close()
        try:
            self._popen.wait(END_S)
        except subprocess.TimeoutExpired:
            self._kill()
        self._errors.close()
        if self._pidfd is not None:
            os.close(self._pidfd)
            self._pidfd = None
        if self.place.folder is not None:
            shutil.rmtree(self.place.folder, ignore_errors=True)

    def forget(self) -> None:
        """In a fork of the grader: the zygote belongs to the parent."""
        self._control.close()
        self._popen.returncode = 0

    def _kill(self) -> None:
        """End it where it does not end by itself; bubblewrap ends with what it runs."""
        if self._pidfd is not None and not select.select([self._pidfd], [], [], 0)[0]:
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        try:
            self._popen.wait(END_S)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()

    def _last_words(self) -> str:
        self._errors.seek(0)
        words = self._errors.read().decode(errors="replace").strip()
        return f" {SAID}{words[-1500:]}" if words else ""


class Nursery:
    """The warm zygotes of this process."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._zygotes: dict[Kind, Zygote] = {}
        self._weaknesses: dict[Kind, str] = {}

    def get(
        self, preload: tuple[str, ...], tier: str = "strong", limits: Limits = OWN_LIMITS
    ) -> Zygote | None:
        """A warm zygote that passed its trial; None where none can be had now, and a kernel must start cold."""
        kind = _kind(preload, tier, limits)
        with self._lock:
            if kind in self._weaknesses:
                return None
            zygote = self._zygotes.get(kind)
            if zygote is None or not zygote.alive():
                zygote = self._start(kind, limits)
            return zygote if zygote is not None and zygote.is_free() else None

    def weakness(
        self, preload: tuple[str, ...], tier: str = "strong", limits: Limits = OWN_LIMITS
    ) -> str | None:
        """Why there is no zygote, in words; None when there may be one."""
        return self._weaknesses.get(_kind(preload, tier, limits))

    def discard(self, zygote: Zygote) -> None:
        """End a zygote that did not bring forth what it should; the next kernel gets another."""
        with self._lock:
            self._zygotes = {kind: z for kind, z in self._zygotes.items() if z is not zygote}
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

    def _start(self, kind: Kind, limits: Limits) -> Zygote | None:
        from grader.sandbox import selftest

        old = self._zygotes.pop(kind, None)
        if old is not None:
            old.close()
        zygote = Zygote(kind.tier, limits, kind.preload)
        try:
            wrong = zygote.wait_until_up() or selftest.weakness(kind.tier, zygote=zygote)
        except BaseException:
            zygote.close()
            raise
        if wrong is not None:
            zygote.close()
            self._weaknesses[kind] = wrong
            return None
        self._zygotes[kind] = zygote
        return zygote


class Kind(NamedTuple):
    """What zygotes differ in."""

    tier: str
    preload: tuple[str, ...]
    disk_bytes: int | None
    """Of the scratch folders, where they are the zygote's."""


def _kind(preload: tuple[str, ...], tier: str, limits: Limits) -> Kind:
    return Kind(tier, preload, limits.disk_bytes if tier == "mid" else None)


NURSERY = Nursery()
atexit.register(NURSERY.close)
os.register_at_fork(after_in_child=NURSERY.forget)
