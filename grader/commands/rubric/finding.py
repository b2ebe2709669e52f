"""Finds exercises, and versions of their rubrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grader.catalog import read_catalog
from grader.commands.export.common import open_book
from grader.config import Settings
from grader.errors import ConfigError
from grader.model.exercise import Exercise
from grader.model.nearest import meant_or_known
from grader.model.text import say

if TYPE_CHECKING:
    from grader.store.book import SavedRubric


def exercises_of(settings: Settings) -> tuple[Exercise, ...]:
    """All exercises, checked; raises CatalogError."""
    from grader.criteria import KINDS

    return read_catalog(settings.exercises, settings.reference, KINDS)


def find_exercise(exercises: tuple[Exercise, ...], id_: str) -> Exercise:
    """The exercise of that id; raises ConfigError with the nearest."""
    known = {exercise.id: exercise for exercise in exercises}
    if id_ not in known:
        hint = meant_or_known(id_, known, like=70)
        raise ConfigError(say("No exercise '{exercise}'; {hint}", exercise=id_, hint=hint))
    return known[id_]


def older_version(settings: Settings, version: str) -> SavedRubric:
    """The version in the grade book that begins so; raises ConfigError where none does, or several do."""
    with open_book(settings) as book:
        found = [saved for saved in book.rubrics() if saved.version.startswith(version)]
    if len(found) != 1:
        if found:
            raise ConfigError(
                say(
                    "{count} versions of a rubric in the grade book begin with '{version}'.",
                    count=len(found),
                    version=version,
                )
            )
        raise ConfigError(
            say("No version of a rubric in the grade book begins with '{version}'.", version=version)
        )
    return found[0]
