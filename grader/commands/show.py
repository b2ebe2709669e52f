"""`grade show`: one student's grades in the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import rich_click as click
from rapidfuzz import process
from rich.console import Console
from rich.padding import Padding
from rich.text import Text as RichText

from grader.commands.options import settings_of, settings_options
from grader.errors import ConfigError, ReportError
from grader.i18n import render
from grader.model.report import CriterionResult, GradeReport
from grader.model.text import Language
from grader.model.verdict import Verdict
from grader.reports.numbers import points_text
from grader.reports.words import VERDICT_WORDS


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
    """Print the grades of STUDENT (identifier or name), criterion by criterion."""
    from grader.store import GradeBook

    if notebook is not None and exercise is None:
        raise click.UsageError("--notebook needs an EXERCISE.")
    settings = settings_of(flags)
    with GradeBook.open(settings.db, create=False) as book:
        reports = _choose(list(book.reports()), student, exercise)
        if notebook is not None and exercise is not None:
            _write(notebook, book.executed_notebook(reports[0].student, exercise))
    console = Console()
    for report in reports:
        _print(report, settings.lang, staff, console)


def _choose(reports: Sequence[GradeReport], student: str, exercise: str | None) -> list[GradeReport]:
    word = student.casefold()
    found = [r for r in reports if word in (r.student.casefold(), r.name.casefold())]
    if not found:
        names = sorted({name for r in reports for name in (r.student, r.name)})
        raise ConfigError(f"No student {student!r} in the grade book{_hint(student, names)}")
    if exercise is None:
        return found
    chosen = [r for r in found if r.exercise == exercise]
    if not chosen:
        known = sorted(r.exercise for r in found)
        raise ConfigError(f"{found[0].name} has no grade for {exercise!r}{_hint(exercise, known)}")
    return chosen


def _hint(word: str, known: Sequence[str]) -> str:
    nearest = process.extractOne(word, known, score_cutoff=50)
    return f"; did you mean {nearest[0]!r}?" if nearest else "."


def _write(path: Path, notebook: str | None) -> None:
    if notebook is None:
        raise ConfigError("That notebook never ran: there is nothing to write.")
    try:
        path.write_text(notebook, encoding="utf-8")
    except OSError as error:
        raise ReportError(f"{path} cannot be written: {error.strerror}.") from error


def _print(report: GradeReport, language: Language, staff: bool, console: Console) -> None:
    title = f"{report.name} · {report.exercise} · {_points(report, language)}"
    console.print(RichText(title, "bold"))
    for problem in (*([report.problem] if report.problem else []), *report.notices):
        console.print(Padding(RichText(render(problem, language)), (0, 2)))
    for result in report.criteria:
        _print_criterion(result, language, staff, console)
    source = f"{report.path} · {report.notebook_sha256[:12]} · {report.rubric_version} · {report.graded_at:%F %T} UTC"
    console.print(RichText(source, "dim"))
    console.print()


def _points(report: GradeReport, language: Language) -> str:
    waiting = f" +{points_text(report.undecided, language)}?" if report.undecided else ""
    return f"{points_text(report.points, language)}/{points_text(report.out_of, language)}{waiting}"


def _print_criterion(result: CriterionResult, language: Language, staff: bool, console: Console) -> None:
    judgement = result.judgement
    points = f"{points_text(result.points, language)}/{points_text(result.out_of, language)}"
    style = {Verdict.ACCEPTED: "green", Verdict.NEEDS_REVIEW: "blue", Verdict.JUDGE_ERROR: "magenta"}
    head = RichText(f"  {points}  {render(result.title, language)}: ")
    head.append(render(VERDICT_WORDS[judgement.verdict], language), style.get(judgement.verdict, "yellow"))
    console.print(head)
    if judgement.verdict is not Verdict.ACCEPTED:
        words = (judgement.summary, judgement.expected, judgement.got, judgement.where, judgement.look_at)
        for text in words:
            if text is not None:
                console.print(Padding(RichText(render(text, language)), (0, 6)))
    if staff and judgement.staff_note:
        console.print(Padding(RichText(judgement.staff_note, "dim"), (0, 6)))
