"""`grade exercise release`: makes what students get."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import rich_click as click

from grader.authoring.release import release
from grader.commands.exercise.finding import notebook_of, shown, wanted
from grader.commands.options import settings_of, settings_options
from grader.commands.telling import tell
from grader.commands.usage_errors import WrongUsageError
from grader.disk import whole_file
from grader.errors import ConfigError, ReportError
from grader.model.file_words import unwritable
from grader.model.text import say


@click.command(
    "release",
    epilog="Example: `grade exercise release 01_regression_lineaire` or, in a test, `grade exercise release --check`.",
)
@click.argument("ids", metavar="[ID…]", nargs=-1)
@click.option("--check", is_flag=True, help="Write nothing; end with 1 when a handout is out of step.")
@settings_options("exercises", "reference")
def release_command(ids: tuple[str, ...], check: bool, **flags: Any) -> None:
    """Make what students get: the references without solutions and outputs.

    Without an ID, every exercise of the reference folder is released. The same reference always gives the same
    bytes; a handout is never edited by hand.
    """
    settings = settings_of(flags)
    reference, exercises = settings.reference, settings.exercises
    try:
        chosen = wanted(ids, reference)
        handouts = {
            id_: release(notebook_of(reference, id_).read_text("utf-8"), exercise=id_) for id_ in chosen
        }
    except ConfigError as error:
        raise WrongUsageError(error.text) from error
    stale = [id_ for id_, text in handouts.items() if _present(exercises, id_) != text.encode("utf-8")]
    for id_ in chosen:
        target = notebook_of(exercises, id_)
        path = shown(target)
        if id_ not in stale:
            words = say("{path}: up to date", path=path)
        elif check:
            words = say("{path}: out of step with its reference; run `grade exercise release {exercise}`",
                        path=path, exercise=id_)  # fmt: skip
        else:
            _write(target, handouts[id_])
            words = say("{path}: written", path=path)
        tell(words, settings.lang)
    if check and stale:
        sys.exit(1)


def _write(target: Path, text: str) -> None:
    try:
        with whole_file(target) as stream:
            stream.write(text.encode("utf-8"))
    except OSError as error:
        raise ReportError(unwritable(target, error)) from error


def _present(exercises: Path, id_: str) -> bytes:
    target = notebook_of(exercises, id_)
    return target.read_bytes() if target.exists() else b""
