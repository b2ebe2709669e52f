"""Jobs in processes of this machine.

`LocalExecutor` keeps one process pool of one worker for each place: a worker that dies breaks its own pool, so it is
known at once whose fault it was, no other job is disturbed, and only that pool is made anew. Called by the pipeline.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from itertools import islice
from types import TracebackType
from typing import Self, TypeVar

from grader.errors import WorkerDiedError
from grader.executors.interface import Outcome
from grader.executors.place import Place, outcome_of, stop
from grader.sandbox.lending import Lender

Item = TypeVar("Item")
Result = TypeVar("Result")


class LocalExecutor:
    """Jobs in processes of this machine, `jobs` at a time; a context manager that leaves no process behind.

    `kinds`: tiers and sets of preloaded modules of the kernels to come, which are warmed up at once.
    """

    def __init__(self, jobs: int, kinds: Iterable[tuple[str, tuple[str, ...]]] = ()) -> None:
        self._lender = Lender(kinds)
        self._places = [Place(self._lender) for _ in range(jobs)]

    def __enter__(self) -> Self:
        self._lender.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            stop(self._places)
        finally:
            self._lender.end()

    def run(self, work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Outcome[Item, Result]]:
        """Yield each item's outcome as it comes; items are drawn only when a place is free.

        `work` and the items travel by pickle. An error of a job, or the death of its process (WorkerDiedError), is
        that item's outcome and nothing else's.
        """
        waiting = iter(items)
        free = list(self._places)
        running: dict[Future[Result], tuple[Place, Item]] = {}
        while True:
            for item in islice(waiting, len(free)):
                place = free.pop()
                running[place.submit(work, item)] = (place, item)
            if not running:
                return
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                place, item = running.pop(future)
                outcome = outcome_of(future, item)
                if isinstance(outcome.error, WorkerDiedError):
                    place.renew()
                free.append(place)
                yield outcome
