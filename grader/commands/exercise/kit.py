"""`grade exercise kit`: makes what students need to check themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import rich_click as click
from rich.console import Console

from grader.catalog import read_exercise
from grader.commands.exercise.finding import wanted
from grader.commands.options import settings_of, settings_options
from grader.commands.telling import tell
from grader.criteria import KINDS
from grader.errors import ReportError
from grader.i18n import render
from grader.model.file_words import unwritable
from grader.model.text import say

EXAMPLES = """
Example: `grade exercise kit 01_regression_lineaire --out kits/` writes `kits/01_regression_lineaire/` and, to put into
the LMS, `kits/01_regression_lineaire.zip`.
"""


@click.command("kit", epilog=EXAMPLES)
@click.argument("ids", metavar="[ID…]", nargs=-1)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("kits"),
    show_default=True,
    metavar="DIR",
    help="Where the kits go.",
)
@click.option(
    "--lang",
    type=click.Choice(["fr", "en"]),
    default="fr",
    show_default=True,
    help="Language in which students are answered, unless they ask for another.",
)
@settings_options("exercises", "reference", "sandbox")
def kit_command(ids: tuple[str, ...], out: Path, lang: Literal["fr", "en"], **flags: Any) -> None:
    """Make the students' kit: the exercise, the self-check's file, grade itself, and instructions in French.

    The reference is run once, to answer the examples that students check themselves by. No solution is in the kit, no
    hidden criterion, and no input that grading uses. Without an ID, a kit is made of every exercise.
    """
    from grader.authoring.check_bundle import make_bundle
    from grader.authoring.kit import kit_files, zipped
    from grader.selfcheck.fresh import settle_walls

    settings = settings_of(flags)
    chosen = wanted(ids, settings.reference)
    exercises = [read_exercise(settings.reference / id_, settings.exercises, KINDS) for id_ in chosen]
    tier = settle_walls(settings.sandbox)
    for exercise in exercises:
        asking = say("{exercise}: asking the reference…", exercise=exercise.id)
        with Console(stderr=True).status(render(asking, settings.lang)):
            bundle = make_bundle(exercise, tier=tier, lang=lang)
        files = kit_files(bundle, exercise.rubric.title)
        _write(out, exercise.id, files, zipped(files, exercise.id))
        words = say(
            "{path}: written; criteria in it: {shown}, kept back: {hidden}",
            path=f"{out / exercise.id}.zip",
            shown=len(bundle.rubric["criteria"]),
            hidden=bundle.hidden_criteria,
        )
        tell(words, settings.lang)


def _write(out: Path, id_: str, files: dict[str, bytes], archive: bytes) -> None:
    folder = out / id_
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
        (out / f"{id_}.zip").write_bytes(archive)
    except OSError as error:
        raise ReportError(unwritable(folder, error)) from error
