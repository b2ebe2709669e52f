"""`grade export moodle`: the worksheet filled in, and the archive of feedback."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from grader.catalog import read_catalog
from grader.commands.export.common import (
    export_options,
    open_book,
    read_file,
    standing_reports,
    told_of,
    write_file,
)
from grader.commands.export.showing import show_filling, show_written, step_text
from grader.commands.options import settings_of, settings_options
from grader.commands.telling import tell
from grader.config import Settings
from grader.errors import ExportError
from grader.export.feedback_zip import write_feedback
from grader.export.groups import for_each_member, of_groups
from grader.export.marks import Mark, marks_of
from grader.export.moodle import Row, Worksheet, fill_worksheet, read_worksheet
from grader.export.people import moodle_name
from grader.export.rounding import Scale
from grader.model.exercise import Exercise
from grader.model.file_words import unwritable
from grader.model.report import GradeReport
from grader.model.text import Language, say
from grader.reports.html import render_student_page

if TYPE_CHECKING:
    from grader.store import GradeBook

EXAMPLES = """
Examples: `grade export moodle notes.csv --dry-run`; `grade export moodle notes.csv --feedback feedback.zip`.
In Moodle: View all submissions, Download grading worksheet; later Upload grading worksheet, and Upload multiple
feedback files in a zip. Both are there when the feedback type "offline grading worksheet" is on.
"""


@click.command(epilog=EXAMPLES)
@click.argument("worksheet", metavar="WORKSHEET", type=click.Path(path_type=Path))
@click.option(
    "--feedback",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="ZIP",
    help="Also write the archive of feedback pages, for those who get a grade.",
)
@export_options("only", "manual", "missing", "step", "replace", "dry_run", "to")
@settings_options("exercises", "reference", "db", "lang")
def moodle(
    worksheet: Path,
    feedback: Path | None,
    only: tuple[str, ...],
    without_manual: bool,
    missing_is_zero: bool,
    step: Decimal,
    replace: bool,
    dry_run: bool,
    to: Path | None,
    **flags: Any,
) -> None:
    """Fill grades and feedback into WORKSHEET, the grading worksheet that Moodle gave.

    Nothing else in the file changes, to the byte. Grades are out of what its column of maximum grades says.
    """
    settings = settings_of(flags)
    raw = read_file(worksheet)
    with told_of(worksheet):
        sheet = read_worksheet(raw)
    exercises = _exercises(settings) if feedback is not None else {}
    target = to or worksheet
    with open_book(settings) as book:
        groups = {moodle_name(row.group) for row in sheet.rows if row.group}
        standing = standing_reports(book, only, leaves_out_manual=without_manual)
        reports = for_each_member(
            standing,
            stays_whole=lambda report: moodle_name(report.name) in groups,
        )
        marks = marks_of(reports, _counted(reports, sheet, worksheet), missing_is_zero=missing_is_zero)
        filling, graded = fill_worksheet(sheet, marks, step, settings.lang, replaces=replace)
        show_filling(filling, settings.lang, is_dry=dry_run)
        if feedback is not None and not dry_run:
            count = _write_feedback(feedback, graded, standing, book, exercises, settings.lang)
            words = say("Feedback: {path}, pages {count}.", path=str(feedback), count=count)
            tell(words, settings.lang)
    if not dry_run:
        write_file(target, filling.content())
    show_written(filling, target, step_text(Scale(step=step), settings.lang), settings.lang, is_dry=dry_run)
    if any(change.rounded is not None and change.before not in ("", "-") for change in filling.changes):
        words = say(
            "Grades were replaced: tick “ignore last modified” when you upload the worksheet to Moodle."
        )
        tell(words, settings.lang)


def _counted(reports: Sequence[GradeReport], sheet: Worksheet, path: Path) -> list[str]:
    """The exercises that those in the worksheet handed in."""
    numbers = {row.pid for row in sheet.rows}
    groups = {moodle_name(row.group) for row in sheet.rows if row.group}
    found = {r.exercise for r in reports if r.student in numbers or moodle_name(r.name) in groups}
    if not found:
        raise ExportError(
            say(
                "Nobody in {path} has a grade in the grade book: it may be another assignment's worksheet, whose"
                " numbers are others.",
                path=str(path),
            )
        )
    return sorted(found)


def _write_feedback(
    path: Path,
    graded: dict[Row, Mark],
    standing: Sequence[GradeReport],
    book: GradeBook,
    exercises: dict[str, Exercise],
    language: Language,
) -> int:
    shared = of_groups(standing)

    def page(report: GradeReport) -> str:
        own = shared.get((report.student, report.exercise), report)
        return render_student_page(book.whole(own), exercises.get(report.exercise), language)

    try:
        return write_feedback(path, graded, page)
    except OSError as error:
        raise ExportError(unwritable(path, error)) from error


def _exercises(settings: Settings) -> dict[str, Exercise]:
    """For the pages' titles; where the exercises are not at hand, pages do without. Raises CatalogError."""
    from grader.criteria import KINDS

    if not settings.reference.is_dir():
        return {}
    return {e.id: e for e in read_catalog(settings.exercises, settings.reference, KINDS)}
