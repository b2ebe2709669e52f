"""`grade mark`: a person's mark for one criterion, or for many from a table; it outranks the machine's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click
from rich.console import Console

from grader.commands.export.common import open_book, read_file, standing_reports, told_of, write_file
from grader.commands.mark.giving import (
    author_of,
    deduction_of,
    find_criterion,
    held_deduction,
    held_mark,
    mark_of,
    points_of,
)
from grader.commands.mark.sheet import read_sheet, sheet_of
from grader.commands.mark.telling import history_line, print_filled, print_marked, print_needed
from grader.commands.options import settings_of, settings_options
from grader.commands.people import (
    choose_reports,
    choose_standing,
    find_by_whole_words,
    find_student,
    names_of,
)
from grader.commands.telling import tell
from grader.commands.usage_errors import WrongUsageError
from grader.model.mark import HandMark
from grader.model.marking import standing_marks
from grader.model.report import GradeReport
from grader.model.text import Language, say

if TYPE_CHECKING:
    from grader.store import GradeBook

EXAMPLES = """
Examples: `grade mark --list-needed`; `grade mark ada 02_autograd discuss.text 1.5 -m "The minimum is not said."`;
`grade mark ada 02_autograd discuss.text --undo -m "Wrong student."`; `grade mark ada 02_autograd --take-off 2 -m
"Copied."`; `grade mark --list-needed --out marks.csv`, and filled in: `grade mark --from marks.csv -m "Marked on
paper."`; `grade mark --from marks.csv --replace`.
"""
_FILE = click.Path(path_type=Path, dir_okay=False)


@dataclass(frozen=True)
class _Request:
    """What the command line asked for."""

    words: tuple[str, ...]
    undo: bool
    take_off: str | None
    replaces: bool
    reason: str
    by: str | None
    language: Language

    @property
    def author(self) -> str:
        return author_of(self.by)


@click.command(epilog=EXAMPLES)
@click.argument("words", metavar="[STUDENT EXERCISE CRITERION [POINTS]]", nargs=-1)
@click.option(
    "-m", "--message", "reason", default="", metavar="WHY", help="The reason; the student reads it."
)
@click.option("--by", envvar="GRADE_AUTHOR", metavar="NAME", help="Who marks; default: the account's name.")
@click.option(
    "--take-off",
    metavar="POINTS",
    help="Take points off the whole exercise: no CRITERION then, and no total below 0.",
)
@click.option("--undo", is_flag=True, help="Take back the newest mark: what held before it holds again.")
@click.option(
    "--list-needed", is_flag=True, help="List what waits for a person; with --out, write a table to fill in."
)
@click.option(
    "--history", is_flag=True, help="Show all marks, also those taken back, of a student and exercise."
)
@click.option(
    "--from", "source", type=_FILE, metavar="FILE", help="Mark all that a filled-in table says, or nothing."
)
@click.option(
    "--replace",
    is_flag=True,
    help="With --from: also replace what another person marked; without, it is refused.",
)
@click.option("--out", "target", type=_FILE, metavar="FILE", help="Where --list-needed writes its table.")
@click.option(
    "--only", multiple=True, metavar="EXERCISE", help="List this exercise only; may be given again."
)
@settings_options("db", "lang")
def mark(
    words: tuple[str, ...],
    reason: str,
    by: str | None,
    take_off: str | None,
    undo: bool,
    list_needed: bool,
    history: bool,
    source: Path | None,
    replace: bool,
    target: Path | None,
    only: tuple[str, ...],
    **flags: Any,
) -> None:
    """Mark one criterion of a student's exercise by hand: POINTS, and why.

    A person's mark outranks the machine's and stays when the same notebook is graded again; where a rubric changes
    what a criterion is worth, the mark keeps its share. It does not speak of another notebook: where the student
    hands in anew, the mark is listed as left behind. Every mark is kept, with author, date and reason.

    STUDENT is an identifier, a name, or whole words of one that are nobody else's. In a table it is the identifier or
    the whole name, and its column of names is compared.
    """
    settings = settings_of(flags)
    if list_needed + history + (source is not None) + undo + (take_off is not None) > 1:
        raise WrongUsageError(
            say("--undo, --take-off, --list-needed, --history and --from exclude each other.")
        )
    if target is not None and not list_needed:
        raise WrongUsageError(say("--out says where --list-needed writes: say both."))
    if replace and source is None:
        raise WrongUsageError(
            say("--replace is for --from; one mark replaces what stood there, and says so.")
        )
    request = _Request(words, undo, take_off, replace, reason, by, settings.lang)
    console = Console()
    with open_book(settings) as book:
        if list_needed:
            reports = standing_reports(book, only, leaves_out_manual=False)
            _list(book, reports, target, request, console)
        elif history:
            _show_history(book, request, console)
        elif source is not None:
            _mark_all(book, source, only, request, console)
        else:
            given, before, marked = _one(book, request)
            book.mark([given])
            (report,) = book.reports([(marked.student, marked.exercise)])
            print_marked(report, given, before, settings.lang, console)
    if not (list_needed or history):
        tell(say("`grade report` writes the reports anew."), settings.lang, console)


def _mark_all(
    book: GradeBook, source: Path, only: tuple[str, ...], request: _Request, console: Console
) -> None:
    reports = standing_reports(book, only, leaves_out_manual=False)
    raw = read_file(source)
    with told_of(source):
        filled = read_sheet(
            raw, reports, reason=request.reason, author=request.author, replaces=request.replaces
        )
    book.mark(one.mark for one in filled)
    for one in filled:
        print_filled(one.report, one.mark, one.before, request.language, console)
    tell(say("Marked: {count}", count=len(filled)), request.language, console)


def _one(book: GradeBook, request: _Request) -> tuple[HandMark, HandMark | None, GradeReport]:
    """The mark, the one that it replaces or takes back, and the grade that is marked."""
    words = len(request.words)
    fitting = (2,) if request.take_off is not None else (2, 3) if request.undo else (4,)
    if words not in fitting:
        raise WrongUsageError(
            say(
                "Say STUDENT EXERCISE CRITERION POINTS, with --undo STUDENT EXERCISE CRITERION (or no CRITERION for"
                " points taken off), or STUDENT EXERCISE --take-off POINTS."
            )
        )
    student, exercise, *rest = request.words
    (report,) = choose_standing(book, student, exercise, find=find_by_whole_words)
    if not rest:
        deduction = deduction_of(report, request.take_off, request.reason, request.author)
        return deduction, held_deduction(report), report
    result = find_criterion(report, rest[0])
    points = points_of(rest[1], result) if len(rest) > 1 else None
    mark = mark_of(report, result, points, request.reason, request.author)
    return mark, held_mark(result), report


def _list(
    book: GradeBook, reports: Sequence[GradeReport], target: Path | None, request: _Request, console: Console
) -> None:
    chosen = [report for word in request.words[:1] for report in choose_reports(reports, word)] or list(
        reports
    )
    if target is None:
        print_needed(chosen, standing_marks(book.marks()), request.language, console)
        return
    write_file(target, sheet_of(chosen, request.language))
    tell(say("Written: {path}. Fill in points and reason, then: grade mark --from {path}", path=str(target)),
         request.language, console)  # fmt: skip


def _show_history(book: GradeBook, request: _Request, console: Console) -> None:
    works = book.works().values()
    names = names_of(works)
    student = find_student(request.words[0], names) if request.words else None
    exercise = request.words[1] if len(request.words) > 1 else None
    groups = {work.student for work in works if any(m.student == student for m in work.members)}
    wanted = None if student is None else {student, *groups}
    entries = [e for e in book.marks(None, exercise) if wanted is None or e.student in wanted]
    for entry in entries:
        who = names.get(entry.student, entry.student)
        tell(history_line(entry, request.language, who=who), request.language, console)
    if not entries:
        tell(say("No marks by hand."), request.language, console)
