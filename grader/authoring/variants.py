"""Variants of a reference: right ones in other idioms, wrong ones with one typical mistake each.

A variant is a small TOML file that gives whole new texts for some cells, by grade id; all other cells stay as they
are in the reference. A wrong variant also says which criterion must find it, and how. Read by `grade exercise
verify` and by the tests; `apply` makes the notebook that such a student would hand in.
"""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

import nbformat
from pydantic import Field, ValidationError, model_validator

from grader.errors import CatalogError
from grader.model.base import Frozen
from grader.model.file_faults import explain_fault
from grader.model.nearest import did_you_mean
from grader.model.rubric import Identifier, Points
from grader.model.text import say
from grader.model.verdict import Verdict

_MISTAKE_KEYS = ("criterion", "verdict", "says", "points")


class Variant(Frozen):
    """One right or wrong way to do an exercise."""

    name: str
    """The file's name without its ending."""
    path: Path
    about: str = Field(min_length=1)
    """One English sentence: which idiom, or what is wrong."""
    cells: dict[str, str] = Field(min_length=1)
    """Grade id to the whole new text of that cell."""
    criterion: Identifier | None = None
    """The criterion that must find the mistake; None for a right variant."""
    verdict: Verdict | None = None
    """That criterion's verdict."""
    says: str | None = None
    """What its English words for the student must contain: they name the mistake."""
    points: tuple[Points, Points] | None = None
    """Least and most points that it may get from that criterion."""
    also: tuple[Identifier, ...] = ()
    """Other criteria that may rightly fail because of the mistake."""
    carried: bool | tuple[Identifier, ...] = False
    """Other criteria that fail because of the mistake, and are paid by follow-through marks; `true`: whichever."""

    @property
    def is_right(self) -> bool:
        """Whether it must get every point that a machine can give."""
        return self.criterion is None

    @model_validator(mode="after")
    def _is_right_or_wrong_through_and_through(self) -> Self:
        given = [key for key in _MISTAKE_KEYS if getattr(self, key) is not None]
        if given and len(given) < len(_MISTAKE_KEYS):
            absent = next(key for key in _MISTAKE_KEYS if key not in given)
            raise ValueError(
                say("{key}: a wrong variant needs it beside '{given}'", key=absent, given=given[0])
            )
        for key in ("also", "carried"):
            if getattr(self, key) and not given:
                raise ValueError(say("{key}: only a wrong variant may have it", key=key))
        both = next((id_ for id_ in self.carried_ids if id_ in (*self.also, self.criterion)), None)
        if both is not None:
            raise ValueError(
                say("carried: '{id}' stands in `also`, or is this mistake's own criterion", id=both)
            )
        if self.criterion in self.also:
            raise ValueError(say("also: '{id}' is this mistake's own criterion", id=self.criterion))
        twice = next((id_ for place, id_ in enumerate(self.also) if id_ in self.also[:place]), None)
        if twice is not None:
            raise ValueError(say("also: '{id}' stands there twice", id=twice))
        if self.points is not None and self.points[0] > self.points[1]:
            raise ValueError(say("points: the least stands first, then the most"))
        return self

    @property
    def carried_ids(self) -> tuple[str, ...]:
        """The criteria that `carried` names."""
        return () if isinstance(self.carried, bool) else self.carried

    @property
    def most_points(self) -> Decimal | None:
        """The most that a wrong variant may get from its own criterion."""
        return self.points[1] if self.points else None


def load_variant(path: Path) -> Variant:
    """Read one variant file.

    Raises:
        CatalogError: it cannot be read or breaks the model; the message names file and key.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CatalogError(
            say("{path}: not a readable TOML file: {reason}", path=str(path), reason=str(error))
        ) from error
    for key in ("name", "path"):
        if key in raw:
            raise CatalogError(
                say(
                    "{path}: {key}: unknown key; the file's name is the variant's name",
                    path=str(path),
                    key=key,
                )
            )
    try:
        return Variant(name=path.stem, path=path, **raw)
    except ValidationError as error:
        fault = explain_fault(error, raw, Variant)
        raise CatalogError(say("{path}: {fault}", path=str(path), fault=fault)) from error


def load_variants(folder: Path) -> tuple[Variant, ...]:
    """Read all variants of a folder in the order of their names; none where there is no such folder.

    Raises:
        CatalogError: one of them cannot be read.
    """
    return tuple(load_variant(path) for path in sorted(folder.glob("*.toml")))


def grade_ids(notebook: Any) -> dict[str, Any]:
    """The cells of a notebook that have a grade id, by that id."""
    return {
        cell.metadata["nbgrader"]["grade_id"]: cell for cell in notebook.cells if "nbgrader" in cell.metadata
    }


def apply(reference: str, variant: Variant) -> str:
    """Put a variant's cells into a reference notebook; nbformat 4 JSON in and out.

    Raises:
        CatalogError: the reference has no cell of such a grade id; the message names the nearest.
    """
    notebook = nbformat.reads(reference, as_version=4)
    by_grade_id = grade_ids(notebook)
    for grade_id, text in variant.cells.items():
        if grade_id not in by_grade_id:
            raise CatalogError(
                say(
                    "{path}: cells.{cell}: the reference has no such cell{hint}",
                    path=str(variant.path),
                    cell=grade_id,
                    hint=did_you_mean(grade_id, by_grade_id),
                )
            )
        by_grade_id[grade_id].source = text.strip("\n")
    written: str = nbformat.writes(notebook, version=4)
    return written.rstrip("\n") + "\n"
