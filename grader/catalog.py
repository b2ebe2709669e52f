"""From `exercises/` and `reference/` to exercises; a bad rubric stops here, before any student's code runs.

Each folder `reference/<id>/` holds `<id>.ipynb` (the solution) and `rubric.toml`; `exercises/<id>/<id>.ipynb` is what
students got.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from rapidfuzz import process

from grader.errors import CatalogError, RubricError
from grader.model.exercise import Exercise
from grader.model.rubric import Criterion, Rubric
from grader.model.text import Bilingual

Kinds = Mapping[str, type[Criterion]]


def read_catalog(exercises: Path, reference: Path, kinds: Kinds) -> tuple[Exercise, ...]:
    """Read all exercises, ordered by id.

    Raises: CatalogError when a folder or notebook is missing or unreadable; RubricError for a rubric.
    """
    if not reference.is_dir():
        raise CatalogError(
            f"{reference}: no such folder. Say where solutions and rubrics are with --reference, and where that which"
            " students got is with --exercises; else they are looked for beside grader.toml, or in the current folder."
        )
    if not exercises.is_dir():
        raise CatalogError(
            f"{exercises}: no such folder. Say where that which students got is with --exercises,"
            " or make it with `grade exercise release`."
        )
    folders = sorted(p for p in reference.iterdir() if (p / "rubric.toml").is_file())
    if not folders:
        raise CatalogError(f"{reference}: no exercise here (expected <id>/rubric.toml and <id>/<id>.ipynb).")
    return tuple(read_exercise(folder, exercises, kinds) for folder in folders)


def read_exercise(folder: Path, exercises: Path, kinds: Kinds) -> Exercise:
    """Read one exercise from its reference folder; raises as `read_catalog`."""
    rubric = read_rubric(folder / "rubric.toml", kinds)
    if rubric.exercise != folder.name:
        raise RubricError(
            f"{folder / 'rubric.toml'}: exercise: is {rubric.exercise!r}, expected the folder's name {folder.name!r}."
        )
    reference = _read_notebook(folder / f"{folder.name}.ipynb")
    handout = _read_notebook(exercises / folder.name / f"{folder.name}.ipynb")
    return Exercise(
        id=folder.name,
        rubric=rubric,
        rubric_version=rubric_version(rubric),
        reference=reference,
        reference_sha256=hashlib.sha256(reference.encode()).hexdigest(),
        handout=handout,
    )


def read_rubric(path: Path, kinds: Kinds) -> Rubric:
    """Read and check one rubric; raises RubricError with file, key and expectation."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise RubricError(f"{path}: cannot be read: {error}.") from error
    except tomllib.TOMLDecodeError as error:
        raise RubricError(f"{path}: is not valid TOML: {error}.") from error
    return parse_rubric(data, kinds, origin=str(path))


def parse_rubric(data: dict[str, Any], kinds: Kinds, *, origin: str) -> Rubric:
    """Check a rubric given as plain data; `origin` is named in errors. Raises RubricError."""
    entries = data.get("criteria")
    if not isinstance(entries, list):
        raise RubricError(f"{origin}: criteria: expected at least one [[criteria]] table.")
    criteria = [_criterion(entry, place, kinds, origin) for place, entry in enumerate(entries)]
    try:
        return Rubric.model_validate({**data, "criteria": criteria})
    except ValidationError as error:
        raise RubricError(f"{origin}: {_explain(error, data, Rubric)}") from error


def rubric_version(rubric: Rubric) -> str:
    """SHA-256 of the canonical JSON, first 12 hex digits."""
    return hashlib.sha256(canonical_json(rubric).encode()).hexdigest()[:12]


def canonical_json(rubric: Rubric) -> str:
    """The rubric as JSON with sorted keys; what the grade book keeps."""
    data = rubric.model_dump(mode="json", by_alias=True)
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _criterion(entry: Any, place: int, kinds: Kinds, origin: str) -> Criterion:
    name = entry.get("id", f"number {place + 1}") if isinstance(entry, dict) else f"number {place + 1}"
    kind = entry.get("kind") if isinstance(entry, dict) else None
    if not isinstance(kind, str) or kind not in kinds:
        raise RubricError(
            f"{origin}: criteria.{name}.kind: is {kind!r}{_nearest(str(kind), list(kinds))};"
            f" expected one of {', '.join(kinds)}."
        )
    try:
        return kinds[kind].model_validate(entry)
    except ValidationError as error:
        raise RubricError(f"{origin}: criteria.{name}.{_explain(error, entry, kinds[kind])}") from error


def _explain(error: ValidationError, data: object, model: type[BaseModel]) -> str:
    """One fault as `key: what was expected`; a misspelt key before the missing one that it stands for."""
    first = min(error.errors(), key=lambda fault: fault["type"] != "extra_forbidden")
    key = ".".join(_steps(first["loc"], data))
    if first["type"] == "extra_forbidden":
        return f"{key}: unknown key{_nearest(str(first['loc'][-1]), _fields(model, first['loc'][:-1]))}."
    if first["type"] == "missing":
        return f"{key}: is missing."
    shown = (
        "" if isinstance(first["input"], dict) or first["input"] is data else f" (got {first['input']!r:.80})"
    )
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "model_type":
        keys = ", ".join(f'{name} = "…"' for name in Bilingual.model_fields)
        message = (
            f"expected {{ {keys} }}"
            if first["ctx"]["class_name"] == Bilingual.__name__
            else "expected a table"
        )
    return f"{key}: {message}{shown}." if key else f"{message}."


def _steps(place: Sequence[int | str], data: Any) -> Iterator[str]:
    """The way to a value, through tables by key and through lists by id, as an author thinks of it."""
    for step in place:
        try:
            data = data[step]
        except (LookupError, TypeError):
            data = None
        id_ = data.get("id") if isinstance(step, int) and isinstance(data, dict) else None
        yield id_ if isinstance(id_, str) else str(step)


def _fields(model: type[BaseModel], place: Sequence[int | str]) -> list[str]:
    """The keys that a table of the model may have: of the model itself, or of one that lies in it."""
    for step in place:
        if step in model.model_fields:
            inner = model.model_fields[str(step)].annotation
            models = [kind for kind in (inner, *get_args(inner)) if isinstance(kind, type)]
            model = next((kind for kind in models if issubclass(kind, BaseModel)), BaseModel)
    return [field.alias or name for name, field in model.model_fields.items()]


def _nearest(word: str, known: list[str]) -> str:
    match = process.extractOne(word, known, score_cutoff=60)
    return f" (did you mean {match[0]!r}?)" if match else ""


def _read_notebook(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8")
        if not isinstance(json.loads(text).get("cells"), list):
            raise CatalogError(f"{path}: is not a notebook (no list of cells).")
    except FileNotFoundError as error:
        raise CatalogError(f"{path}: no such file; `grade exercise release` writes the handouts.") from error
    except (OSError, ValueError, AttributeError) as error:
        raise CatalogError(f"{path}: cannot be read as a notebook: {error}.") from error
    return text
