"""`grade rubric list|show|schema`: looks at rubrics."""

from __future__ import annotations

import json
from typing import Any

import rich_click as click
from rich.console import Console
from rich.table import Table

from grader.commands.options import settings_of, settings_options
from grader.commands.rubric.finding import exercises_of, find_exercise, older_version
from grader.commands.usage_errors import WrongUsageError
from grader.i18n import render
from grader.model.exercise import Exercise
from grader.model.text import Language, say
from grader.reports.numbers import points_text


@click.command("list", epilog="Example: `grade rubric list`.")
@settings_options("exercises", "reference", "lang")
def list_command(**flags: Any) -> None:
    """List the exercises, with the version of each one's rubric, and check them all."""
    settings = settings_of(flags)
    table = Table(box=None)
    for title in (say("Exercise"), say("Version")):
        table.add_column(render(title, settings.lang))
    for title in (say("Tasks"), say("Criteria"), say("Points")):
        table.add_column(render(title, settings.lang), justify="right")
    for exercise in exercises_of(settings):
        rules = exercise.rubric
        points = points_text(rules.out_of, settings.lang)
        row = (exercise.id, exercise.rubric_version, len(rules.tasks), len(rules.criteria), points)
        table.add_row(*(str(cell) for cell in row))
    Console().print(table)


@click.command(
    "show", epilog="Examples: `grade rubric show 02_autograd`; `grade rubric show --version 1f0c…`."
)
@click.argument("exercise", metavar="[EXERCISE]", required=False)
@click.option("--version", metavar="HASH", help="A version that grades were given by, from the grade book.")
@settings_options("exercises", "reference", "db", "lang")
def show_command(exercise: str | None, version: str | None, **flags: Any) -> None:
    """Show the tasks and criteria of EXERCISE, or the text of an older version."""
    settings = settings_of(flags)
    if version is not None:
        click.echo(older_version(settings, version).text, nl=False)
    elif exercise is not None:
        _print(find_exercise(exercises_of(settings), exercise), settings.lang)
    else:
        raise WrongUsageError(say("Name an EXERCISE, or a --version."))


@click.command("schema", epilog="Example: `grade rubric schema > rubric.schema.json`.")
def schema_command() -> None:
    """Print the JSON schema of `rubric.toml`, for editors."""
    from grader.criteria import KINDS
    from grader.model.schema import rubric_schema

    click.echo(json.dumps(rubric_schema(KINDS.values()), ensure_ascii=False, indent=2))


def _print(exercise: Exercise, language: Language) -> None:
    console = Console()
    rules = exercise.rubric
    points = points_text(rules.out_of, language)
    console.print(f"{render(rules.title, language)} · {points} · {exercise.rubric_version}", markup=False)
    for task in rules.tasks:
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 2))
        for criterion in rules.criteria:
            if criterion.task == task.id:
                hidden = "" if criterion.public else render(say("hidden"), language)
                worth = points_text(criterion.points, language)
                table.add_row(worth, criterion.id, criterion.kind, render(criterion.title, language), hidden)
        console.print()
        console.print(f"{render(task.title, language)} ({points_text(task.points, language)})", markup=False)
        console.print(table)
    if rules.carry_forward:
        console.print()
        heading = say(
            "Follow-through marks: names that are put right where their task failed, and what is paid then"
        )
        console.print(render(heading, language), markup=False)
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 2))
        for entry in rules.carry_forward:
            pays = ", ".join(f"{task} {points_text(share, language)}" for task, share in entry.pays.items())
            table.add_row(entry.task, ", ".join(entry.names), pays)
        console.print(table)
