"""A calibration in the terminal: progress while it is measured, then tables and lines."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text as RichText

from grader.i18n import render
from grader.model.text import Language, Text, say
from grader.reports.terminal import duration

if TYPE_CHECKING:
    from grader.authoring.calibration.report import Calibration

_QUIET_S = 30.0
_TELLING_SHARE = 0.02


class Counting:
    """Live progress over starts, with the time left; on anything but a terminal a line now and then.

    `left` tells how many are still to come: fewer than were planned, where chance plays no part.
    """

    def __init__(self, left: Callable[[], int], language: Language, console: Console | None = None) -> None:
        """Prepare; nothing is shown before the context is entered."""
        self._left, self._language, self._console = left, language, console or Console(stderr=True)
        self._total = left()
        self._last = render(say("starting kernels, asking the reference"), language)
        self._began = self._spoken = time.monotonic()
        self._live: Live | None = None

    def __enter__(self) -> Self:
        self._began = self._spoken = time.monotonic()
        if self._console.is_terminal:
            self._live = Live(get_renderable=self._picture, console=self._console, transient=True)
            self._live.start(refresh=True)
        else:
            words = render(say("Starts to measure: {total}", total=self._total), self._language)
            self._console.print(words, highlight=False)
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
        words = say("Starts: {done} of {total}", done=done, total=self._total)
        times = say("{elapsed} so far", elapsed=duration(elapsed))
        if _TELLING_SHARE * self._total <= done < self._total:
            left = duration(elapsed / done * (self._total - done))
            times = say("{elapsed} so far, about {left} left", elapsed=duration(elapsed), left=left)
        return f"{render(words, self._language)}, {render(times, self._language)}"

    def _picture(self) -> Table:
        grid = Table.grid()
        grid.add_row(ProgressBar(total=self._total, completed=self._total - self._left(), width=60))
        grid.add_row(RichText(self._line()))
        grid.add_row(RichText(self._last, "dim", no_wrap=True, overflow="ellipsis"))
        return grid


def show(calibration: Calibration, language: Language, console: Console | None = None) -> None:
    """Print the table, the promise, the warnings and the proposal of one criterion."""
    from grader.authoring.calibration.report import promise_lines, proposal_of, warnings
    from grader.authoring.calibration.words import STANDING_WORDS

    console = console or Console()
    now = calibration.thresholds
    title = f"{calibration.exercise} · {calibration.criterion}"
    says = f"full_marks {now.full_marks:g}, no_marks {now.no_marks:g}, starts {now.starts}"
    head = say("{criterion}: {thresholds}; intervals of 95 %", criterion=title, thresholds=says)
    _print(console, render(head, language), "bold")
    console.print(_table(calibration, language))
    broken = render(STANDING_WORDS["broken"], language)

    def section(heading: Text, lines: Iterable[Text], style: str = "") -> None:
        told = [render(line, language) for line in lines]
        if told:
            _print(console, render(heading, language), f"bold {style}".strip())
            for line in told:
                _print(console, f"  {line}", "red" if line.startswith(broken) else "")
        console.print()

    section(say("The promise to right solutions"), promise_lines(calibration))
    section(say("Warnings"), warnings(calibration), "yellow")
    section(say("Proposal"), proposal_of(calibration), "green")


def _table(calibration: Calibration, language: Language) -> Table:
    from grader.authoring.calibration.words import MUST_WORDS, interval, of_grading, spread, told

    words = partial(told, language=language)
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(words(say("notebook")), overflow="fold")
    table.add_column(words(say("must")))
    table.add_column(words(say("starts")), justify="right")
    table.add_column(words(say("loss: least / middle / most")), overflow="fold")
    table.add_column(words(say("one start passes")), overflow="fold")
    grading = say("a grading of {starts}", starts=calibration.thresholds.starts)
    table.add_column(words(grading), overflow="fold")
    for role, findings in calibration.groups:
        for found in findings:
            table.add_row(
                RichText(found.case.name),
                words(MUST_WORDS[role]),
                str(len(found.starts)),
                spread(found, language),
                words(say("always the same") if found.is_fixed else interval(found.one)),
                words(of_grading(found)),
            )
    return table


def _print(console: Console, line: str, style: str) -> None:
    console.print(RichText(line, style), highlight=False, soft_wrap=True)
