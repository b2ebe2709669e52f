"""From `exercises/` and `reference/` to exercises; a bad rubric stops here, before any student's code runs.

Each folder `reference/<id>/` holds `<id>.ipynb` (the solution) and `rubric.toml`; `exercises/<id>/<id>.ipynb` is what
students got.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from grader.errors import CatalogError, RubricError
from grader.model.exercise import Exercise
from grader.model.file_faults import explain_fault
from grader.model.file_words import unreadable
from grader.model.nearest import did_you_mean
from grader.model.rubric import Criterion, Rubric
from grader.model.text import Text, say
from grader.rubric_names import check_names

Kinds = Mapping[str, type[Criterion]]


def read_catalog(exercises: Path, reference: Path, kinds: Kinds) -> tuple[Exercise, ...]:
    """Read all exercises, ordered by id.

    Raises: CatalogError when a folder or notebook is missing or unreadable; RubricError for a rubric.
    """
    if not reference.is_dir():
        raise CatalogError(
            say(
                "{path}: no such folder. Say where solutions and rubrics are with --reference, and where that which"
                " students got is with --exercises; else they are looked for beside grader.toml, or in the current"
                " folder.",
                path=str(reference),
            )
        )
    if not exercises.is_dir():
        raise CatalogError(
            say(
                "{path}: no such folder. Say where that which students got is with --exercises,"
                " or make it with `grade exercise release`.",
                path=str(exercises),
            )
        )
    folders = sorted(p for p in reference.iterdir() if (p / "rubric.toml").is_file())
    if not folders:
        raise CatalogError(
            say(
                "{path}: no exercise here (expected <id>/rubric.toml and <id>/<id>.ipynb).",
                path=str(reference),
            )
        )
    return tuple(read_exercise(folder, exercises, kinds) for folder in folders)


def read_exercise(folder: Path, exercises: Path, kinds: Kinds) -> Exercise:
    """Read one exercise from its reference folder; raises as `read_catalog`."""
    rubric = read_rubric(folder / "rubric.toml", kinds)
    if rubric.exercise != folder.name:
        raise RubricError(
            say(
                "{path}: exercise: is '{exercise}', expected the folder's name '{folder}'.",
                path=str(folder / "rubric.toml"),
                exercise=rubric.exercise,
                folder=folder.name,
            )
        )
    reference = read_reference(folder)
    check_names(rubric, reference, origin=str(folder / "rubric.toml"))
    handout = _read_notebook(exercises / folder.name / f"{folder.name}.ipynb")
    return Exercise(
        id=folder.name,
        rubric=rubric,
        rubric_version=rubric_version(rubric),
        reference=reference,
        reference_sha256=hashlib.sha256(reference.encode()).hexdigest(),
        handout=handout,
    )


def read_reference(folder: Path) -> str:
    """The reference notebook in an exercise's reference folder; raises CatalogError."""
    return _read_notebook(folder / f"{folder.name}.ipynb")


def read_rubric(path: Path, kinds: Kinds) -> Rubric:
    """Read and check one rubric; raises RubricError with file, key and expectation."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RubricError(unreadable(path, error)) from error
    return rubric_of(text, kinds, origin=str(path))


def rubric_of(text: str, kinds: Kinds, *, origin: str) -> Rubric:
    """Check a rubric given as TOML; `origin` is named in errors. Raises RubricError."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RubricError(
            say(
                "{path}: is not valid TOML: {reason}.{hint}",
                path=origin,
                reason=str(error),
                hint=_slip(str(error)),
            )
        ) from error
    return parse_rubric(data, kinds, origin=origin)


def parse_rubric(data: dict[str, Any], kinds: Kinds, *, origin: str) -> Rubric:
    """Check a rubric given as plain data; `origin` is named in errors. Raises RubricError."""
    entries = data.get("criteria")
    if not isinstance(entries, list):
        raise RubricError(say("{path}: criteria: expected at least one [[criteria]] table.", path=origin))
    criteria = [_criterion(entry, place, kinds, origin) for place, entry in enumerate(entries)]
    try:
        return Rubric.model_validate({**data, "criteria": criteria})
    except ValidationError as error:
        fault = explain_fault(error, data, Rubric)
        raise RubricError(say("{path}: {fault}", path=origin, fault=fault)) from error


def rubric_version(rubric: Rubric) -> str:
    """SHA-256 of the canonical JSON, first 12 hex digits."""
    return hashlib.sha256(canonical_json(rubric).encode()).hexdigest()[:12]


def canonical_json(rubric: Rubric) -> str:
    """The rubric as JSON with sorted keys; what the grade book keeps."""
    data = rubric.model_dump(mode="json", by_alias=True)
    if not rubric.carry_forward:  # as before there was such a key: the version is the same
        del data["carry_forward"]
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _slip(reason: str) -> Text | str:
    """What an author most likely did."""
    if reason.startswith("Cannot overwrite"):
        return say(" A key stands twice there; is the file's text in it twice?")
    return say(" Text must stand in quotes.") if reason.startswith("Invalid value") else ""


def _criterion(entry: Any, place: int, kinds: Kinds, origin: str) -> Criterion:
    id_ = entry.get("id") if isinstance(entry, dict) else None
    name = say("number {place}", place=place + 1) if id_ is None else str(id_)
    kind = entry.get("kind") if isinstance(entry, dict) else None
    if not isinstance(kind, str) or kind not in kinds:
        raise RubricError(
            say(
                "{path}: criteria.{criterion}.kind: is {kind}{hint}; expected one of {known}.",
                path=origin,
                criterion=name,
                kind=repr(kind),
                hint=did_you_mean(str(kind), list(kinds)),
                known=", ".join(kinds),
            )
        )
    try:
        return kinds[kind].model_validate(entry)
    except ValidationError as error:
        fault = explain_fault(error, entry, kinds[kind], tables="criteria")
        raise RubricError(
            say("{path}: criteria.{criterion}.{fault}", path=origin, criterion=name, fault=fault)
        ) from error


def _read_notebook(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8")
        if not isinstance(json.loads(text).get("cells"), list):
            raise CatalogError(say("{path}: is not a notebook (no list of cells).", path=str(path)))
    except FileNotFoundError as error:
        raise CatalogError(
            say("{path}: no such file; `grade exercise release` writes the handouts.", path=str(path))
        ) from error
    except (OSError, ValueError, AttributeError) as error:
        raise CatalogError(
            say("{path}: cannot be read as a notebook: {reason}.", path=str(path), reason=str(error))
        ) from error
    return text
