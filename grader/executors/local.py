"""Jobs in processes of this machine.

`LocalExecutor` keeps one process pool of one worker for each place: a worker that dies breaks its own pool, so it is
known at once whose fault it was, no other job is disturbed, and only that pool is made anew. Called by the pipeline.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import resource_tracker
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from grader.errors import WorkerDiedError
from grader.executors.interface import Outcome
from grader.executors.worker import PATIENCE_S, attempt, become_worker

Item = TypeVar("Item")
Result = TypeVar("Result")


class LocalExecutor:
    """Jobs in processes of this machine, `jobs` at a time; a context manager that leaves no process behind."""

    def __init__(self, jobs: int) -> None:
        self._places = [_Place() for _ in range(jobs)]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _stop(self._places)

    def run(self, work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Outcome[Item, Result]]:
        """Yield each item's outcome as it comes; items are drawn only when a place is free.

        `work` and the items travel by pickle. An error of a job, or the death of its process (WorkerDiedError), is
        that item's outcome and nothing else's.
        """
        waiting = iter(items)
        free = list(self._places)
        running: dict[Future[Result], tuple[_Place, Item]] = {}
        while True:
            for item in islice(waiting, len(free)):
                place = free.pop()
                running[place.submit(work, item)] = (place, item)
            if not running:
                return
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                place, item = running.pop(future)
                outcome = _outcome(future, item)
                if isinstance(outcome.error, WorkerDiedError):
                    place.renew()
                free.append(place)
                yield outcome


def _outcome(future: Future[Result], item: Item) -> Outcome[Item, Result]:
    try:
        return Outcome(item, future.result())
    except (BrokenProcessPool, CancelledError, SystemExit):
        died = WorkerDiedError("The process that graded it died: memory ran out, or somebody killed it.")
        return Outcome(item, None, died)
    except Exception as error:  # noqa: BLE001  whatever one job raised, the others must go on
        return Outcome(item, None, error)


class _Place:
    """A pool of one worker, started when it is first needed."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._worker: BaseProcess | None = None
        self._folder: Path | None = None
        """For the worker's temporary files, which one that was killed leaves behind."""

    def submit(self, work: Callable[[Item], Result], item: Item) -> Future[Result]:
        if self._pool is not None:
            try:
                return self._pool.submit(attempt, work, item)
            except BrokenProcessPool:  # it died between two jobs
                self.renew()
        context = multiprocessing.get_context("spawn")  # a fork would copy threads that hold locks
        self._folder = Path(tempfile.mkdtemp(prefix="grade-"))
        self._pool = ProcessPoolExecutor(
            1, mp_context=context, initializer=become_worker, initargs=(str(self._folder),)
        )
        before = set(multiprocessing.active_children())
        with _interrupt_held():
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


def _stop(places: list[_Place]) -> None:
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
def _interrupt_held() -> Iterator[None]:
    """Let no Ctrl-C reach a worker before it can ignore it: it starts with SIGINT blocked, as this thread has it."""
    resource_tracker.ensure_running()  # starts a process too, and would unblock SIGINT if it did so later
    old = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, old)
