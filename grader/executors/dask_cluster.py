"""A Dask cluster as one run sees it: which workers there are, which of them suit, and which were lost."""

from __future__ import annotations

import pickle
import platform
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from queue import Empty, SimpleQueue
from typing import Any, TypeVar
from uuid import uuid4

from distributed import Future, KilledWorker
from distributed.client import FutureCancelledError

from grader.errors import ClusterError, GraderError
from grader.executors import dask_host, dask_words
from grader.executors.dask_connection import connect
from grader.executors.dask_host import Answer, Readiness
from grader.executors.interface import Outcome
from grader.executors.suitability import Finding, Wanted, different, examine
from grader.executors.worker import PATIENCE_S
from grader.model.text import Text, say

Item = TypeVar("Item")

LOOK_S = 1.0
"""Between two looks at which workers there are."""
FETCH_S = 30.0
END_S = 3 * PATIENCE_S


@dataclass(eq=False)
class Member:
    """A worker that suits."""

    address: str
    lease: Future[Readiness]
    """Released when the run is over; the worker then ends all that it has of the run."""
    places: int
    tier: str
    running: int = 0
    """Places that have a job now."""

    @property
    def free(self) -> int:
        """Places without a job."""
        return self.places - self.running


class Cluster:
    """The connection to a scheduler. Every method raises ClusterError when the scheduler is gone."""

    def __init__(self, address: str, wanted: Wanted, job_bytes: int, notify: Callable[[Text], None]) -> None:
        self.wanted = wanted
        self.members: dict[str, Member] = {}
        self.refused: dict[str, Text] = {}
        """Address of each worker that does not suit, and why."""
        self._address, self._job_bytes, self._notify = address, job_bytes, notify
        self._run = f"grade-{uuid4().hex[:12]}"
        self._asked: dict[str, Future[Readiness]] = {}
        self._news: SimpleQueue[Future[Any]] = SimpleQueue()
        self._keys = 0
        self._looked = 0.0
        self._client = connect(address)

    def close(self) -> None:
        """End all that the run has on the workers, and hang up."""
        ending = threading.Thread(target=self._end, daemon=True)  # a worker may be too far gone to answer
        ending.start()
        ending.join(END_S)
        with suppress(OSError, TimeoutError):
            self._client.close(timeout=PATIENCE_S)

    def await_members(self, patience_s: float, *, every: bool) -> None:
        """Wait until a worker suits, and with `every` until all that are there were asked.

        Raises: ClusterError when none suits, or none came while patience lasted.
        """
        deadline = time.monotonic() + patience_s
        while not self.members or (every and self._asked and time.monotonic() < deadline):
            self.look()
            if self.refused and not self.members and not self._asked and every:
                raise dask_words.none_suits(self._address, self.refused)
            if not self.members and time.monotonic() > deadline:
                raise dask_words.none_came(self._address, patience_s, self.refused)
            self.next_done(LOOK_S / 4)

    def look(self) -> list[Member]:
        """See who came and who suits; those that were lost since the last look."""
        for address, future in list(self._asked.items()):
            if future.done():
                del self._asked[address]
                self._admit(address, future)
        if time.monotonic() < self._looked + LOOK_S:
            return []
        with self._in_words():
            there = set(self._client.nthreads())
        lost = [self.members.pop(address) for address in self.members.keys() - there]
        for known in (self._asked, self.refused):
            for address in known.keys() - there:
                del known[address]
        new = there - self.members.keys() - self._asked.keys() - self.refused.keys()
        if new:
            self._ask(sorted(new))
        self._looked = time.monotonic()
        return lost

    def refuse(self, address: str, reason: Text) -> None:
        """Give a worker no jobs, and say so."""
        member = self.members.pop(address, None)
        if member is not None:
            member.lease.release()
        self.refused[address] = reason
        self._notify(say("Dask worker {worker} gets no jobs: {reason}", worker=address, reason=reason))

    def submit(self, member: Member, payload: bytes) -> Future[Any] | None:
        """Send a job; its future comes by `next_done`. None when the worker is not there any more."""
        key = self._next_key()
        with self._in_words():
            told = self._client.run(
                dask_host.take, self._run, key, payload, workers=[member.address], on_error="return"
            )
        if told.get(member.address, "nothing") is not None:
            return None
        return self._submit(key, member.address, dask_host.do, self._run, key)

    def next_done(self, timeout_s: float) -> Future[Any] | None:
        """A future that is done, however it ended."""
        try:
            return self._news.get(timeout=timeout_s)
        except Empty:
            return None

    def check(self) -> None:
        """Raise ClusterError when the scheduler is gone."""
        if self._client.status != "running":
            raise dask_words.gone(self._address)

    def _ask(self, new: list[str]) -> None:
        """Ask new workers whether they suit; what can differ so much that `grade` is not there, first.

        What is asked first is in Python's own library, and known to workers of every version.
        """
        with self._in_words():
            pythons = self._client.run(platform.python_version, workers=new, on_error="return")
            grades = self._client.run(version, "grade", workers=new, on_error="return")
        for address in new:
            python, grade = pythons.get(address), grades.get(address)
            if isinstance(grade, PackageNotFoundError):
                self.refuse(address, say("grade is not installed there"))
            elif not isinstance(python, str) or not isinstance(grade, str):
                continue  # it was lost meanwhile; the next look tells
            elif python.split(".")[:2] != platform.python_version().split(".")[:2]:
                self.refuse(address, different("Python", python, platform.python_version()))
            elif grade != version("grade"):
                self.refuse(address, different("grade", grade, version("grade")))
            else:
                key = self._next_key()
                payload = pickle.dumps((examine, self.wanted))
                self._asked[address] = self._submit(
                    key, address, dask_host.prepare, self._run, key, self._job_bytes, payload
                )

    def _admit(self, address: str, future: Future[Readiness]) -> None:
        try:
            readiness: Readiness = fetch(future)
        except ClusterError:
            return  # lost meanwhile, or restarted: it is asked anew
        except Exception as error:  # noqa: BLE001  whatever is wrong over there, it gets no jobs
            self.refuse(address, say("{words}", words=f"{type(error).__name__}: {error}"))
            return
        outcome = answered(address, readiness.found)
        finding: Finding | None = outcome.result
        if finding is None:
            words = outcome.error.text if isinstance(outcome.error, GraderError) else str(outcome.error)
            self.refuse(address, say("{words}", words=words))
        elif finding.refusal is not None:
            self.refuse(address, finding.refusal)
        else:
            self.members[address] = Member(address, future, readiness.places, finding.tier)

    def _submit(self, key: str, worker: str, function: Callable[..., Any], *args: Any) -> Future[Any]:
        with self._in_words():
            future: Future[Any] = self._client.submit(
                function, *args, key=key, workers=[worker], allow_other_workers=False, pure=False
            )
            future.add_done_callback(self._news.put)
        return future

    def _next_key(self) -> str:
        self._keys += 1
        return f"{self._run}-{self._keys}"

    def _end(self) -> None:
        addresses = [*self.members, *self._asked]
        if addresses and self._client.status == "running":
            with suppress(OSError):
                self._client.run(dask_host.close, self._run, workers=addresses, on_error="ignore")

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        self.check()
        try:
            yield
        except OSError as error:
            raise dask_words.gone(self._address) from error


def fetch(future: Future[Any]) -> Any:
    """The result of a future that is done.

    Raises: ClusterError when its worker was lost; whatever the task raised.
    """
    try:
        return future.result(timeout=FETCH_S)
    except (FutureCancelledError, KilledWorker, TimeoutError, OSError, dask_host.HostGoneError) as error:
        raise ClusterError(say("The worker was lost.")) from error


def answered(item: Item, answer: Answer) -> Outcome[Item, Any]:
    """The outcome that an answer tells of; an error has the cause that it had over there."""
    if answer.error is not None and answer.trace:
        answer.error.__cause__ = Exception(answer.trace)
    result = None if answer.result is None else pickle.loads(answer.result)  # noqa: S301  from our own cluster
    return Outcome(item, result, answer.error)
