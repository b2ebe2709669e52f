"""Jobs on the workers of a Dask cluster.

Each job is sent to one worker that has a place free, so that it is known whose jobs are lost with a worker, and a
job that takes its worker with it is soon alone with the blame. Called by the pipeline; needs the extra `dask`.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Generic, NamedTuple, Self, TypeVar

from distributed import Future

from grader.errors import ClusterError, WorkerDiedError
from grader.executors.dask_cluster import LOOK_S, Cluster, Member, answered, fetch
from grader.executors.dask_host import Answer
from grader.executors.interface import Outcome
from grader.executors.suitability import Wanted, own_versions
from grader.model.text import Text, say
from grader.sandbox.tiers import WALLED

Item = TypeVar("Item")
Result = TypeVar("Result")

STRONGEST_FIRST = (*WALLED, "none")
MOST_LOSSES = 3
"""Workers that may be lost under a job before it is blamed. Source: Dask's own `allowed-failures`."""
PATIENCE_S = 60.0
"""How long to wait for a worker when there is none: a nanny or a batch system may be starting it."""


class DaskExecutor:
    """Jobs on a Dask cluster, at most `jobs` at a time; a context manager that leaves nothing on the workers.

    Workers that come during the run get jobs too, once they are found to suit. `notify` hears of workers that are
    refused or lost.
    """

    def __init__(
        self,
        address: str,
        *,
        sandbox: str,
        libraries: tuple[str, ...],
        job_bytes: int,
        jobs: int | None = None,
        notify: Callable[[Text], None] = lambda _: None,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """Nothing is done before the context is entered.

        `libraries`: distributions whose versions must be the same on the workers; `job_bytes`: memory of one place.
        """
        libraries = (*libraries, "distributed")
        self._wanted = Wanted(sandbox, libraries, own_versions(libraries))
        self._address, self._job_bytes = address, job_bytes
        self.jobs, self.notify, self.patience_s = jobs, notify, patience_s

    def __enter__(self) -> Self:
        self.cluster = Cluster(self._address, self._wanted, self._job_bytes, self.notify)
        try:
            self.cluster.await_members(self.patience_s, every=True)
            self.tier = self._settle_tier()
        except BaseException:
            self.cluster.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cluster.close()

    @property
    def size(self) -> tuple[int, int]:
        """How many workers there are, and how many places they have."""
        members = self.cluster.members.values()
        return len(members), sum(member.places for member in members)

    def run(self, work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Outcome[Item, Result]]:
        """Yield each item's outcome as it comes; items are drawn only when a place is free.

        A job whose worker is lost is done again, last, on a worker that has no other; at the third loss it is a
        WorkerDiedError. Raises: ClusterError when the scheduler is gone, or no worker is left.
        """
        return _Run(self, work, items).outcomes()

    def _settle_tier(self) -> str:
        """The strongest tier that a worker has; those that have not got it are refused."""
        members = list(self.cluster.members.values())
        tier = min((m.tier for m in members), key=STRONGEST_FIRST.index)
        self.cluster.wanted = replace(self._wanted, sandbox=tier)
        for member in members:
            if member.tier != tier:
                words = say("its walls are {tier}, not {wanted}", tier=member.tier, wanted=tier)
                self.cluster.refuse(member.address, words)
        return tier


@dataclass(eq=False)
class _Job(Generic[Item]):
    item: Item
    losses: int = 0
    """Workers that were lost while they did it."""


class _Try(NamedTuple, Generic[Item]):
    """A job on its way, and what it takes of which worker."""

    job: _Job[Item]
    member: Member
    places: int


class _Run(Generic[Item, Result]):
    """One call of `run`."""

    def __init__(self, executor: DaskExecutor, work: Callable[[Item], Result], items: Iterable[Item]) -> None:
        self._executor, self._cluster = executor, executor.cluster
        self._work, self._items = work, iter(items)
        self._drawn_all = False
        self._suspects: list[_Job[Item]] = []
        """Jobs whose worker was lost, and who may have been the cause."""
        self._tries: dict[Future[Answer], _Try[Item]] = {}

    def outcomes(self) -> Iterator[Outcome[Item, Result]]:
        """What `DaskExecutor.run` yields."""
        while True:
            for member in self._cluster.look():
                yield from self._lose(member)
            yield from self._fill()
            if self._tries:
                future = self._cluster.next_done(LOOK_S)
                if future in self._tries:
                    yield from self._take(future)
            elif self._drawn_all and not self._suspects:
                return
            else:
                self._cluster.await_members(self._executor.patience_s, every=False)

    def _fill(self) -> Iterator[Outcome[Item, Result]]:
        """Give jobs to free places; a suspect to a worker without any other, when nobody else waits."""
        for member in list(self._cluster.members.values()):
            while member.free and not self._is_full() and (job := self._draw()):
                yield from self._send(job, member, 1)
            if self._suspects and self._drawn_all and not member.running and not self._is_full():
                yield from self._send(self._suspects.pop(0), member, member.free)

    def _is_full(self) -> bool:
        return self._executor.jobs is not None and len(self._tries) >= self._executor.jobs

    def _draw(self) -> _Job[Item] | None:
        for item in self._items:
            return _Job(item)
        self._drawn_all = True
        return None

    def _send(self, job: _Job[Item], member: Member, places: int) -> Iterator[Outcome[Item, Result]]:
        future = self._cluster.submit(member, pickle.dumps((self._work, job.item)))
        if future is None:
            self._suspects.append(job)  # though it is not to blame
            yield from self._lose(member)
        else:
            self._tries[future] = _Try(job, member, places)
            member.running += places

    def _take(self, future: Future[Answer]) -> Iterator[Outcome[Item, Result]]:
        """The outcome of a try that ended."""
        job, member, places = self._tries[future]
        try:
            outcome: Outcome[Item, Result] = answered(job.item, fetch(future))
        except ClusterError:
            self._cluster.check()
            yield from self._lose(member)
            return
        except Exception as error:  # noqa: BLE001  whatever one job raised, the others must go on
            outcome = Outcome(job.item, None, error)
        del self._tries[future]
        member.running -= places
        future.release()
        yield outcome

    def _lose(self, member: Member) -> Iterator[Outcome[Item, Result]]:
        """Take back the jobs of a lost worker; the outcome of those for which it was one worker too many."""
        tries = {future: one for future, one in self._tries.items() if one.member is member}
        words = say(
            "Dask worker {worker} was lost; jobs to be done again: {count}.",
            worker=member.address,
            count=len(tries),
        )
        self._executor.notify(words)
        member.running = member.places  # it gets no more
        if (
            self._cluster.members.get(member.address) is member
        ):  # it is asked anew, if it is there in spite of all
            del self._cluster.members[member.address]
        member.lease.release()
        for future, one in tries.items():
            del self._tries[future]
            future.cancel()
            one.job.losses += 1
            if one.job.losses < MOST_LOSSES:
                self._suspects.append(one.job)
            else:
                died = say(
                    "{count} Dask workers were lost while they graded it, the last {address}.",
                    count=MOST_LOSSES,
                    address=member.address,
                )
                yield Outcome(one.job.item, None, WorkerDiedError(died))
