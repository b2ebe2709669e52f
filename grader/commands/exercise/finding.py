"""Finds the references that a command of `grade exercise` is about, and the files of each."""

from __future__ import annotations

from pathlib import Path

from grader.catalog import read_exercise
from grader.config import Settings
from grader.errors import CatalogError
from grader.model.exercise import Exercise
from grader.model.nearest import LIKE, meant_or_known
from grader.model.text import say


def wanted(ids: tuple[str, ...], reference: Path) -> list[str]:
    """The exercises that were named, or all of the folder.

    Raises: CatalogError when there is none, or none of that name, with the nearest.
    """
    known = sorted(path.parent.name for path in reference.glob("*/*.ipynb") if path.stem == path.parent.name)
    if not known:
        raise CatalogError(
            say(
                "{path}: no reference notebook `<id>/<id>.ipynb` there. Go to the course's folder, or name that of"
                " the references with --reference; `grade exercise new ID` begins an exercise.",
                path=str(reference),
            )
        )
    for id_ in ids:
        if id_ not in known:
            hint = meant_or_known(id_, known, like=LIKE)
            raise CatalogError(
                say("{path}: no exercise '{exercise}'; {hint}", path=str(reference), exercise=id_, hint=hint)
            )
    return list(ids) or known


def shown(path: Path) -> str:
    """A path as its reader would write it: from the current folder, where it lies in it."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def notebook_of(folder: Path, id_: str) -> Path:
    """Where an exercise's notebook lies in the folder of references, or of handouts."""
    return folder / id_ / f"{id_}.ipynb"


def read_wanted(ids: tuple[str, ...], settings: Settings) -> dict[str, Exercise]:
    """The exercises that were named, or all, each with reference, rubric and handout, by id.

    Raises: CatalogError.
    """
    from grader.criteria import KINDS  # here: slow, and `--help` need not wait for it

    return {
        id_: read_exercise(settings.reference / id_, settings.exercises, KINDS)
        for id_ in wanted(ids, settings.reference)
    }
