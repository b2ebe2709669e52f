"""`grade export csv|junit`: new files from the grade book."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import rich_click as click

from grader.commands.export.common import (
    Function,
    checked_scale,
    export_options,
    member_reports,
    open_book,
    write_file,
)
from grader.commands.options import settings_of, settings_options
from grader.commands.telling import tell
from grader.export.junit import render_junit
from grader.export.marks import marks_of
from grader.export.questions import By, render_questions
from grader.export.table import render_table
from grader.model.text import Language, say

_BOM = b"\xef\xbb\xbf"


def _out(default: str) -> Callable[[Function], Function]:
    return click.option(
        "--out", "to", type=click.Path(path_type=Path), default=default, metavar="FILE", show_default=True
    )


@click.command(
    "csv", epilog="Examples: `grade export csv`; `grade export csv --excel --step 0.25 --out notes.csv`."
)
@click.option(
    "--excel",
    is_flag=True,
    help="As French spreadsheets read it: semicolons, decimal commas, a byte order mark.",
)
@_out("grades-by-student.csv")
@export_options("only", "manual", "missing", "scale", "step")
@settings_options("db", "lang")
def table(
    excel: bool,
    to: Path,
    only: tuple[str, ...],
    without_manual: bool,
    missing_is_zero: bool,
    scale: Decimal,
    step: Decimal,
    **flags: Any,
) -> None:
    """Write one line a student: points of each exercise, their sum, the grade, and what it was rounded from."""
    settings = settings_of(flags)
    own = checked_scale(scale, step)
    with open_book(settings) as book:
        marks = marks_of(
            member_reports(book, only, leaves_out_manual=without_manual),
            only,
            missing_is_zero=missing_is_zero,
        )
    text = render_table(marks, own, settings.lang, excel=excel)
    _write(to, (_BOM if excel else b"") + text.encode("utf-8", "replace"), settings.lang)


@click.command(
    epilog="Examples: `grade export points`; `grade export points --by task --excel --only 02_autograd`."
)
@click.option(
    "--by",
    type=click.Choice(["criterion", "task"]),
    default="criterion",
    show_default=True,
    help="One column for each criterion, or for each task.",
)
@click.option(
    "--excel",
    is_flag=True,
    help="As French spreadsheets read it: semicolons, decimal commas, a byte order mark.",
)
@_out("points-by-question.csv")
@export_options("only", "manual")
@settings_options("db", "lang")
def points(by: By, excel: bool, to: Path, only: tuple[str, ...], without_manual: bool, **flags: Any) -> None:
    """Write points by question: a line for each student, a column for each criterion or task of each exercise.

    What waits for a person is an empty cell. Where points were taken off an exercise, a column says how many.
    """
    settings = settings_of(flags)
    with open_book(settings) as book:
        reports = member_reports(book, only, leaves_out_manual=without_manual)
    text = render_questions(reports, by, settings.lang, excel=excel)
    _write(to, (_BOM if excel else b"") + text.encode("utf-8", "replace"), settings.lang)


@click.command(epilog="Examples: `grade export junit --out grades.xml`.")
@_out("junit.xml")
@export_options("only", "manual")
@settings_options("db", "lang")
def junit(to: Path, only: tuple[str, ...], without_manual: bool, **flags: Any) -> None:
    """Write JUnit's XML: a suite for each student and exercise, a case for each criterion."""
    settings = settings_of(flags)
    with open_book(settings) as book:
        reports = member_reports(book, only, leaves_out_manual=without_manual)
    _write(to, render_junit(reports, settings.lang), settings.lang)


def _write(path: Path, content: bytes, language: Language) -> None:
    write_file(path, content)
    tell(say("Written: {path}", path=str(path)), language)
