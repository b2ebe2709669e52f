"""One place for jobs: a process of this machine that does one job after another, and is made anew when it dies."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import resource_tracker
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from grader.errors import WorkerDiedError
from grader.executors.interface import Outcome
from grader.executors.worker import PATIENCE_S, attempt, become_worker
from grader.model.text import say
from grader.sandbox import folders
from grader.sandbox.lending import Lender

Item = TypeVar("Item")
Result = TypeVar("Result")


def outcome_of(future: Future[Result], item: Item) -> Outcome[Item, Result]:
    """What came of the item in its place: the death of the process is an outcome as others are."""
    try:
        return Outcome(item, future.result())
    except (BrokenProcessPool, CancelledError, SystemExit):
        died = WorkerDiedError(say("The process that graded it died: memory ran out, or somebody killed it."))
        return Outcome(item, None, died)
    except Exception as error:  # noqa: BLE001  whatever one job raised, the others must go on
        return Outcome(item, None, error)


class Place:
    """A pool of one worker, started when it is first needed; its kernels come from the lender's zygotes."""

    def __init__(self, lender: Lender) -> None:
        self._lender = lender
        self._pool: ProcessPoolExecutor | None = None
        self._worker: BaseProcess | None = None
        self._folder: Path | None = None
        """For the worker's temporary files, which one that was killed leaves behind."""

    def submit(self, work: Callable[[Item], Result], item: Item) -> Future[Result]:
        """Begin a job; `work` and `item` travel by pickle. One thread at a time may start processes so."""
        if self._pool is not None:
            try:
                return self._pool.submit(attempt, work, item)
            except BrokenProcessPool:  # it died between two jobs
                self.renew()
        context = multiprocessing.get_context("spawn")  # a fork would copy threads that hold locks
        self._folder = folders.made(tempfile.gettempdir())
        before = set(multiprocessing.active_children())
        with self._lender.connect() as zygotes, _interrupt_held(), _program_hidden():
            self._pool = ProcessPoolExecutor(
                1, mp_context=context, initializer=become_worker, initargs=(str(self._folder), zygotes)
            )
            future = self._pool.submit(attempt, work, item)
        (self._worker,) = set(multiprocessing.active_children()) - before
        return future

    def renew(self) -> None:
        """Let go of the worker; the next job gets a new one."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = self._worker = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def ask_to_stop(self) -> None:
        """Tell the worker to end its job in order, kernel included."""
        if self._worker is not None:
            self._worker.terminate()

    def is_stopped(self) -> bool:
        """Whether the worker is gone."""
        return self._worker is None or not self._worker.is_alive()

    def kill(self) -> None:
        """End the worker, and what is left of its process group."""
        if self._worker is not None and self._worker.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._worker.pid, signal.SIGKILL)
            self._worker.kill()  # for one that has no group of its own yet


def stop(places: list[Place]) -> None:
    """End all workers, in order where they are able to, and all that they started."""
    try:
        for place in places:
            place.ask_to_stop()
        deadline = time.monotonic() + PATIENCE_S
        while not all(place.is_stopped() for place in places) and time.monotonic() < deadline:
            time.sleep(0.01)
    finally:  # also when a second Ctrl-C cuts the patience short
        for place in places:
            if not place.is_stopped():
                place.kill()
            place.renew()


@contextlib.contextmanager
def _program_hidden() -> Iterator[None]:
    """Let a worker not import the program that this process was started with: the whole command line, a second of CPU.

    Source: multiprocessing.spawn.get_preparation_data, which reads the name or the file of `__main__`.
    """
    program = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = program


@contextlib.contextmanager
def _interrupt_held() -> Iterator[None]:
    """Let no Ctrl-C reach a worker before it can ignore it: it starts with SIGINT blocked, as this thread has it."""
    resource_tracker.ensure_running()  # starts a process too, and would unblock SIGINT if it did so later
    old = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, old)
