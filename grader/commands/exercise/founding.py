"""`grade exercise new`: the first files of an exercise, which pass `grade exercise verify` as they are."""

from __future__ import annotations

from typing import Any

import rich_click as click

from grader.authoring.founding import found
from grader.authoring.skeleton import skeleton, title_of
from grader.commands.exercise.finding import notebook_of, shown
from grader.commands.options import settings_of, settings_options
from grader.commands.telling import tell
from grader.i18n import render
from grader.model.text import say


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
    for path in (*(settings.reference / id_ / name for name in files), notebook_of(settings.exercises, id_)):
        tell(say("{path}: written", path=shown(path)), settings.lang)
    following = say(
        "Next: `grade exercise verify {exercise}` shows that it works. Then write your tasks into {notebook} and"
        " {rubric}, and make the handout anew with `grade exercise release {exercise}`. docs/tutorial-exercise.md"
        " goes through it all.",
        exercise=id_,
        notebook=shown(notebook_of(settings.reference, id_)),
        rubric=shown(settings.reference / id_ / "rubric.toml"),
    )
    click.echo(f"\n{render(following, settings.lang)}")
