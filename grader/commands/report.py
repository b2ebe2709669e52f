"""`grade report`: write the reports again, from the grade book."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import rich_click as click

from grader.catalog import read_catalog
from grader.commands.export.common import open_book
from grader.commands.options import settings_of, settings_options
from grader.commands.people import no_grade
from grader.commands.telling import tell
from grader.errors import StoreError
from grader.model.text import say
from grader.reports import print_summary, write_reports


@click.command(epilog="Examples: `grade report`; `grade report --lang en --out report-en/`.")
@settings_options("exercises", "reference", "db", "out", "lang")
def report(**flags: Any) -> None:
    """Write the reports again from the grade book: all students, the grades that stand. Grades nothing."""
    from grader.criteria import KINDS
    from grader.pipeline import class_report_of

    settings = settings_of(flags)
    exercises = read_catalog(settings.exercises, settings.reference, KINDS)
    with open_book(settings) as book:
        grades = class_report_of(book.reports(), exercises, seed=0, tier="").reports
        if not grades:
            raise StoreError(no_grade(book.path))
        newest = max(grades, key=lambda grade: grade.graded_at)
        tiers = ", ".join(sorted({grade.tier for grade in grades}))
        class_report = class_report_of(
            grades, exercises, seed=newest.seed, tier=tiers, unsteady=book.unsteady()
        )
        write_reports(class_report, settings.out, settings.lang, book.whole)
    print_summary(class_report, settings.lang)
    where = Path(settings.out) / "index.html"
    tell(say("Report: {path}", path=str(where)), settings.lang)
