"""`grade exercise new`: the first files of an exercise, which pass `grade exercise verify` as they are."""

from __future__ import annotations

from typing import Any

import rich_click as click

from grader.authoring.founding import found
from grader.authoring.skeleton import skeleton, title_of
from grader.commands.exercise.finding import notebook_of, shown
from grader.commands.options import settings_of, settings_options


@click.command(
    "new",
    epilog="Examples: `grade exercise new 05_softmax` or, with a title,"
    ' `grade exercise new 05_softmax --title "Régression softmax"`.',
)
@click.argument("id_", metavar="ID")
@click.option("--title", metavar="TEXT", help="The title; default: the ID in words.")
@settings_options("exercises", "reference")
def new_command(id_: str, title: str | None, **flags: Any) -> None:
    """Begin an exercise ID: a reference with one task, its rubric, a right variant, a mistake, and the handout.

    What is written passes `grade exercise verify`; change it piece by piece. ID becomes the name of folders and files.
    Nothing that exists is overwritten.
    """
    settings = settings_of(flags)
    files = skeleton(id_, (title or "").strip() or title_of(id_))
    found(id_, files, exercises=settings.exercises, reference=settings.reference)
    for name in files:
        click.echo(f"{shown(settings.reference / id_ / name)}: written")
    click.echo(f"{shown(notebook_of(settings.exercises, id_))}: written")
    notebook, rubric = notebook_of(settings.reference, id_), settings.reference / id_ / "rubric.toml"
    click.echo(
        f"\nNext: `grade exercise verify {id_}` shows that it works. Then write your tasks into"
        f" {shown(notebook)} and {shown(rubric)}, and make the handout"
        f" anew with `grade exercise release {id_}`. docs/tutorial-exercise.md goes through it all."
    )
