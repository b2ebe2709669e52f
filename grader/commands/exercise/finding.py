"""Finds the references that a command of `grade exercise` is about, and the files of each."""

from __future__ import annotations

import difflib
from pathlib import Path

from grader.errors import CatalogError


def wanted(ids: tuple[str, ...], reference: Path) -> list[str]:
    """The exercises that were named, or all of the folder.

    Raises: CatalogError when there is none, or none of that name, with the nearest.
    """
    known = sorted(path.parent.name for path in reference.glob("*/*.ipynb") if path.stem == path.parent.name)
    if not known:
        raise CatalogError(
            f"{reference}: no reference notebook `<id>/<id>.ipynb` there. Go to the course's folder, or name that of"
            " the references with --reference; `grade exercise new ID` begins an exercise."
        )
    for id_ in ids:
        if id_ not in known:
            nearest = difflib.get_close_matches(id_, known, n=1)
            hint = f"did you mean {nearest[0]!r}?" if nearest else f"there are {', '.join(known)}."
            raise CatalogError(f"{reference}: no exercise {id_!r}; {hint}")
    return list(ids) or known


def shown(path: Path) -> str:
    """A path as its reader would write it: from the current folder, where it lies in it."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def notebook_of(folder: Path, id_: str) -> Path:
    """Where an exercise's notebook lies in the folder of references, or of handouts."""
    return folder / id_ / f"{id_}.ipynb"
