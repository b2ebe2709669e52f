"""The references' answers for the tools of who writes exercises, asked by an executor."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from grader.executors import Executor
from grader.grading import ask_reference
from grader.model.exercise import Exercise
from grader.model.report import ReferenceAnswers


def ask_references(
    exercises: Sequence[Exercise], executor: Executor, *, seed: int, tier: str
) -> dict[str, ReferenceAnswers]:
    """The answers of each exercise's reference, by exercise id.

    Raises: CatalogError when a reference does not run; whatever else its job raised.
    """
    answers = {}
    for outcome in executor.run(partial(ask_reference, seed=seed, tier=tier), exercises):
        if outcome.error is not None:
            raise outcome.error
        if outcome.result is not None:
            answers[outcome.item.id] = outcome.result
    return answers
