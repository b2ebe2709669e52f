"""The warm zygotes of this process, one for each set of preloaded modules.

One starts when it is first needed, is started anew when it ended, and ends with this process. It is used only after a
fork of it stood the trial of the walls. Where kernels have walls each of their own, those with more modules grow out of
the one with the fewest, and a worker borrows its grader's.
"""

from __future__ import annotations

import atexit
import os
import socket
import threading
from typing import NamedTuple

from grader.model.rubric import Limits
from grader.sandbox import lending, rules
from grader.sandbox.grown import GrownZygote
from grader.sandbox.places import OWN_LIMITS
from grader.sandbox.zygote import KernelSource, Zygote


class Kind(NamedTuple):
    """What zygotes differ in."""

    tier: str
    preload: tuple[str, ...]
    disk_bytes: int | None
    """Of the scratch folders, where they are the zygote's."""


class Nursery:
    """Warm zygotes, for one process and those that borrow from it."""

    def __init__(self, lender: socket.socket | None = None) -> None:
        self._lock = threading.RLock()
        self._zygotes: dict[Kind, KernelSource] = {}
        self._weaknesses: dict[Kind, str] = {}
        self._aside: list[KernelSource] = []
        self._starting: Zygote | None = None
        self._ended = False
        self._lender = lender

    def borrow_through(self, lender: socket.socket) -> None:
        """From now on, borrow the zygotes that can be shared; `lender` leads to a `Lender`."""
        self._lender = lender

    def get(
        self, preload: tuple[str, ...], tier: str = "strong", limits: Limits = OWN_LIMITS
    ) -> KernelSource | None:
        """A warm zygote that passed its trial; None where none can be had now, and a kernel must start cold."""
        kind = _kind(preload, tier, limits)
        with self._lock:
            if kind in self._weaknesses or self._ended:
                return None
            zygote = self._zygotes.get(kind)
            if zygote is None or not zygote.alive():
                zygote = self._renew(kind, limits)
            return zygote if zygote is not None and zygote.is_free() else None

    def weakness(
        self, preload: tuple[str, ...], tier: str = "strong", limits: Limits = OWN_LIMITS
    ) -> str | None:
        """Why there is no zygote, in words; None when there may be one."""
        return self._weaknesses.get(_kind(preload, tier, limits))

    def discard(self, zygote: KernelSource) -> None:
        """End a zygote that did not bring forth what it should; the next kernel gets another."""
        with self._lock:
            self._zygotes = {kind: z for kind, z in self._zygotes.items() if z is not zygote}
        zygote.discard()

    def set_aside(self, name: str) -> None:
        """Lend a zygote no more, and leave it to those whose kernels end with it."""
        with self._lock:
            for kind, zygote in list(self._zygotes.items()):
                if isinstance(zygote, Zygote) and zygote.name == name:
                    self._aside.append(self._zygotes.pop(kind))

    def close(self) -> None:
        """End all zygotes."""
        with self._lock:
            while self._zygotes:
                self._zygotes.popitem()[1].close()
            while self._aside:
                self._aside.pop().close()

    def end(self) -> None:
        """End all zygotes, one that another thread waits for too, and start no more."""
        self._ended = True
        if self._starting is not None:
            self._starting.hang_up()
        self.close()

    def forget(self) -> None:
        """Start with none, in a fork of the grader."""
        for zygote in self._zygotes.values():
            zygote.forget()
        self.__init__()  # type: ignore[misc]

    def _renew(self, kind: Kind, limits: Limits) -> KernelSource | None:
        old = self._zygotes.pop(kind, None)
        if old is not None:
            old.close()
        zygote: KernelSource | None
        if self._lender is not None and kind.tier not in rules.SHARED:
            zygote, wrong = lending.borrow(self._lender, kind.tier, kind.preload)
        else:
            zygote, wrong = self._start(kind, limits)
        if wrong is not None:
            self._weaknesses[kind] = wrong
        if zygote is not None:
            self._zygotes[kind] = zygote
        return zygote

    def _start(self, kind: Kind, limits: Limits) -> tuple[Zygote | None, str | None]:
        from grader.sandbox import selftest

        base = self.get((), kind.tier, limits) if kind.preload and kind.tier not in rules.SHARED else None
        if isinstance(base, Zygote):
            zygote: Zygote = GrownZygote(base, kind.preload)
        else:
            zygote = Zygote(kind.tier, limits, kind.preload)
        self._starting = zygote
        try:
            if self._ended:  # between the question and the start
                zygote.hang_up()
            found = zygote.wait_until_up() or selftest.weakness(kind.tier, zygote=zygote)
        except BaseException:
            zygote.close()
            raise
        finally:
            self._starting = None
        if found is not None:
            zygote.close()
            return None, str(found)
        return zygote, None


def _kind(preload: tuple[str, ...], tier: str, limits: Limits) -> Kind:
    return Kind(tier, preload, limits.disk_bytes if tier == "mid" else None)


NURSERY = Nursery()
atexit.register(NURSERY.close)
os.register_at_fork(after_in_child=NURSERY.forget)
