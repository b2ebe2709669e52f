"""Writes the folders of an exercise that is not there yet: its reference, and the handout made from it, or neither.

Used by `grade exercise new` and `grade exercise import`; an exercise that exists is never touched.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from grader.authoring.release import release
from grader.authoring.skeleton import check_id
from grader.catalog import read_exercise
from grader.criteria import KINDS
from grader.errors import ConfigError
from grader.model.exercise import Exercise
from grader.model.text import say


def check_is_new(id_: str, *, exercises: Path, reference: Path) -> None:
    """Raise ConfigError when no exercise can be founded under this name, saying what to do."""
    check_id(id_)
    for folder in (reference, exercises):
        same = [path.name for path in folder.iterdir()] if folder.is_dir() else []
        taken = next((name for name in same if name.casefold() == id_.casefold()), None)
        if taken is not None:
            raise ConfigError(
                say(
                    "{path} is there already, and is left as it is. Choose another name, or remove it.",
                    path=str(folder / taken),
                )
            )


def found(id_: str, files: Mapping[str, str], *, exercises: Path, reference: Path) -> Exercise:
    """Write `reference/<id>/` with these files, release the handout, and read both as the catalog does.

    Raises:
        ConfigError: the name is taken or unusable, or a file cannot be written; nothing is left behind.
        CatalogError: the files make no exercise; nothing is left behind.
    """
    check_is_new(id_, exercises=exercises, reference=reference)
    handout = release(files[f"{id_}.ipynb"], exercise=id_)
    try:
        reference.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".new-", dir=reference) as built:
            _write(Path(built) / "reference" / id_, files)
            _write(Path(built) / "exercises" / id_, {f"{id_}.ipynb": handout})
            exercise = read_exercise(Path(built) / "reference" / id_, Path(built) / "exercises", KINDS)
            exercises.mkdir(parents=True, exist_ok=True)
            shutil.move(Path(built) / "exercises" / id_, exercises / id_)
            try:
                (Path(built) / "reference" / id_).rename(reference / id_)
            except OSError:
                shutil.rmtree(exercises / id_)
                raise
    except OSError as error:
        raise ConfigError(
            say(
                "The exercise cannot be written: {reason}. Choose other folders with --reference and --exercises.",
                reason=str(error),
            )
        ) from error
    return exercise


def _write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
