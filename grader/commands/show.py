"""`grade show`: one student's grades in the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import rich_click as click
from rich.console import Console
from rich.padding import Padding
from rich.text import Text as RichText

from grader.commands.export.common import open_book
from grader.commands.mark.telling import mark_lines
from grader.commands.options import settings_of, settings_options
from grader.commands.people import choose_standing
from grader.commands.usage_errors import WrongUsageError
from grader.errors import ConfigError, ReportError
from grader.i18n import render
from grader.model.file_words import unwritable
from grader.model.report import CriterionResult, GradeReport
from grader.model.text import Language, say
from grader.model.verdict import Verdict
from grader.reports.numbers import points_text
from grader.reports.plain_text import fit
from grader.reports.student_page import details
from grader.reports.words import VERDICT_WORDS, colon


@click.command(epilog="Examples: `grade show ada`; `grade show ada 02_autograd --staff`.")
@click.argument("student", metavar="STUDENT")
@click.argument("exercise", metavar="[EXERCISE]", required=False)
@click.option("--staff", is_flag=True, help="Show what is for the staff only as well.")
@click.option(
    "--notebook",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the notebook as it ran, with outputs and errors, to FILE; needs EXERCISE.",
)
@settings_options("db", "lang")
def show(student: str, exercise: str | None, staff: bool, notebook: Path | None, **flags: Any) -> None:
    """Print the grades of STUDENT, criterion by criterion.

    STUDENT is an identifier, a name, or any part of one that is nobody else's; case and accents do not matter.
    """
    if notebook is not None and exercise is None:
        raise WrongUsageError(say("--notebook needs an EXERCISE."))
    settings = settings_of(flags)
    with open_book(settings) as book:
        reports = choose_standing(book, student, exercise)
        if notebook is not None and exercise is not None:
            _write(notebook, book.executed_notebook(reports[0].student, exercise))
    console = Console()
    for report in reports:
        _print(report, settings.lang, staff, console)


def _write(path: Path, notebook: str | None) -> None:
    if notebook is None:
        raise ConfigError(say("That notebook never ran: there is nothing to write."))
    try:
        path.write_text(notebook, encoding="utf-8")
    except OSError as error:
        raise ReportError(unwritable(path, error)) from error


def _print(report: GradeReport, language: Language, staff: bool, console: Console) -> None:
    title = f"{report.whose} · {report.exercise} · {_points(report, language)}"
    console.print(RichText(fit(title), "bold"))
    for problem in (*([report.problem] if report.problem else []), *report.notices):
        _print_below(render(problem, language), console, indent=2)
    for finding in report.repairs:
        words = f"{render(finding.found, language)} {render(finding.done, language)}"
        _print_below(words, console, indent=2)
    if report.problem is None:
        for result in report.criteria:
            _print_criterion(result, report.notebook_sha256, language, staff, console)
    for adjustment in report.adjustments:
        off = points_text(-adjustment.points, language)
        head = f"  −{off}  {render(adjustment.title, language)}{colon(language)} "
        console.print(RichText(head, "yellow"))
        _print_below(render(adjustment.words, language), console)
        if staff and adjustment.mark is not None:
            mark = adjustment.mark
            by = say("By {author}, {when}", author=fit(mark.author), when=f"{mark.given_at:%F %R} UTC")
            _print_below(render(by, language), console, style="dim")
    source = f"{report.path} · {report.notebook_sha256[:12]} · {report.rubric_version} · {report.graded_at:%F %T} UTC"
    console.print(RichText(fit(source), "dim"))
    console.print()


def _points(report: GradeReport, language: Language) -> str:
    waiting = f" +{points_text(report.undecided, language)}?" if report.undecided else ""
    return f"{points_text(report.points, language)}/{points_text(report.out_of, language)}{waiting}"


def _print_criterion(
    result: CriterionResult, notebook_sha256: str, language: Language, staff: bool, console: Console
) -> None:
    judgement = result.judgement
    points = f"{points_text(result.points, language)}/{points_text(result.out_of, language)}"
    style = {Verdict.ACCEPTED: "green", Verdict.NEEDS_REVIEW: "blue", Verdict.JUDGE_ERROR: "magenta"}
    head = RichText(f"  {points}  {render(result.title, language)}{colon(language)} ")
    head.append(render(VERDICT_WORDS[judgement.verdict], language), style.get(judgement.verdict, "yellow"))
    console.print(head)
    if judgement.verdict is not Verdict.ACCEPTED or result.marked or result.carried:
        _print_below(render(judgement.summary, language), console)
        for label, words in details(result):
            _print_below(f"{render(label, language)}{colon(language)} {render(words, language)}", console)
    for told in mark_lines(result, notebook_sha256, language) if staff else ():
        _print_below(told, console, style="dim")
    if _is_answer(result):
        _print_below(judgement.staff_note, console, indent=8)
    elif staff and judgement.staff_note:
        _print_below(judgement.staff_note, console, style="dim")


def _is_answer(result: CriterionResult) -> bool:
    """Whether the note for the staff is what the student wrote, for a person to mark."""
    judgement = result.judgement
    return (
        result.kind == "manual" and judgement.verdict is Verdict.NEEDS_REVIEW and judgement.cell is not None
    )


def _print_below(words: str, console: Console, *, indent: int = 6, style: str = "") -> None:
    console.print(Padding(RichText(fit(words), style), (0, 0, 0, indent), expand=False))
