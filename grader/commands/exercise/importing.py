"""`grade exercise import`: an nbgrader or Otter notebook becomes an exercise, as far as it can be carried over."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import rich_click as click

from grader.authoring.founding import check_is_new, found
from grader.authoring.importing import read_material
from grader.authoring.importing.writing import LEFT_OUT, files, summary
from grader.commands.exercise.finding import notebook_of, shown
from grader.commands.options import settings_of, settings_options
from grader.commands.telling import tell
from grader.i18n import render
from grader.model.text import exact, say


@click.command(
    "import",
    epilog="Examples: `grade exercise import source/ps1/problem1.ipynb --as 06_squares`;"
    " `grade exercise import hw01.ipynb`. docs/importing.md says what is carried over.",
)
@click.argument("source", metavar="SOURCE", type=click.Path(path_type=Path))
@click.option("--as", "id_", metavar="ID", help="The exercise's name; default: the file's.")
@settings_options("exercises", "reference")
def import_command(source: Path, id_: str | None, **flags: Any) -> None:
    """Make an exercise of SOURCE, an nbgrader source notebook or an Otter assignment with its solutions.

    Tasks, points and answers are kept. A test that compares what the student's code gives with a value becomes a
    criterion; the points of every other are left to a person, and listed. Nothing of the notebook is run, and nothing
    that exists is overwritten.
    """
    settings = settings_of(flags)
    name = id_ or re.sub(r"[^A-Za-z0-9_-]+", "_", source.stem).strip("_-")
    check_is_new(name, exercises=settings.exercises, reference=settings.reference)
    material = read_material(source)
    exercise = found(name, files(material, name), exercises=settings.exercises, reference=settings.reference)
    by_hand = sum((c.points for c in exercise.rubric.criteria if c.kind == "manual"), Decimal(0))
    carried = say(
        "{exercise}: tasks {tasks}, criteria {criteria}, points {points}, of which a person gives {by_hand}",
        exercise=name,
        tasks=len(exercise.rubric.tasks),
        criteria=len(exercise.rubric.criteria),
        points=exact(exercise.rubric.out_of),
        by_hand=exact(by_hand),
    )
    tell(carried, settings.lang)
    if material.left_out:
        head = say("Not carried over, or not as it was:")
        click.echo(f"\n{render(head, settings.lang)}")
        for note in material.left_out:
            click.echo(f"- {summary(note)}")
    written = say(
        "Written: {reference}, its rubric.toml and {left_out}, and {handout}.",
        reference=shown(notebook_of(settings.reference, name)),
        left_out=LEFT_OUT,
        handout=shown(notebook_of(settings.exercises, name)),
    )
    click.echo(f"\n{render(written, settings.lang)}")
    tell(say("Next: `grade exercise verify {exercise}`.", exercise=name), settings.lang)
