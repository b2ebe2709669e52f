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
    click.echo(
        f"{name}: tasks {len(exercise.rubric.tasks)}, criteria {len(exercise.rubric.criteria)}, points"
        f" {exercise.rubric.out_of.normalize():f}, of which a person gives {by_hand.normalize():f}"
    )
    if material.left_out:
        click.echo("\nNot carried over, or not as it was:")
        for note in material.left_out:
            click.echo(f"- {summary(note)}")
    click.echo(
        f"\nWritten: {shown(notebook_of(settings.reference, name))}, its rubric.toml and {LEFT_OUT}, and"
        f" {shown(notebook_of(settings.exercises, name))}.\nNext: `grade exercise verify {name}`."
    )
