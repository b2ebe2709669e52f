"""A process from which kernels are forked, warm ones in a fraction of a second; only its socket keeps it alive."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import threading
from typing import Any, Protocol

from grader.errors import KernelStartError
from grader.model.rubric import Limits
from grader.sandbox import pidfds, places, rules
from grader.sandbox.gpus import Gpu

WARM_UP_S = 120.0
END_S = 1.5
"""Seconds, twice: together less than a worker has to end in order (`executors.worker.PATIENCE_S`) when its grader is
gone while a zygote still imports and does not hear that it is hung up on."""
SWEEP_S = 20.0
MOST_BYTES = 1 << 16
SAID = "It said: "


class KernelSource(Protocol):
    """What forks kernels, whichever process of ours it belongs to."""

    @property
    def home(self) -> str:
        """The folder that kernels start in."""

    @property
    def own(self) -> tuple[str, ...]:
        """All scratch folders."""

    def fork(self, status: socket.socket) -> None:
        """Ask for a kernel that talks through `status`; raises OSError when that cannot be."""

    def sweep(self) -> None:
        """After a kernel: make way for the next."""

    def is_free(self) -> bool:
        """Whether another kernel may come from it now."""

    def alive(self) -> bool:
        """Whether kernels may come from it at all."""

    def close(self) -> None:
        """Have nothing to do with it any more."""

    def discard(self) -> None:
        """Have nothing to do with it any more: it does not bring forth what it should."""

    def forget(self) -> None:
        """In a fork of the grader: it belongs to the parent."""


class Zygote:
    """One process behind the outer walls of its tier. `preload`: what to import; None stays cold. `gpu`: let in.

    Raises KernelStartError, SandboxUnavailableError.
    """

    def __init__(
        self, tier: str, limits: Limits, preload: tuple[str, ...] | None, gpu: Gpu | None = None
    ) -> None:
        theirs = self._begin(tier, places.prepare(tier, limits, gpu))
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

    def _begin(self, tier: str, place: places.Place) -> socket.socket:
        """Set out what every zygote has; returns the other end of its socket."""
        self.tier, self.place = tier, place
        self.shared = tier in rules.SHARED
        self.name = secrets.token_hex(8)
        self._lock = threading.Lock()
        self._is_taken = self._is_spoilt = False
        self._pidfd: int | None = None
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        return theirs

    @property
    def home(self) -> str:
        """The folder that kernels start in."""
        return self.place.home

    @property
    def own(self) -> tuple[str, ...]:
        """All scratch folders."""
        return self.place.own

    @property
    def descriptors(self) -> tuple[int, int]:
        """Its socket and its pidfd, which are all that another process needs to have kernels forked; once it is up."""
        assert self._pidfd is not None
        return self._control.fileno(), self._pidfd

    def wait_until_up(self) -> str | None:
        """What went wrong with the start; None when all is well."""
        try:
            told = self._hear(WARM_UP_S)
            if told is not None and told["event"] == "begun":
                told = self._hear(WARM_UP_S)
        except TimeoutError:
            return f"it was not warm after {WARM_UP_S:.0f} s"
        if told is None:
            return f"it ended while it started.{self._last_words()}"
        if told["event"] != "up":
            return str(told.get("traceback", told))[-2000:]
        return None if told["swept"] else "its scratch folders could not be emptied"

    def _hear(self, timeout_s: float) -> dict[str, Any] | None:
        """The next that it says of itself, None when it has ended; raises TimeoutError."""
        self._control.settimeout(timeout_s)
        data, descriptors, _, _ = socket.recv_fds(self._control, MOST_BYTES, 1)
        if descriptors:
            [self._pidfd] = descriptors
        return json.loads(data) if data else None

    def fork(self, status: socket.socket) -> None:
        """Ask for a kernel that talks through `status`; raises OSError when the zygote has ended or is taken."""
        with self._lock:
            if self.shared and self._is_taken:
                raise OSError("another kernel has the scratch folders")
            socket.send_fds(self._control, [b"fork"], [status.fileno()])
            self._is_taken = True

    def grow(self, control: socket.socket, preload: tuple[str, ...]) -> None:
        """Have a fork become a zygote with more modules, that talks through `control`; raises OSError as `fork`."""
        socket.send_fds(self._control, [json.dumps({"grow": preload}).encode()], [control.fileno()])

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
        ended = self._pidfd is not None and pidfds.has_ended(self._pidfd)
        return not (self._is_spoilt or ended) and self._popen.poll() is None

    def hang_up(self) -> None:
        """Have it end, from any thread; who waits for it hears that it ended, and `close` is still to be called."""
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Hang up, and wait until it has ended."""
        self.hang_up()  # closing is not enough: others may have been lent the socket
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

    def discard(self) -> None:
        """As `close`."""
        self.close()

    def forget(self) -> None:
        """In a fork of the grader: the zygote belongs to the parent."""
        self._control.close()
        self._popen.returncode = 0

    def _kill(self) -> None:
        """End it where it does not end by itself; bubblewrap ends with what it runs."""
        if self._pidfd is not None:
            pidfds.kill(self._pidfd, 0)
        try:
            self._popen.wait(END_S)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()

    def _last_words(self) -> str:
        self._errors.seek(0)
        words = self._errors.read().decode(errors="replace").strip()
        return f" {SAID}{words[-1500:]}" if words else ""
