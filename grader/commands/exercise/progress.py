"""Live progress of long work on exercises: how much is done, what was found, and how long it still takes."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from grader.i18n import render
from grader.model.text import Language, Text, say
from grader.reports.terminal import duration

_QUIET_S = 10.0
_TELLING_COUNT = 5


class Steps:
    """Progress over `total` pieces of work; on anything but a terminal a line now and then. A context manager."""

    def __init__(self, word: Text, total: int, language: Language, console: Console | None = None) -> None:
        """Prepare; `word` says what is done to them, as `Verified`."""
        self._word, self._total, self._language = word, total, language
        self._console = console or Console(stderr=True)
        self._done = 0
        self._started = self._spoken = time.monotonic()
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn(render(say("left:"), language)),
            TimeRemainingColumn(),
            TextColumn("{task.fields[last]}", style="dim"),
            console=self._console,
            transient=True,
        )
        self._task = self._bar.add_task(render(word, language), total=total, last="")

    def __enter__(self) -> Self:
        self._started = self._spoken = time.monotonic()
        if self._console.is_terminal:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    @property
    def count(self) -> int:
        """How many are done."""
        return self._done

    def done(self, name: str) -> None:
        """Count one piece of work."""
        self._done += 1
        self._bar.update(self._task, advance=1, last=name)
        now = time.monotonic()
        is_last = self._done == self._total
        if not self._console.is_terminal and (is_last or now - self._spoken >= _QUIET_S):
            self._spoken = now
            self._console.print(self._line(now - self._started), highlight=False, markup=False)

    def tell(self, line: Text) -> None:
        """Print a line above the bar."""
        self._console.print(render(line, self._language), highlight=False, markup=False, soft_wrap=True)

    def _line(self, elapsed: float) -> str:
        words = say("{what}: {done} of {total}", what=self._word, done=self._done, total=self._total)
        times = say("{elapsed} so far", elapsed=duration(elapsed))
        if _TELLING_COUNT <= self._done < self._total:
            left = elapsed / self._done * (self._total - self._done)
            times = say("{elapsed} so far, about {left} left", elapsed=duration(elapsed), left=duration(left))
        return f"{render(words, self._language)}, {render(times, self._language)}"
