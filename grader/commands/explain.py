"""`grade explain`: one judgement done again, with every question and answer; for the staff."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import rich_click as click
from rich.console import Console
from rich.padding import Padding
from rich.text import Text as RichText

from grader.catalog import read_catalog
from grader.commands.export.common import open_book
from grader.commands.mark.giving import find_criterion
from grader.commands.mark.telling import mark_lines
from grader.commands.options import settings_of, settings_options
from grader.commands.people import choose_standing
from grader.commands.questions import question_lines, rule_lines
from grader.errors import ConfigError
from grader.i18n import render
from grader.model.exercise import Exercise
from grader.model.judgement import Judgement
from grader.model.marking import without_mark
from grader.model.report import CriterionResult, GradeReport
from grader.model.rubric import Criterion
from grader.model.text import Language, Text, say
from grader.reports.numbers import points_text
from grader.reports.plain_text import fit
from grader.reports.student_page import details
from grader.reports.words import VERDICT_WORDS, colon

if TYPE_CHECKING:
    from grader.grading import Question

EXAMPLES = """
Examples: `grade explain ada 02_autograd analytic.values`; `grade explain ada 02_autograd values --stored`;
`grade explain ada 02_autograd values --json > why.json`.
"""


@click.command(epilog=EXAMPLES)
@click.argument("student", metavar="STUDENT")
@click.argument("exercise", metavar="EXERCISE")
@click.argument("criterion", metavar="CRITERION")
@click.option("--stored", is_flag=True, help="Show only what the grade book holds; run nothing.")
@click.option("--all", "everything", is_flag=True, help="Show also what only the reference was asked.")
@click.option("--json", "as_json", is_flag=True, help="Print all of it as JSON, arrays whole.")
@settings_options("exercises", "reference", "db", "dask", "lang", "sandbox", "real_gpu")
def explain(
    student: str, exercise: str, criterion: str, stored: bool, everything: bool, as_json: bool, **flags: Any
) -> None:
    """Judge one CRITERION of a student's EXERCISE again and show all of it: for the staff, hidden inputs included.

    The notebook that the grade book holds is run once more behind walls, and asked the same questions, by the seed of
    its grade. It is judged by the rubric and the reference of today; where they changed since, that is said. No
    grade is changed.
    """
    from grader import pipeline
    from grader.criteria import KINDS

    settings = settings_of(flags)
    language = settings.lang
    with open_book(settings) as book:
        (report,) = choose_standing(book, student, exercise)
        kept = find_criterion(report, criterion)
        spec, today = _today(read_catalog(settings.exercises, settings.reference, KINDS), report, kept.id)
        console = Console()
        if not as_json:
            _print_kept(report, kept, spec, today, language, console)
        if stored:
            return
        found = pipeline.explain_again(settings, book, report, today, kept.id)
    if as_json:
        click.echo(found.model_dump_json(indent=2))
        return
    machine = without_mark(kept)
    same = (found.result.judgement, found.result.points) == (machine.judgement, machine.points)
    alike = (
        found.result.judgement.verdict is machine.judgement.verdict and found.result.points == machine.points
    )
    agrees = say("the same") if same else say("the same, in other words") if alike else say("NOT the same")
    _heading(say("Judged again: {agrees}", agrees=agrees), language, console)
    _print_judgement(found.result, language, console)
    if found.gpu is not None and found.gpu.unavailable:
        _below(found.gpu.unavailable, console)
    _print_questions(found.questions, everything, language, console)


def _print_questions(
    questions: Sequence[Question], everything: bool, language: Language, console: Console
) -> None:
    shown = [q for q in questions if everything or q.answer is not None]
    for number, question in enumerate(shown, start=1):
        _heading(say("Question {number} of {count}", number=number, count=len(shown)), language, console)
        for line in question_lines(question, language):
            _below(line, console)
    if len(shown) < len(questions):
        left = say(
            "Not shown, since the student was not asked: {count}; `--all` shows them.",
            count=len(questions) - len(shown),
        )
        _heading(left, language, console)


def _today(
    exercises: tuple[Exercise, ...], report: GradeReport, criterion: str
) -> tuple[Criterion, Exercise]:
    for exercise in exercises:
        for spec in exercise.rubric.criteria:
            if (exercise.id, spec.id) == (report.exercise, criterion):
                return spec, exercise
    raise ConfigError(
        say(
            "Today's rubric of {exercise} has no criterion '{criterion}' any more; `grade show` has its grade.",
            exercise=report.exercise,
            criterion=criterion,
        )
    )


def _print_kept(
    report: GradeReport,
    kept: CriterionResult,
    spec: Criterion,
    today: Exercise,
    language: Language,
    console: Console,
) -> None:
    title = f"{report.name} · {report.exercise} · {kept.id}{colon(language)} {render(kept.title, language)}"
    console.print(RichText(fit(title), "bold"))
    _below(f"{report.path} · {report.notebook_sha256[:12]}", console)
    _heading(say("The rule"), language, console)
    for words in rule_lines(spec.model_dump(mode="json", exclude_defaults=True)):
        _below(words, console)
    _heading(say("In the grade book, {when}", when=f"{report.graded_at:%F %R} UTC"), language, console)
    for words in mark_lines(kept, report.notebook_sha256, language):
        _below(words, console)
    _print_judgement(kept, language, console)
    made = say("rubric {rubric}, seed {seed}, tier {tier}", rubric=report.rubric_version, seed=str(report.seed),
               tier=report.tier)  # fmt: skip
    _below(render(made, language), console)
    if report.rubric_version != today.rubric_version:
        _below(
            render(
                say("The rubric has changed since: it is {rubric} today.", rubric=today.rubric_version),
                language,
            ),
            console,
        )


def _print_judgement(result: CriterionResult, language: Language, console: Console) -> None:
    judgement: Judgement = result.judgement
    points = f"{points_text(result.points, language)}/{points_text(result.out_of, language)}"
    _below(f"{render(VERDICT_WORDS[judgement.verdict], language)}, {points}", console)
    _below(render(judgement.summary, language), console)
    for label, words in details(result):
        _below(f"{render(label, language)}{colon(language)} {render(words, language)}", console)
    if judgement.staff_note:
        _below(judgement.staff_note, console, indent=4)


def _heading(text: Text, language: Language, console: Console) -> None:
    console.print()
    console.print(RichText(render(text, language), "bold"))


def _below(words: str, console: Console, *, indent: int = 2) -> None:
    console.print(Padding(RichText(fit(words)), (0, 0, 0, indent), expand=False))
