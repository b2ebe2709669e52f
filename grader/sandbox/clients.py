"""The grader's end of client workers: processes that listen to kernels in its place, with little memory of their own.

One listens to one kernel at a time and is used again for the next, unless the kernel hurt it. It ends with this
process however that ends, and a terminal's Ctrl-C does not reach it.
"""

from __future__ import annotations

import atexit
import os
import pickle
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

from grader.errors import GraderError, KernelStartError
from grader.model.execution import CellRun, Execution
from grader.model.probe import Observation
from grader.sandbox.messages import Disconnect, Done, Failed, Progress, Request

PATIENCE_S = 5.0
MOST_REPLY_BYTES = 64 << 20
"""For what is not as large as the notebook itself."""
_SCRIPT = """
import sys
sys.path[:] = {path!r}
from grader.sandbox.client_worker import main
main({control}, {lifeline})
"""


class ClientDiedError(Exception):
    """A client worker ended, or was ended, in the middle of a kernel's business: the kernel was too much for it."""


class Client:
    """One client worker."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        heard, self._lifeline = os.pipe()
        self._control = ours
        self._connection = Connection(os.dup(ours.fileno()))
        self._reusable, self._retired = True, False
        handed = (theirs.fileno(), heard)
        try:
            self._popen = subprocess.Popen(
                [sys.executable, "-c", _SCRIPT.format(path=sys.path, control=handed[0], lifeline=heard)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # what asyncio and zmq complain of when kernels end half-way
                env={**os.environ, "MALLOC_ARENA_MAX": "2", "OMP_NUM_THREADS": "1"},
                pass_fds=handed,
                start_new_session=True,
            )
        except BaseException:
            self._hang_up()
            raise
        finally:
            theirs.close()
            os.close(heard)

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._popen.pid

    def is_reusable(self) -> bool:
        """Whether it can take another kernel."""
        return self._reusable and not self._retired and self._popen.poll() is None

    def ask(
        self,
        request: Request,
        *,
        pidfd: int | None = None,
        most_s: float = PATIENCE_S,
        tick_s: float = 1.0,
        look: Callable[[], None] = lambda: None,
        hear: Callable[[int | CellRun], None] = lambda _: None,
        most_bytes: int = MOST_REPLY_BYTES,
    ) -> Execution | list[Observation] | None:
        """Have one request answered; `look` is called every `tick_s` seconds meanwhile, `hear` with progress.

        `pidfd` goes along with the request. Raises KernelStartError when the kernel does not answer; ClientDiedError,
        also for an answer that takes longer than `most_s` seconds or is larger than `most_bytes`.
        """
        self._reusable = False  # until this is through: it may be cut short anywhere
        deadline = time.monotonic() + most_s
        try:
            self._connection.send(request)
            if pidfd is not None:
                socket.send_fds(self._control, [b"k"], [pidfd])
            while True:
                while not self._connection.poll(tick_s):
                    look()
                    if time.monotonic() > deadline:
                        raise ClientDiedError("it did not answer in time")
                reply = pickle.loads(self._connection.recv_bytes(most_bytes))  # noqa: S301  from our own process
                if not isinstance(reply, Progress):
                    break
                hear(reply.of)
        except (OSError, EOFError) as error:
            raise ClientDiedError("it ended") from error
        if isinstance(reply, Failed):
            raise KernelStartError(reply.text) if reply.at_start else GraderError(reply.text)
        assert isinstance(reply, Done)
        self._reusable = not reply.worn
        return reply.value

    def retire(self) -> None:
        """Let it listen to no other kernel: this one was hard on it."""
        self._retired = True

    def release(self) -> None:
        """Let go of the kernel; the client is then reusable, unless the kernel hurt it."""
        if self.is_reusable():
            try:
                self.ask(Disconnect())
            except (ClientDiedError, GraderError):
                self._reusable = False

    def close(self) -> None:
        """End it, and wait until it has ended."""
        self._reusable = False
        self._popen.kill()
        self._popen.wait()
        self._hang_up()

    def forget(self) -> None:
        """In a fork of the grader: the client belongs to the parent."""
        self._hang_up()
        self._popen.returncode = 0

    def _hang_up(self) -> None:
        self._connection.close()
        self._control.close()
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1


class Clients:
    """The client workers of this process."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._idle: list[Client] = []
        self._all: list[Client] = []

    @contextmanager
    def lend(self) -> Iterator[Client]:
        """One that listens to no kernel; it may still be starting."""
        with self._lock:
            client = self._take()
        try:
            yield client
        finally:
            try:
                client.release()
            finally:
                with self._lock:
                    self._take_back(client)

    def close(self) -> None:
        """End all of them."""
        with self._lock:
            self._idle.clear()
            while self._all:
                self._end(self._all[-1])

    def forget(self) -> None:
        """Start with none, in a fork of the grader."""
        for client in self._all:
            client.forget()
        self.__init__()  # type: ignore[misc]

    def _take(self) -> Client:
        while self._idle:
            client = self._idle.pop()
            if client.is_reusable():
                return client
            self._end(client)
        client = Client()
        self._all.append(client)
        return client

    def _take_back(self, client: Client) -> None:
        if client.is_reusable():
            self._idle.append(client)
        else:
            self._end(client)

    def _end(self, client: Client) -> None:
        client.close()
        self._all.remove(client)


CLIENTS = Clients()
atexit.register(CLIENTS.close)
os.register_at_fork(after_in_child=CLIENTS.forget)
