"""From `exercises/` and `reference/` to exercises; a bad rubric stops here, before any student's code runs.

Each folder `reference/<id>/` holds `<id>.ipynb` (the solution) and `rubric.toml`; `exercises/<id>/<id>.ipynb` is what
students got.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from grader.errors import CatalogError, RubricError
from grader.model.exercise import Exercise
from grader.model.faults import complaint
from grader.model.file_words import unreadable
from grader.model.nearest import did_you_mean
from grader.model.rubric import Criterion, Rubric
from grader.model.text import Bilingual, Text, say

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
    reference = _read_notebook(folder / f"{folder.name}.ipynb")
    _check_names(rubric, reference, folder / "rubric.toml")
    handout = _read_notebook(exercises / folder.name / f"{folder.name}.ipynb")
    return Exercise(
        id=folder.name,
        rubric=rubric,
        rubric_version=rubric_version(rubric),
        reference=reference,
        reference_sha256=hashlib.sha256(reference.encode()).hexdigest(),
        handout=handout,
    )


def _check_names(rubric: Rubric, reference: str, path: Path) -> None:
    """A criterion may only name cells, and require names, that the reference has; whether with values, a run tells."""
    cells = json.loads(reference)["cells"]
    metadata = [cell.get("metadata", {}).get("nbgrader", {}) for cell in cells]
    grade_ids = [str(meta["grade_id"]) for meta in metadata if "grade_id" in meta]
    code = "\n".join("".join(cell.get("source", "")) for cell in cells if cell.get("cell_type") == "code")
    words = set(re.findall(r"[^\W\d]\w*", code))
    # Names that come from another file are not written here.
    brought_in = re.search(r"import \*|^%(run|pylab)\b", code, re.MULTILINE)
    for criterion in rubric.criteria:
        place = {"path": str(path), "criterion": criterion.id}
        for cell in criterion.named_cells:
            if cell not in grade_ids:
                complaint = say(
                    "{path}: criteria.{criterion}: the reference has no cell with the grade id '{cell}'{hint}.",
                    cell=cell,
                    hint=did_you_mean(cell, grade_ids),
                    **place,
                )
                raise RubricError(complaint)
        for name in () if brought_in else criterion.required_names:
            if name not in words:
                complaint = say(
                    "{path}: criteria.{criterion}: requires: the reference's code has no '{name}'{hint}.",
                    name=name,
                    hint=did_you_mean(name, words),
                    **place,
                )
                raise RubricError(complaint)


def read_rubric(path: Path, kinds: Kinds) -> Rubric:
    """Read and check one rubric; raises RubricError with file, key and expectation."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise RubricError(unreadable(path, error)) from error
    except tomllib.TOMLDecodeError as error:
        raise RubricError(
            say("{path}: is not valid TOML: {reason}.", path=str(path), reason=str(error))
        ) from error
    return parse_rubric(data, kinds, origin=str(path))


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
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


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
        fault = explain_fault(error, entry, kinds[kind])
        raise RubricError(
            say("{path}: criteria.{criterion}.{fault}", path=origin, criterion=name, fault=fault)
        ) from error


def explain_fault(error: ValidationError, data: object, model: type[BaseModel]) -> Text:
    """The first fault of a file as `key: what was expected`; a misspelt key before the missing one it stands for."""
    first = min(error.errors(), key=lambda fault: fault["type"] != "extra_forbidden")
    key = ".".join(_steps(first["loc"], data))
    if first["type"] == "extra_forbidden":
        hint = did_you_mean(str(first["loc"][-1]), _fields(model, first["loc"][:-1]))
        return say("{key}: unknown key{hint}.", key=key, hint=hint)
    if first["type"] == "missing":
        return say("{key}: is missing.", key=key)
    message = complaint(first)
    if first["type"] == "model_type":
        keys = ", ".join(f'{name} = "…"' for name in Bilingual.model_fields)
        message = (
            say("expected {what}", what=f"{{ {keys} }}")
            if first["ctx"]["class_name"] == Bilingual.__name__
            else say("expected a table")
        )
    if not key:
        return say("{message}.", message=message)
    if isinstance(first["input"], dict) or first["input"] is data:
        return say("{key}: {message}.", key=key, message=message)
    return say("{key}: {message} (got {value}).", key=key, message=message, value=f"{first['input']!r:.80}")


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
