"""The process that listens to kernels, one after the other, so that no flood of theirs reaches the one that judges.

Its memory is limited: what a kernel sends can end this process, and nothing else. It is started by `clients` and ends
with the grader, whatever it is doing.
"""

from __future__ import annotations

import os
import re
import resource
import signal
import socket
import threading
import traceback
from multiprocessing.connection import Connection
from pathlib import Path

from grader.errors import KernelStartError
from grader.sandbox.handle import Handle
from grader.sandbox.listener import Listener
from grader.sandbox.messages import Ask, Connect, Disconnect, Done, Execute, Failed, Progress, Request
from grader.sandbox.watch import Growth

ROOM_BYTES = 1 << 30
"""Address space beyond what the process has once it is there."""
WEAR_BYTES = 96 << 20
"""Growth after which it is replaced."""
OVERWHELMED = 3


def main(descriptor: int, lifeline: int) -> None:
    """Serve until the grader hangs up; `lifeline` is a pipe whose other end closes when the grader is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_grader, args=(lifeline,), daemon=True).start()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _limit_memory()
    with socket.socket(fileno=descriptor) as control:
        _Server(control).serve()


def _end_with_grader(lifeline: int) -> None:
    os.read(lifeline, 1)
    os._exit(0)


def _limit_memory() -> None:
    found = re.search(r"^VmSize:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    if found is not None:
        most = (int(found[1]) << 10) + ROOM_BYTES
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        if hard == resource.RLIM_INFINITY or most < hard:
            resource.setrlimit(resource.RLIMIT_AS, (most, most))


class _Server:
    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._connection = Connection(os.dup(control.fileno()))
        self._listener: Listener | None = None
        self._growth = Growth()

    def serve(self) -> None:
        while True:
            try:
                request = self._connection.recv()
            except EOFError:
                return
            try:
                reply = self._answer(request)
            except (MemoryError, RecursionError):  # whatever made us so: it came from the kernel
                os._exit(OVERWHELMED)
            except KernelStartError as error:
                reply = Failed(error.args[0], at_start=True)
            except Exception:  # noqa: BLE001  it is raised again in the grader
                reply = Failed(traceback.format_exc(), at_start=False)
            self._connection.send(reply)

    def _answer(self, request: Request) -> Done | Failed:
        match request:
            case Connect():
                _, [pidfd], _, _ = socket.recv_fds(self._control, 1, 1)
                self._listener = Listener(
                    Handle(request.address, pidfd, request.tier), request.key, request.limits
                )
                self._listener.connect()
                return Done()
            case Execute():
                return Done(self._here().execute(request.notebook, self._tell))
            case Ask():
                return Done(self._here().ask(request.probes))
            case Disconnect():
                listener, self._listener = self._here(), None
                listener.disconnect()
                return Done(worn=self._growth.bytes() > WEAR_BYTES)

    def _here(self) -> Listener:
        assert self._listener is not None
        return self._listener

    def _tell(self, of: object) -> None:
        self._connection.send(Progress(of))  # type: ignore[arg-type]
