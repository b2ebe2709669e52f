"""The terminal's table of students and exercises, made to fit the screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text as RichText

from grader.i18n import render
from grader.model.report import ClassReport, GradeReport
from grader.model.text import Language, say
from grader.model.verdict import Verdict
from grader.reports.numbers import points_text
from grader.reports.plain_text import fit

_LONGEST_NAME = 32
_SHORTEST_TITLE = 8
_GAP = 2
"""Between two columns."""
STYLES: dict[Verdict, str] = {
    Verdict.ACCEPTED: "green",
    Verdict.PARTIALLY_ACCEPTED: "yellow",
    Verdict.NOT_ATTEMPTED: "bright_black",
    Verdict.SKIPPED: "bright_black",
    Verdict.NEEDS_REVIEW: "blue",
    Verdict.JUDGE_ERROR: "bold magenta",
}
"""Of the verdicts that are not plainly wrong."""


def class_table(class_report: ClassReport, language: Language, width: int) -> Table:
    """Points by student and exercise, on a screen of so many characters."""
    exercises = list(
        dict.fromkeys([e.id for e in class_report.exercises] + [r.exercise for r in class_report.reports])
    )
    used = [e for e in exercises if any(r.exercise == e for r in class_report.reports)]
    students: dict[str, list[GradeReport]] = {}
    for report in class_report.reports:
        students.setdefault(report.student, []).append(report)
    named = Counter(reports[0].whose for reports in students.values())
    lines: list[tuple[RichText, ...]] = []
    for student, reports in students.items():
        name = reports[0].whose if named[reports[0].whose] == 1 else f"{reports[0].whose} ({student})"
        cells = {report.exercise: _cell(report, language) for report in reports}
        row = (cells.get(e, RichText("")) for e in used)
        lines.append((RichText(fit(name)), *row, _total(reports, language)))
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, collapse_padding=True)
    table.add_column(render(say("Student"), language), max_width=_LONGEST_NAME)
    for title in _titles(used, lines, width):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column(render(say("Total"), language), justify="right", no_wrap=True)
    for line in lines:
        table.add_row(*line)
    return table


def _titles(exercises: Sequence[str], lines: Sequence[tuple[RichText, ...]], width: int) -> tuple[str, ...]:
    """The exercises' ids, all shortened to what the screen leaves each column beside names and totals."""
    if not exercises:
        return ()
    columns = [max((cell.cell_len for cell in column), default=0) for column in zip(*lines, strict=True)]
    names, *points, totals = columns or [0] * (len(exercises) + 2)
    room = width - min(names, _LONGEST_NAME) - totals - _GAP * (len(exercises) + 1)
    return shortened(exercises, max(room // len(exercises), *points, _SHORTEST_TITLE))


def shortened(names: Sequence[str], longest: int) -> tuple[str, ...]:
    """Names cut at the end to `longest` characters; in the middle, where only so they stay different."""
    at_the_end = tuple(n if len(n) <= longest else f"{n[: longest - 1]}…" for n in names)
    if len(set(at_the_end)) == len(set(names)):
        return at_the_end
    tail = (longest - 1) // 2
    return tuple(n if len(n) <= longest else f"{n[: longest - 1 - tail]}…{n[-tail:]}" for n in names)


def _cell(report: GradeReport, language: Language) -> RichText:
    points = RichText(points_text(report.points, language), STYLES.get(report.verdict, "red"))
    return points.append(_open_points(report.undecided, language), "blue")


def _open_points(undecided: Decimal, language: Language) -> str:
    return f" +{points_text(undecided, language)}?" if undecided else ""


def _total(reports: Sequence[GradeReport], language: Language) -> RichText:
    points = sum((r.points for r in reports if r.points is not None), Decimal(0))
    out_of = sum((r.out_of for r in reports), Decimal(0))
    undecided = sum((r.undecided for r in reports), Decimal(0))
    total = RichText(f"{points_text(points, language)}/{points_text(out_of, language)}", "bold")
    return total.append(_open_points(undecided, language), "blue")
