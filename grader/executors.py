"""Where jobs run. An executor maps a function over items, out of order, and survives whatever a job does.

`LocalExecutor` keeps one process pool of one worker for each place: a worker that dies breaks its own pool, so it is
known at once whose fault it was, no other job is disturbed, and only that pool is made anew. Called by the pipeline.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import islice
from multiprocessing import resource_tracker
from multiprocessing.connection import wait as wait_for_any
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Any, Generic, NoReturn, Protocol, Self, TypeVar

from grader.errors import GraderError, WorkerDiedError

Item = TypeVar("Item")
Result = TypeVar("Result")

PATIENCE_S = 5.0
"""Seconds that a worker has, when it must stop, to end its kernel in order."""


@dataclass(frozen=True)
class Outcome(Generic[Item, Result]):
    """What came of one item: a result, or the error that its job raised."""

    item: Item
    result: Result | None
    error: Exception | None = None


class Executor(Protocol):
    """Maps a function over items."""

    def run(self, work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Outcome[Item, Result]]:
        """Yield each item's outcome as it comes; items are drawn only when a place is free."""
        ...


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

    def submit(self, work: Callable[[Item], Result], item: Item) -> Future[Result]:
        if self._pool is not None:
            try:
                return self._pool.submit(_attempt, work, item)
            except BrokenProcessPool:  # it died between two jobs
                self.renew()
        context = multiprocessing.get_context("spawn")  # a fork would copy threads that hold locks
        self._pool = ProcessPoolExecutor(1, mp_context=context, initializer=_become_worker)
        before = set(multiprocessing.active_children())
        with _interrupt_held():
            future = self._pool.submit(_attempt, work, item)
        (self._worker,) = set(multiprocessing.active_children()) - before
        return future

    def renew(self) -> None:
        """Let go of the worker; the next job gets a new one."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = self._worker = None

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


class _Stop(SystemExit):
    """Raised in a worker's job by SIGTERM, so that it leaves its context managers; asyncio lets it through."""


_busy = threading.Event()


def _become_worker() -> None:
    """Ignore Ctrl-C, which is the grader's to handle; end on SIGTERM; end when the grader is gone."""
    os.setsid()  # a terminal's Ctrl-C reaches the grader only, and a kill reaches all that this worker started
    signal.signal(
        signal.SIGINT, _ignore
    )  # a function: kernels would inherit SIG_IGN and could not be interrupted
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    signal.signal(signal.SIGTERM, _end)
    threading.Thread(target=_end_with_grader, daemon=True).start()


def _ignore(_number: int, _frame: Any) -> None:
    pass


def _end(_number: int, _frame: Any) -> NoReturn:
    if _busy.is_set():
        raise _Stop
    os._exit(0)


def _end_with_grader() -> None:
    grader = multiprocessing.parent_process()
    if grader is None:
        return
    wait_for_any([grader.sentinel])
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(PATIENCE_S)
    os.killpg(os.getpid(), signal.SIGKILL)


def _attempt(work: Callable[[Item], Result], item: Item) -> Result:
    """Do one job in the worker; its error comes back even where it cannot travel by itself."""
    _busy.set()
    try:
        return work(item)
    except _Stop:
        os._exit(0)
    except Exception as error:
        if _travels(error):
            raise
        raise GraderError("".join(traceback.format_exception(error))) from None
    finally:
        _busy.clear()


def _travels(error: Exception) -> bool:
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  made one line above
    except Exception:  # noqa: BLE001  pickling calls the error's own code
        return False
    return True
