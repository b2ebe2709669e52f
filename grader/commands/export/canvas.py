"""`grade export canvas`: Canvas's grade book filled in, or a new one."""

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
from grader.commands.telling import tell
from grader.errors import ConfigError
from grader.export.canvas import fill_gradebook, render_gradebook
from grader.export.marks import marks_of
from grader.model.text import say

EXAMPLES = """
Examples: `grade export canvas gradebook.csv --dry-run`; `grade export canvas --out new.csv`;
`grade export canvas gradebook.csv --column "02_autograd=TP 2"`.
"""


@click.command(epilog=EXAMPLES)
@click.argument("gradebook", metavar="[GRADEBOOK]", required=False, type=click.Path(path_type=Path))
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="EXERCISE=TITLE",
    help="Which assignment an exercise is, where the title does not tell; may be given again.",
)
@export_options("only", "manual", "scale", "step", "replace", "dry_run", "to")
@settings_options("db", "lang")
def canvas(
    gradebook: Path | None,
    columns: tuple[str, ...],
    only: tuple[str, ...],
    without_manual: bool,
    scale: Decimal,
    step: Decimal,
    replace: bool,
    dry_run: bool,
    to: Path | None,
    **flags: Any,
) -> None:
    """Fill grades into GRADEBOOK, Canvas's export (Grades, Export); without one, write a new file to import.

    In GRADEBOOK, grades are out of its `Points Possible`; in a new file, out of --scale.
    """
    settings = settings_of(flags)
    own = checked_scale(scale, step)
    named = dict(_pair(text) for text in columns)
    with open_book(settings) as book:
        reports = member_reports(book, only, leaves_out_manual=without_manual)
    counted = sorted({report.exercise for report in reports})
    marks = marks_of(reports)
    if gradebook is None:
        target = to or Path("canvas.csv")
        strangers = [f"{mark.name} ({mark.student})" for mark in marks if not mark.student.isdecimal()]
        content = render_gradebook(marks, counted, own)
        if dry_run:
            click.echo(content, nl=False)
            tell(say("Nothing was written."), settings.lang)
        else:
            write_file(target, content.encode())
            tell(say("Written: {path}", path=str(target)), settings.lang)
        if strangers:
            words = say(
                "Left out, since these are no numbers of Canvas's: {names}", names=", ".join(strangers)
            )
            tell(words, settings.lang)
        return
    raw = read_file(gradebook)
    with told_of(gradebook):
        filling = fill_gradebook(raw, marks, counted, named, step, replaces=replace)
    show_filling(filling, settings.lang, is_dry=dry_run)
    target = to or gradebook
    if not dry_run:
        write_file(target, filling.content())
    show_written(filling, target, step_text(own, settings.lang), settings.lang, is_dry=dry_run)


def _pair(text: str) -> tuple[str, str]:
    exercise, sign, title = text.partition("=")
    if not (exercise and sign and title):
        raise ConfigError(say("--column {given}: expected EXERCISE=TITLE.", given=text))
    return exercise, title
