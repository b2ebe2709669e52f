"""The terminal: what was found, how it goes and how long it still takes, and what came of it."""

from __future__ import annotations

import time
from collections import Counter
from decimal import Decimal
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text as RichText

from grader.i18n import render
from grader.model.report import ClassReport, GradeReport
from grader.model.text import Language, say
from grader.model.totals import carried_points
from grader.model.verdict import Verdict
from grader.reports.class_table import STYLES, class_table
from grader.reports.index_page import set_aside
from grader.reports.lacking import print_lacks
from grader.reports.lines import print_line, print_note
from grader.reports.numbers import points_text
from grader.reports.plain_text import fit
from grader.reports.words import VERDICT_WORDS

_QUIET_S = 10.0
_TELLING_SHARE = 0.05
_TELLING_COUNT = 3
_TELLING_S = 30.0
"""Seconds: before, the kernels' own start is most of what was measured."""


class Progress:
    """Live progress over jobs; on anything but a terminal a line now and then.

    Use as a context manager, and call `done` for each report as it comes.
    """

    def __init__(self, total: int, language: Language, console: Console | None = None) -> None:
        """Prepare; nothing is shown before the context is entered."""
        self._total = total
        self._language = language
        self._console = console or Console(stderr=True)
        self._counts: Counter[Verdict] = Counter()
        self._last = ""
        self._started = self._spoken = time.monotonic()
        self._live: Live | None = None

    def __enter__(self) -> Self:
        self._started = self._spoken = time.monotonic()
        if self._console.is_terminal and self._total:
            self._live = Live(get_renderable=self._picture, console=self._console, transient=True)
            self._live.start(refresh=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Take the live picture away, so that something can be asked."""
        if self._live is not None:
            self._live.stop()

    def done(self, report: GradeReport) -> None:
        """Count one report."""
        self._counts[report.verdict] += 1
        self._last = fit(f"{report.whose} · {report.exercise}")
        if self._live is None and self._total:
            now = time.monotonic()
            if now - self._spoken >= _QUIET_S or self._counts.total() == self._total:
                self._spoken = now
                self._console.print(self._line(), highlight=False, markup=False)

    def _line(self) -> str:
        done, elapsed = self._counts.total(), time.monotonic() - self._started
        words = render(say("Graded: {done} of {total}", done=done, total=self._total), self._language)
        return f"{words}, {self._times(elapsed)}"

    def _times(self, elapsed: float) -> str:
        done = self._counts.total()
        few = done < _TELLING_COUNT or done < _TELLING_SHARE * self._total
        if not 0 < done < self._total or few or elapsed < _TELLING_S:
            return render(say("{elapsed} so far", elapsed=duration(elapsed)), self._language)
        left = elapsed / done * (self._total - done)
        text = say("{elapsed} so far, about {left} left", elapsed=duration(elapsed), left=duration(left))
        return render(text, self._language)

    def _picture(self) -> Table:
        grid = Table.grid(padding=(0, 1))
        done = self._counts.total()
        counts = RichText("  ").join(
            RichText(f"{count} {render(VERDICT_WORDS[verdict], self._language)}", STYLES.get(verdict, "red"))
            for verdict, count in sorted(self._counts.items(), key=lambda item: list(Verdict).index(item[0]))
        )
        grid.add_row(ProgressBar(total=self._total, completed=done, width=60))
        grid.add_row(RichText(self._line()))
        grid.add_row(counts)
        grid.add_row(RichText(self._last, "dim", no_wrap=True, overflow="ellipsis"))
        return grid


def duration(seconds: float) -> str:
    """`4 s`, `2 min 05 s`, `1 h 03 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def print_summary(class_report: ClassReport, language: Language, console: Console | None = None) -> None:
    """Print the table of students and exercises, then what needs a person."""
    console = console or Console()
    console.print(class_table(class_report, language, console.width))
    _print_set_aside(console, class_report, language)
    cut = [r for r in class_report.reports if r.taken_off]
    if cut:
        off = sum((r.taken_off for r in cut), Decimal(0))
        words = say("Taken off for lateness, or by a person: notebooks {count}, points {points}",
                    count=len(cut), points=points_text(off, language))  # fmt: skip
        print_line(console, words, language)
    followed = [points for r in class_report.reports if (points := carried_points(r.criteria))]
    if followed:
        paid = points_text(sum(followed, Decimal(0)), language)
        words = say(
            "Follow-through marks: notebooks {count}, points {points}", count=len(followed), points=paid
        )
        print_line(console, words, language)
    waiting = [r for r in class_report.reports if not r.is_complete]
    if not waiting:
        print_line(console, say("All points are decided."), language)
        return
    points = sum((r.undecided for r in waiting), Decimal(0))
    text = say(
        "Waiting for a person: notebooks {count}, points {points}",
        count=len(waiting),
        points=points_text(points, language),
    )
    print_line(console, text, language)
    print_lacks(class_report, language, console)
    broken = [r for r in class_report.reports if r.verdict is Verdict.JUDGE_ERROR]
    for report in broken:
        reason = report.problem or next(
            (c.judgement.summary for c in report.criteria if c.judgement.verdict is Verdict.JUDGE_ERROR),
            VERDICT_WORDS[Verdict.JUDGE_ERROR],
        )
        print_note(console, f"{report.whose} · {report.exercise}", reason, language)


def _print_set_aside(console: Console, class_report: ClassReport, language: Language) -> None:
    """Name those of whom nothing was graded: they have no row."""
    groups = set_aside(class_report)
    if not groups:
        return
    count = sum(len(group.files) for group in groups)
    print_line(
        console, say("Set aside and not graded: {count}; the report says which.", count=count), language
    )
    for group in groups:
        for file, is_alone in group.files:
            if is_alone:
                reason = say("nothing was graded. {reason}", reason=group.reason)
                print_note(console, file.name, reason, language)
