"""What runs on a Dask worker: the places of one run, each a process of its own.

A Dask worker has threads, an event loop and handlers of signals; a job has none of them to share, and its crash, its
memory and its kernels stay in its process. The Dask worker itself only passes bytes on, and this file imports little:
the scheduler reads it too.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import pickle
import threading
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

from distributed import Worker, WorkerPlugin, get_worker
from distributed.utils import sync

from grader.errors import GraderError, WorkerDiedError
from grader.executors.capacity import Capacity, capacity
from grader.executors.place import Place, outcome_of, stop
from grader.model.text import say
from grader.sandbox.lending import Lender


class HostGoneError(GraderError):
    """This Dask worker has no places for this run any more; the job can be done elsewhere."""


@dataclass(frozen=True)
class Answer:
    """What came of one job."""

    result: bytes | None
    error: Exception | None = None
    trace: str = ""
    """Where the error came from: a traceback does not travel by itself."""


@dataclass(frozen=True)
class Readiness:
    """What a Dask worker offers, and what it found when it examined itself."""

    places: int
    found: Answer


def prepare(run: str, lease: str, job_bytes: int, payload: bytes) -> Readiness:
    """Open this worker's places, and do a first job in one; they are closed when the task `lease` is released.

    `job_bytes`: memory that one place takes.
    """
    worker = get_worker()
    places = _capacity(worker, job_bytes).jobs
    host = Host(run, lease, worker, places)
    sync(worker.loop, worker.plugin_add, plugin=host, name=run)
    try:
        return Readiness(places, host.do(payload))
    except BaseException:
        sync(worker.loop, close, run, worker)
        raise


def _capacity(worker: Worker, job_bytes: int) -> Capacity:
    """As many as Dask's threads; in the share of memory that Dask gave this worker."""
    here = capacity(job_bytes)
    known = [free for free in (here.memory_bytes, worker.memory_manager.memory_limit) if free is not None]
    return Capacity(cores=worker.state.nthreads, memory_bytes=min(known, default=None), job_bytes=job_bytes)


def take(run: str, key: str, payload: bytes, dask_worker: Worker) -> None:
    """Keep what a job needs, a pickled pair of function and item, until it is done.

    Not by the Dask task itself: client and scheduler keep the last thousand messages on tasks, for people who
    look for faults, and a job can have megabytes. Raises: as `do`.
    """
    _host(dask_worker, run).payloads[key] = payload


def do(run: str, key: str) -> Answer:
    """Do one job, which `take` was told of.

    Raises: HostGoneError when this worker was never prepared for the run, or is ending it.
    """
    host = _host(get_worker(), run)
    return host.do(host.payloads.pop(key))


def _host(worker: Worker, run: str) -> Host:
    host = worker.plugins.get(run)
    if not isinstance(host, Host):
        raise HostGoneError(say("This worker was not prepared for this run."))
    return host


async def close(run: str, dask_worker: Worker) -> None:
    """End all that the run has on this worker; when this returns, it has ended."""
    if run in dask_worker.plugins:
        await dask_worker.plugin_remove(name=run)


class Host(WorkerPlugin):
    """The places of one run on this Dask worker."""

    def __init__(self, run: str, lease: str, worker: Worker, places: int) -> None:
        multiprocessing.current_process().daemon = False  # a nanny's child is one, and could have no children
        self._run, self._lease, self._worker = run, lease, worker
        self._lender = Lender()
        self._lender.start()
        self._places = [Place(self._lender) for _ in range(places)]
        self._free: SimpleQueue[Place] = SimpleQueue()
        self.payloads: dict[str, bytes] = {}
        self._lock = threading.Lock()
        """Processes are started by one thread at a time."""
        self._ending = False
        for place in self._places:
            self._free.put(place)

    def do(self, payload: bytes) -> Answer:
        """Do one job in a process of its own; a thread's work."""
        place = self._free.get()
        try:
            with self._lock:
                self._check_not_ending()
                future = place.submit(_opened, payload)
            outcome = outcome_of(future, payload)
            with self._lock:
                self._check_not_ending()
                if isinstance(outcome.error, WorkerDiedError):
                    place.renew()
        finally:
            self._free.put(place)
        trace = "" if outcome.error is None else str(outcome.error.__cause__ or "")
        return Answer(outcome.result, outcome.error, trace)

    def setup(self, worker: Worker) -> None:
        """Called by Dask, in the loop in which tasks change their state, too."""
        task = worker.state.tasks.get(self._lease)
        self._ending = task is None or task.state != "executing"  # the run may be over already

    def transition(self, key: Any, start: Any, finish: Any, **_: Any) -> None:
        """Called by Dask. The lease is released when the run is over, however it ended: by a kill, too."""
        if key == self._lease and finish in ("cancelled", "released", "forgotten"):
            self._worker.loop.add_callback(close, self._run, self._worker)

    async def teardown(self, worker: Worker) -> None:
        """Called by Dask when the plugin is removed or the worker ends in order."""
        await asyncio.to_thread(self._end)

    def _end(self) -> None:
        with self._lock:
            self._ending = True
        try:
            stop(self._places)
        finally:
            self._lender.end()

    def _check_not_ending(self) -> None:
        if self._ending:
            raise HostGoneError(say("This worker is ending the run."))


def _opened(payload: bytes) -> bytes:
    work, item = pickle.loads(payload)  # noqa: S301  the client's, whom a Dask worker trusts anyway
    return pickle.dumps(work(item))
