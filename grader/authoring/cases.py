"""The cases of an exercise: the notebooks whose outcome is known, and what can be seen without grading any.

The reference, the blank handout, the right variants and the known mistakes. Called by `grade exercise verify`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

import nbformat

from grader.authoring.release import release
from grader.authoring.variants import Variant, grade_ids, load_variants
from grader.errors import CatalogError
from grader.model.base import Frozen
from grader.model.exercise import Exercise
from grader.model.nearest import did_you_mean
from grader.model.text import Text, exact, say

ENOUGH_RIGHT = 8
"""Right variants: fewer do not show that the rubric follows no one idiom."""
ENOUGH_MISTAKES = 4
"""Known mistakes of each task that a machine judges."""

What = Literal["reference", "blank", "right", "mistake"]


class Case(Frozen):
    """One notebook of an exercise whose outcome is known."""

    exercise: str
    what: What
    variant: Variant | None = None
    """None for the reference and the blank."""

    @property
    def name(self) -> str:
        """The variant's name, `reference` or `blank`."""
        return self.variant.name if self.variant else self.what

    @property
    def place(self) -> str:
        """The file that it comes from, as seen from the folder of the course."""
        if self.variant is not None:
            return f"reference/{self.exercise}/{self.variant.path.parent.name}/{self.variant.path.name}"
        folder = "reference" if self.what == "reference" else "exercises"
        return f"{folder}/{self.exercise}/{self.exercise}.ipynb"


def cases_of(exercise: Exercise, folder: Path) -> tuple[Case, ...]:
    """All cases of an exercise, whose reference lies in `folder`.

    Raises: CatalogError when a variant cannot be read, or names a cell or a criterion that there is not.
    """
    right, mistakes = load_variants(folder / "right"), load_variants(folder / "mistakes")
    for variant in (*right, *mistakes):
        _check_names(variant, exercise)
    for variant in right:
        if not variant.is_right:
            raise CatalogError(
                say(
                    "{path}: criterion: a right variant has none; does it belong to mistakes/?",
                    path=str(variant.path),
                )
            )
    for variant in mistakes:
        if variant.is_right:
            raise CatalogError(
                say(
                    "{path}: criterion: is missing; which criterion must find the mistake?",
                    path=str(variant.path),
                )
            )
    return (
        Case(exercise=exercise.id, what="reference"),
        Case(exercise=exercise.id, what="blank"),
        *(Case(exercise=exercise.id, what="right", variant=variant) for variant in right),
        *(Case(exercise=exercise.id, what="mistake", variant=variant) for variant in mistakes),
    )


def chosen(cases: Sequence[Case], only: Sequence[str]) -> tuple[Case, ...]:
    """The cases whose name, or kind, one of the words of `only` matches, as a shell matches files.

    Raises: CatalogError for a word that matches none, with the nearest.
    """
    for word in only:
        if not any(_matches(case, word) for case in cases):
            names = sorted({name for case in cases for name in (case.name, case.what)})
            raise CatalogError(
                say(
                    "--only {word}: no such case{hint}; `right`, `mistake` or a variant's name, perhaps with `*`.",
                    word=word,
                    hint=did_you_mean(word, names),
                )
            )
    return tuple(case for case in cases if not only or any(_matches(case, word) for word in only))


def standing_faults(exercise: Exercise, cases: Sequence[Case]) -> Iterator[Text]:
    """What is wrong with an exercise and can be seen without grading, one sentence each."""
    if release(exercise.reference, exercise=exercise.id) != exercise.handout:
        yield say(
            "exercises/{exercise}/{exercise}.ipynb is not what the reference gives;"
            " run `grade exercise release {exercise}`.",
            exercise=exercise.id,
        )
    named = {case.variant.criterion for case in cases if case.variant}
    for criterion in exercise.rubric.criteria:
        if criterion.kind != "manual" and criterion.points > 0 and criterion.id not in named:
            yield say(
                "reference/{exercise}/mistakes/ has no mistake that '{criterion}' must find:"
                " nobody would notice if it accepted everything.",
                exercise=exercise.id,
                criterion=criterion.id,
            )


def shortages(exercise: Exercise, cases: Sequence[Case]) -> Iterator[Text]:
    """Where more variants would show more, one sentence each; no fault of the exercise."""
    right = sum(case.what == "right" for case in cases)
    if right < ENOUGH_RIGHT:
        yield say(
            "reference/{exercise}/right/: right variants {count}; {enough} would show that the rubric does not"
            " hang on one way of writing.",
            exercise=exercise.id,
            count=right,
            enough=ENOUGH_RIGHT,
        )
    criteria = exercise.rubric.criteria
    task_of = {criterion.id: criterion.task for criterion in criteria}
    found = Counter(
        task_of[case.variant.criterion] for case in cases if case.variant and case.variant.criterion
    )
    for task in exercise.rubric.tasks:
        by_machine = all(c.kind != "manual" for c in criteria if c.task == task.id)
        if by_machine and found[task.id] < ENOUGH_MISTAKES:
            yield say(
                "reference/{exercise}/mistakes/: mistakes of the task '{task}' {count}; {enough} would show more"
                " of what the rubric finds.",
                exercise=exercise.id,
                task=task.id,
                count=found[task.id],
                enough=ENOUGH_MISTAKES,
            )


def _check_names(variant: Variant, exercise: Exercise) -> None:
    criteria = [criterion.id for criterion in exercise.rubric.criteria]
    unknown = say("the rubric has no such criterion")
    if variant.criterion is not None:
        _check_name(variant, "criterion", variant.criterion, criteria, unknown)
    for key, ids in (("also", variant.also), ("carried", variant.carried_ids)):
        for id_ in ids:
            _check_name(variant, key, id_, criteria, unknown)
    for cell in variant.cells:
        known = grade_ids(nbformat.reads(exercise.reference, as_version=4))
        _check_name(variant, "cells", cell, list(known), say("the reference has no such cell"))
    points = {c.id: c.points for c in exercise.rubric.criteria}
    if (
        variant.criterion
        and variant.most_points is not None
        and variant.most_points > points[variant.criterion]
    ):
        raise CatalogError(
            say(
                "{path}: points: '{criterion}' is worth {points}, but the file allows up to {most}.",
                path=str(variant.path),
                criterion=variant.criterion,
                points=exact(points[variant.criterion]),
                most=exact(variant.most_points),
            )
        )


def _check_name(variant: Variant, key: str, name: str, known: list[str], complaint: Text) -> None:
    if name not in known:
        raise CatalogError(
            say(
                "{path}: {key}: '{name}': {complaint}{hint}.",
                path=str(variant.path),
                key=key,
                name=name,
                complaint=complaint,
                hint=did_you_mean(name, known),
            )
        )


def _matches(case: Case, word: str) -> bool:
    return fnmatchcase(case.name, word) or case.what == word
