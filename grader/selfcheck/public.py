"""The exercise as its students know it: reads `<id>.check.json`, finds it, and tells which one a notebook is of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from pydantic import ValidationError

from grader.catalog import parse_rubric
from grader.criteria import KINDS
from grader.errors import CatalogError, ConfigError
from grader.intake.matching import Matcher
from grader.model.check_bundle import SUFFIX, CheckBundle
from grader.model.exercise import Exercise
from grader.model.file_words import unreadable
from grader.model.packed import Packed
from grader.model.probe import Probe
from grader.model.report import Job, ReferenceAnswers
from grader.model.submission import Submission
from grader.model.text import say

MOST_BYTES = 64 << 20
"""A larger file is no bundle of ours."""


@dataclass(frozen=True)
class PublicExercise:
    """One exercise, ready to be checked."""

    bundle: CheckBundle
    exercise: Exercise
    """Its rubric is the public part; where the solution would be, it has the handout."""

    def of_task(self, task: str) -> PublicExercise:
        """The same with the criteria of one task; raises ConfigError when there is no such task."""
        rubric = self.exercise.rubric
        if task not in (known := [t.id for t in rubric.tasks]):
            raise ConfigError(
                say(
                    "{exercise}: no task '{task}'; there are {known}.",
                    exercise=self.exercise.id,
                    task=task,
                    known=", ".join(known),
                )
            )
        return self.with_criteria(criterion.id for criterion in rubric.criteria if criterion.task == task)

    def with_criteria(self, ids: Iterable[str]) -> PublicExercise:
        """The same with these criteria only."""
        kept = frozenset(ids)
        rubric = self.exercise.rubric
        criteria = tuple(c for c in rubric.criteria if c.id in kept)
        fewer = rubric.model_copy(update={"criteria": criteria})
        return PublicExercise(self.bundle, self.exercise.model_copy(update={"rubric": fewer}))

    @property
    def questions(self) -> dict[str, tuple[Probe, ...]]:
        """What to ask, by criterion."""
        return {c.id: self.bundle.questions[c.id] for c in self.exercise.rubric.criteria}

    def job(self, notebook: str, *, name: str, sha256: str, tier: str) -> Job:
        """The work of checking a notebook (nbformat 4 JSON)."""
        return Job(
            submission=Submission(
                student="self",
                name="self",
                exercise=self.exercise.id,
                path=name,
                sha256=sha256,
                notebook=Packed.of(notebook),
            ),
            exercise=self.exercise,
            reference=ReferenceAnswers(key="", answers=dict(self.bundle.answers)),
            seed=0,
            tier=tier,
        )


def public_exercise(bundle: CheckBundle, *, origin: str) -> PublicExercise:
    """Check what a bundle says; raises RubricError, which names `origin`."""
    rubric = parse_rubric(bundle.rubric, KINDS, origin=origin)
    unasked = [c.id for c in rubric.criteria if c.id not in bundle.questions]
    if unasked:
        raise CatalogError(
            say("{path}: questions.{criterion}: is missing.", path=origin, criterion=unasked[0])
        )
    exercise = Exercise(
        id=bundle.exercise,
        rubric=rubric,
        rubric_version=bundle.rubric_version,
        reference=bundle.handout,
        reference_sha256=hashlib.sha256(bundle.handout.encode()).hexdigest(),
        handout=bundle.handout,
    )
    return PublicExercise(bundle, exercise)


def parse_bundle(text: str | bytes, *, origin: str) -> PublicExercise:
    """Read a bundle's JSON; raises CatalogError when it is none, or of a newer grade."""
    try:
        content = json.loads(text)
        if isinstance(content, dict) and content.get("schema") not in (None, 1):
            raise CatalogError(
                say("{path}: was made by a newer version of grade; install the one of your kit.", path=origin)
            )
        bundle = CheckBundle.model_validate_json(text)
        json.loads(bundle.handout)["cells"]
    except (ValidationError, ValueError, KeyError, TypeError) as error:
        told = str(error).splitlines()[0][:200]
        raise CatalogError(
            say("{path}: is not the self-check file of an exercise ({reason}).", path=origin, reason=told)
        ) from error
    return public_exercise(bundle, origin=origin)


def read_bundle(path: Path) -> PublicExercise:
    """Read `<id>.check.json`; raises ConfigError."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ConfigError(
                say("{path}: is too large for the self-check file of an exercise.", path=str(path))
            )
        text = path.read_bytes()
    except OSError as error:
        raise ConfigError(unreadable(path, error)) from error
    return parse_bundle(text, origin=str(path))


def find_bundles(folders: Sequence[Path]) -> list[Path]:
    """The self-check files that lie in the first of the folders that has any."""
    for folder in folders:
        found = sorted(path for path in folder.glob(f"*{SUFFIX}") if path.is_file())
        if found:
            return found
    return []


def told_exercise(notebook: Mapping[str, Any] | None) -> str | None:
    """The exercise that a notebook's metadata names."""
    ours = {} if notebook is None else notebook.get("metadata", {}).get("grade")
    told = ours.get("exercise") if isinstance(ours, dict) else None
    return told if isinstance(told, str) and told else None


def choose(
    known: Sequence[PublicExercise], notebook: Mapping[str, Any] | None, place: PurePath | None
) -> PublicExercise | None:
    """The exercise that a notebook is of: by metadata, else name, else content; else the single one that there is."""
    told = told_exercise(notebook)
    if told is not None and told not in (public.exercise.id for public in known):
        return None
    names = () if place is None else (place.name, *(parent.name for parent in place.parents))
    match = Matcher([public.exercise for public in known]).match(notebook, names)
    if match.exercise is not None:
        return next(public for public in known if public.exercise.id == match.exercise)
    return known[0] if len(known) == 1 and not match.candidates else None
