"""`grade export apogee`: Apogée's file filled in."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import rich_click as click

from grader.commands.export.common import (
    checked_scale,
    export_options,
    member_reports,
    open_book,
    read_file,
    told_of,
    write_file,
)
from grader.commands.export.showing import show_filling, show_written, step_text
from grader.commands.options import settings_of, settings_options
from grader.export.apogee import ABSENCES, fill_apogee
from grader.export.marks import marks_of
from grader.export.numbers import read_numbers, renumbered

EXAMPLES = """
Examples: `grade export apogee V1CJ.txt --dry-run`;
`grade export apogee V1CJ.txt --column apoL_c0003 --numbers notes.csv`.
"""


@click.command(epilog=EXAMPLES)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--column", metavar="KEY", help="The column of notes, by key or code, where there are several.")
@click.option(
    "--numbers",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="CSV",
    help="Student numbers: a Moodle worksheet with ID numbers, or a table with columns `student` and `number`;"
    " may be given again, once for each assignment.",
)
@click.option(
    "--absent",
    type=click.Choice(ABSENCES),
    help="Write this for those of whom nothing is graded; without, they are left as they are.",
)
@export_options("only", "manual", "missing", "scale", "step", "replace", "dry_run", "to")
@settings_options("db", "lang")
def apogee(
    file: Path,
    column: str | None,
    numbers: tuple[Path, ...],
    absent: str | None,
    only: tuple[str, ...],
    without_manual: bool,
    missing_is_zero: bool,
    scale: Decimal,
    step: Decimal,
    replace: bool,
    dry_run: bool,
    to: Path | None,
    **flags: Any,
) -> None:
    """Fill notes into FILE, the one that Apogée gave; students are found by their number.

    Notes are out of what the file's own column says (`B`, barème), else out of --scale.
    """
    settings = settings_of(flags)
    own = checked_scale(scale, step)
    with open_book(settings) as book:
        reports = member_reports(book, only, leaves_out_manual=without_manual)
        removed = [person.student for person in book.removed_people()]
    known: dict[str, str] = {}
    for path in numbers:
        listed = read_file(path)
        with told_of(path):
            known |= read_numbers(listed)
    raw = read_file(file)
    marks = marks_of(renumbered(reports, known), only, missing_is_zero=missing_is_zero)
    with told_of(file):
        filling = fill_apogee(
            raw,
            marks,
            own,
            column=column,
            absent=absent or "",
            left={known.get(student, student) for student in removed},
            replaces=replace,
        )
    show_filling(filling, settings.lang, is_dry=dry_run)
    target = to or file
    if not dry_run:
        write_file(target, filling.content())
    show_written(filling, target, step_text(own, settings.lang), settings.lang, is_dry=dry_run)
