"""Workers have kernels forked from their grader's zygotes: warm once for all of them, and in memory once.

A worker asks for a set of modules, and gets the zygote's socket and pidfd, or hears why there is none. The zygote
forks for whoever sends it a request; what a kernel is told never passes through the grader or the zygote.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import socket
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

from grader.errors import GraderError
from grader.sandbox import bwrap, pidfds, rules
from grader.sandbox.places import OWN_LIMITS
from grader.sandbox.zygote import KernelSource, Zygote

if TYPE_CHECKING:
    from grader.sandbox.nursery import Nursery

MOST_BYTES = 1 << 16
UNLENT = (*rules.SHARED, "none")
"""Tiers whose kernels come from zygotes of their workers' own, or from none."""


class BorrowedZygote:
    """The grader's zygote, as a worker sees it."""

    def __init__(self, name: str, control: socket.socket, pidfd: int, lender: socket.socket) -> None:
        self._name, self._control, self._pidfd, self._lender = name, control, pidfd, lender
        self.home = bwrap.HOME
        self.own = tuple(rules.scratch(OWN_LIMITS))

    def fork(self, status: socket.socket) -> None:
        """Ask for a kernel that talks through `status`; raises OSError when the zygote has ended."""
        socket.send_fds(self._control, [b"fork"], [status.fileno()])

    def sweep(self) -> None:
        """Do nothing: a kernel's scratch folders end with it."""

    def is_free(self) -> bool:
        """Always: kernels do not come in each other's way."""
        return True

    def alive(self) -> bool:
        """Whether it still runs."""
        return not pidfds.has_ended(self._pidfd)

    def close(self) -> None:
        """Give it back."""
        self._control.close()
        os.close(self._pidfd)

    def discard(self) -> None:
        """Give it back, and have it lent to nobody any more."""
        with contextlib.suppress(OSError):  # the grader is ending
            self._lender.send(json.dumps({"discard": self._name}).encode())
        self.close()

    def forget(self) -> None:
        """Give it back: the descriptors are this process's own."""
        self.close()


def borrow(
    lender: socket.socket, tier: str, preload: tuple[str, ...]
) -> tuple[KernelSource | None, str | None]:
    """A zygote, or why there is none to be had; neither when the grader is ending."""
    try:
        lender.send(json.dumps({"tier": tier, "preload": preload}).encode())
        data, descriptors, _, _ = socket.recv_fds(lender, MOST_BYTES, 2)
    except OSError:
        return None, None
    told = json.loads(data or b"{}")
    if not descriptors:
        return None, told.get("weakness")
    control, pidfd = descriptors
    return BorrowedZygote(told["name"], socket.socket(fileno=control), pidfd, lender), None


class Lender:
    """Lends zygotes of its own to workers, from a thread; `start` it, and `end` it to leave no process behind.

    `kinds`: tiers and sets of modules that workers are going to ask for, to be warm when they do.
    """

    def __init__(self, kinds: Iterable[tuple[str, tuple[str, ...]]] = ()) -> None:
        from grader.sandbox.nursery import Nursery

        self._nursery: Nursery = Nursery()
        self._kinds = [kind for kind in kinds if kind[0] not in UNLENT]
        self._stop, self._stopped = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._stopped, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._serve, name="lender", daemon=True)

    def start(self) -> None:
        """Be ready for workers."""
        self._thread.start()

    def end(self) -> None:
        """End the zygotes, one that is still starting too."""
        self._stop.close()
        self._nursery.end()
        self._thread.join()
        self._nursery.end()  # what it had just started
        self._selector.close()
        self._stopped.close()

    def connect(self) -> socket.socket:
        """A new worker's end, for it to inherit; close it here then."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._selector.register(ours, selectors.EVENT_READ)
        return theirs

    def _serve(self) -> None:
        while True:
            for key, _ in self._selector.select(0 if self._kinds else None):
                connection = key.fileobj
                assert isinstance(connection, socket.socket)
                if connection is self._stopped:
                    self._hang_up()
                    return
                try:
                    self._answer(connection)
                except OSError:  # this worker has ended
                    self._selector.unregister(connection)
                    connection.close()
            if self._kinds:
                tier, preload = self._kinds.pop(0)
                self._find(tier, preload)

    def _hang_up(self) -> None:
        for key in list(self._selector.get_map().values()):
            if isinstance(key.fileobj, socket.socket) and key.fileobj is not self._stopped:
                key.fileobj.close()

    def _answer(self, worker: socket.socket) -> None:
        wanted = json.loads(worker.recv(MOST_BYTES) or b"null")
        if wanted is None:
            raise ConnectionResetError
        if "discard" in wanted:
            self._nursery.set_aside(wanted["discard"])
            return
        zygote, weakness = self._find(wanted["tier"], tuple(wanted["preload"]))
        if isinstance(zygote, Zygote):
            socket.send_fds(worker, [json.dumps({"name": zygote.name}).encode()], list(zygote.descriptors))
        else:
            worker.send(json.dumps({"weakness": weakness}).encode())

    def _find(self, tier: str, preload: tuple[str, ...]) -> tuple[KernelSource | None, str | None]:
        """A zygote, or why there is none."""
        try:
            zygote = self._nursery.get(preload, tier, OWN_LIMITS)
            return zygote, self._nursery.weakness(preload, tier, OWN_LIMITS)
        except GraderError as error:
            return None, str(error)
