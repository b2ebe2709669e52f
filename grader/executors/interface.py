"""What every executor is, wherever its processes are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from grader.errors import GraderError
from grader.model.text import Text, say

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Outcome(Generic[Item, Result]):
    """What came of one item: a result, or the error that its job raised."""

    item: Item
    result: Result | None
    error: Exception | None = None

    @property
    def problem(self) -> Text | None:
        """What the error says, after its kind; None where there is none."""
        if self.error is None:
            return None
        words = self.error.text if isinstance(self.error, GraderError) else str(self.error)
        return say("{error}: {message}", error=type(self.error).__name__, message=words)


class Executor(Protocol):
    """Maps a function over items."""

    def run(self, work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Outcome[Item, Result]]:
        """Yield each item's outcome as it comes; items are drawn only when a place is free."""
        ...
