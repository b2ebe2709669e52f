"""`grade exercise release`: makes what students get."""

from __future__ import annotations

import sys
from pathlib import Path

import rich_click as click

from grader.authoring.release import release
from grader.commands.exercise.finding import notebook_of, wanted
from grader.errors import ConfigError

_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command(
    "release",
    epilog="Example: `grade exercise release 01_regression_lineaire` or, in a test, `grade exercise release --check`.",
)
@click.argument("ids", metavar="[ID…]", nargs=-1)
@click.option(
    "--reference",
    type=_FOLDER,
    default=Path("reference"),
    show_default=True,
    help="Where the references lie.",
)
@click.option(
    "--exercises", type=_FOLDER, default=Path("exercises"), show_default=True, help="Where the handouts go."
)
@click.option("--check", is_flag=True, help="Write nothing; end with 1 when a handout is out of step.")
def release_command(ids: tuple[str, ...], reference: Path, exercises: Path, check: bool) -> None:
    """Make what students get: the references without solutions and outputs.

    Without an ID, every exercise of the reference folder is released. The same reference always gives the same
    bytes; a handout is never edited by hand.
    """
    try:
        chosen = wanted(ids, reference)
        handouts = {
            id_: release(notebook_of(reference, id_).read_text("utf-8"), exercise=id_) for id_ in chosen
        }
    except ConfigError as error:
        raise click.UsageError(str(error)) from error
    stale = [id_ for id_, text in handouts.items() if _present(exercises, id_) != text.encode("utf-8")]
    for id_ in chosen:
        target = notebook_of(exercises, id_)
        if id_ not in stale:
            click.echo(f"{target}: up to date")
        elif check:
            click.echo(f"{target}: out of step with its reference; run `grade exercise release {id_}`")
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(handouts[id_].encode("utf-8"))
            click.echo(f"{target}: written")
    if check and stale:
        sys.exit(1)


def _present(exercises: Path, id_: str) -> bytes:
    target = notebook_of(exercises, id_)
    return target.read_bytes() if target.exists() else b""
