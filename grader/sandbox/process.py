"""One kernel process, from its sockets to its end: what the provisioner and the self-test start."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any, Self

from grader.errors import KernelStartError
from grader.model.rubric import Limits
from grader.sandbox import bwrap, folders, pidfds, places, rules
from grader.sandbox.gpus import Gpu
from grader.sandbox.handle import PORTS
from grader.sandbox.zygote import KernelSource, Zygote

CHANNELS = ("shell", "iopub", "stdin", "control")
START_S = 90.0
END_S = 10.0
MOST_BYTES = 1 << 16


class KernelProcess:
    """A started kernel: alive until `close`, which leaves no process and no folder."""

    def __init__(
        self,
        tier: str,
        limits: Limits,
        *,
        more: dict[str, Any],
        zygote: KernelSource | None = None,
        gpu: Gpu | None = None,
    ) -> None:
        self.tier, self.gpu = tier, gpu
        self.pidfd: int | None = None
        self.told_ready: dict[str, Any] = {}
        """What the kernel said of itself before any student's code ran."""
        self.folder = folders.made(folders.short())
        self._popen: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._first: int | None = None
        self._zygote: KernelSource | None = None
        self._own: Zygote | None = None
        self._exceeded: str | None = None
        try:
            self._start(limits, more, zygote)
        except BaseException:
            self.close()
            raise

    @property
    def address(self) -> str:
        """Prefix of the socket paths; a channel's path is this, a dash, and its port."""
        return str(self.folder / "k")

    @property
    def pid(self) -> int | None:
        """The outermost process, whose descendants are all that belongs to this kernel."""
        if self._first is not None:
            return pidfds.pid_of(self._first)
        return self._popen.pid if self._popen else None

    def wait_for(self, event: str, *, timeout_s: float = START_S) -> dict[str, Any]:
        """The named event of the launcher; raises KernelStartError when it fails, ends or takes too long."""
        assert self._control is not None
        deadline = time.monotonic() + timeout_s
        while True:
            self._control.settimeout(max(0.01, deadline - time.monotonic()))
            try:
                data, descriptors, _, _ = socket.recv_fds(self._control, MOST_BYTES, 1)
            except TimeoutError as error:
                raise KernelStartError(
                    f"The kernel was not ready after {timeout_s:.0f} s.{self._errors()}"
                ) from error
            except ConnectionResetError:
                data, descriptors = b"", []
            if not data:
                raise KernelStartError(f"The kernel ended before it was ready.{self._errors()}")
            told: dict[str, Any] = json.loads(data)
            if told["event"] == "walled":
                [self._first] = descriptors
            elif descriptors:
                [self.pidfd] = descriptors
            if told["event"] == "failed":
                raise KernelStartError(f"The kernel could not start: {told['traceback'].strip()[-2000:]}")
            if told["event"] == event:
                return told

    def alive(self) -> bool:
        """Whether the kernel itself still runs."""
        return self.pidfd is not None and not pidfds.has_ended(self.pidfd)

    def is_orphaned(self) -> bool:
        """Whether the zygote of a kernel that must not be able to end it has ended: no fault of the kernel's."""
        return self.tier not in rules.SHARED and self._zygote is not None and not self._zygote.alive()

    def interrupt(self) -> None:
        """Send SIGINT to the kernel."""
        if self.alive():
            assert self.pidfd is not None
            signal.pidfd_send_signal(self.pidfd, signal.SIGINT)

    def exceeded(self) -> str | None:
        """Which limit its supervisor ended the kernel for, `disk` or `files`; None where it did not."""
        while (
            self._exceeded is None
            and self._control is not None
            and select.select([self._control], [], [], 0)[0]
        ):
            try:
                data = self._control.recv(MOST_BYTES)
            except ConnectionResetError:
                return None
            if not data:
                return None
            self._exceeded = json.loads(data).get("word")
        return self._exceeded

    def kill(self) -> None:
        """End everything that belongs to this kernel, and wait until it has ended."""
        self.exceeded()
        zygote, self._zygote = self._zygote, None
        if zygote is not None:
            zygote.sweep()
        if self._popen is not None and self._popen.poll() is None:
            try:
                os.killpg(self._popen.pid, signal.SIGKILL)
            except ProcessLookupError:
                self._popen.kill()
            self._popen.wait(END_S)
        for pidfd in (self._first, self.pidfd):
            if pidfd is not None:
                pidfds.kill(pidfd, END_S)

    def close(self) -> None:
        """Kill, and leave nothing behind."""
        self.kill()
        for pidfd in (self.pidfd, self._first):
            if pidfd is not None:
                os.close(pidfd)
        self.pidfd = self._first = None
        if self._own is not None:
            self._own.close()
            self._own = None
        if self._control is not None:
            self._control.close()
            self._control = None
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self, limits: Limits, more: dict[str, Any], zygote: KernelSource | None) -> None:
        if self.tier != "none" and zygote is None:
            zygote = self._own = Zygote(self.tier, limits, None, self.gpu)
            if wrong := zygote.wait_until_up():
                raise KernelStartError(f"The kernel could not be started: {wrong}")
        handed = [self._listen(channel) for channel in CHANNELS]
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            if zygote is None:
                home = str(self.folder / "home")
                spec = {"home": home, "terminals": True, "signals": None}
                self._popen = self._launch(theirs.fileno(), home)
            else:
                home = zygote.home
                spec = {"home": home, **rules.confinement(self.tier, limits, zygote.own, self.gpu)}
                handed.append(_memory_file(rules.filter_of(self.tier)))
                zygote.fork(theirs)
                self._zygote = zygote
            spec |= {"limits": rules.rlimits(limits, self.tier, has_gpu=self.gpu is not None), **more}
            socket.send_fds(self._control, [json.dumps(spec).encode()], handed)
        except OSError as error:
            raise KernelStartError(f"The kernel could not be started: {error}.{self._errors()}") from error
        finally:
            theirs.close()
            for descriptor in handed:
                os.close(descriptor)

    def _launch(self, descriptor: int, home: str) -> subprocess.Popen[bytes]:
        """Start a kernel without walls."""
        Path(home).mkdir()
        with (self.folder / "errors").open("wb") as errors:
            return subprocess.Popen(
                places.launcher(str(bwrap.INKERNEL), descriptor),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                env=bwrap.environment(home, home, self.gpu),
                cwd="/",
                pass_fds=(descriptor,),
                start_new_session=True,
            )

    def _listen(self, channel: str) -> int:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(f"{self.address}-{PORTS[channel]}")
            listener.listen(16)
            return listener.detach()

    def _errors(self) -> str:
        try:
            words = (self.folder / "errors").read_text(errors="replace").strip()
        except OSError:
            return ""
        return f" It said: {words[-1500:]}" if words else ""


def _memory_file(content: bytes) -> int:
    descriptor = os.memfd_create("filter")
    os.write(descriptor, content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
