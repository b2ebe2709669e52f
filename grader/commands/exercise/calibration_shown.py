"""A calibration in the terminal: progress while it is measured, then tables and lines."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from grader.reports.terminal import duration

if TYPE_CHECKING:
    from grader.authoring.calibration.report import Calibration

_QUIET_S = 30.0
_TELLING_SHARE = 0.02


class Counting:
    """Live progress over starts, with the time left; on anything but a terminal a line now and then.

    `left` tells how many are still to come: fewer than were planned, where chance plays no part.
    """

    def __init__(self, left: Callable[[], int], console: Console | None = None) -> None:
        """Prepare; nothing is shown before the context is entered."""
        self._left, self._console = left, console or Console(stderr=True)
        self._total = left()
        self._last = "starting kernels, asking the reference"
        self._began = self._spoken = time.monotonic()
        self._live: Live | None = None

    def __enter__(self) -> Self:
        self._began = self._spoken = time.monotonic()
        if self._console.is_terminal:
            self._live = Live(get_renderable=self._picture, console=self._console, transient=True)
            self._live.start(refresh=True)
        else:
            self._console.print(f"Starts to measure: {self._total}", highlight=False)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def tell(self, name: str) -> None:
        """Some starts of this notebook have come."""
        self._last = name
        now = time.monotonic()
        if self._live is None and (now - self._spoken >= _QUIET_S or not self._left()):
            self._spoken = now
            self._console.print(f"{self._line()} · {name}", highlight=False, markup=False, soft_wrap=True)

    def _line(self) -> str:
        done, elapsed = self._total - self._left(), time.monotonic() - self._began
        words = f"Starts: {done} of {self._total}, {duration(elapsed)} so far"
        if _TELLING_SHARE * self._total <= done < self._total:
            words += f", about {duration(elapsed / done * (self._total - done))} left"
        return words

    def _picture(self) -> Table:
        grid = Table.grid()
        grid.add_row(ProgressBar(total=self._total, completed=self._total - self._left(), width=60))
        grid.add_row(Text(self._line()))
        grid.add_row(Text(self._last, "dim", no_wrap=True, overflow="ellipsis"))
        return grid


def show(calibration: Calibration, console: Console | None = None) -> None:
    """Print the table, the promise, the warnings and the proposal of one criterion."""
    from grader.authoring.calibration.report import promise_lines, proposal_lines, warnings

    console = console or Console()
    now = calibration.thresholds
    title = f"{calibration.exercise} · {calibration.criterion}"
    says = f"full_marks {now.full_marks:g}, no_marks {now.no_marks:g}, starts {now.starts}"
    _print(console, f"{title}: {says}; intervals of 95 %", "bold")
    console.print(_table(calibration))
    _section(console, "The promise to right solutions", list(promise_lines(calibration)))
    _section(console, "Warnings", list(warnings(calibration)), "yellow")
    proposal = calibration.proposal
    _section(
        console, "Proposal", list(proposal_lines(proposal)) if proposal else [calibration.why_none], "green"
    )


def _table(calibration: Calibration) -> Table:
    from grader.authoring.calibration.words import MUST_WORDS, interval, of_grading, spread

    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("notebook", overflow="fold")
    table.add_column("must")
    table.add_column("starts", justify="right")
    table.add_column("loss: least / middle / most", overflow="fold")
    table.add_column("one start passes", overflow="fold")
    table.add_column(f"a grading of {calibration.thresholds.starts}", overflow="fold")
    for role, findings in calibration.groups:
        for found in findings:
            table.add_row(
                Text(found.case.name),
                MUST_WORDS[role],
                str(len(found.starts)),
                spread(found),
                "always the same" if found.is_fixed else interval(found.one),
                of_grading(found),
            )
    return table


def _section(console: Console, title: str, lines: list[str], style: str = "") -> None:
    if lines:
        _print(console, title, f"bold {style}".strip())
        for line in lines:
            _print(console, f"  {line}", "red" if line.startswith("PROMISE BROKEN") else "")
    console.print()


def _print(console: Console, line: str, style: str) -> None:
    console.print(Text(line, style), highlight=False, soft_wrap=True)
