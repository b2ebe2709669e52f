"""Mutation testing of several exercises: which mutants there are, and their trials, as they come.

Called by `grade exercise mutate`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from grader.authoring.asking import ask_references
from grader.authoring.mutation.equivalent import read_equivalents
from grader.authoring.mutation.mutants import Mutant, MutantKey, mutants_of
from grader.authoring.mutation.record import Record
from grader.authoring.mutation.score import Tried
from grader.authoring.mutation.trial import MutantJob, try_mutant
from grader.errors import CatalogError
from grader.executors import Executor
from grader.model.base import Frozen
from grader.model.exercise import Exercise
from grader.model.nearest import did_you_mean
from grader.model.text import say


class Candidate(Frozen):
    """A mutant of an exercise, and why it is equivalent, if it is."""

    exercise: str
    mutant: Mutant
    equivalent: str | None = None


def candidates(
    exercises: Mapping[str, Exercise], reference: Path, only: Sequence[str] = ()
) -> tuple[Candidate, ...]:
    """The mutants of some exercises, in order; `only` names cells or rules, or parts of a mutant's name with `*`.

    Raises: CatalogError for a solution cell that is no Python, a broken or stale `equivalent.toml`, or a word of `only`
        that no mutant answers to.
    """
    found: list[Candidate] = []
    for id_, exercise in exercises.items():
        mutants = mutants_of(exercise.reference, id_)
        reasons: dict[MutantKey, str] = read_equivalents(reference / id_, mutants)
        found += [Candidate(exercise=id_, mutant=m, equivalent=reasons.get(m.key)) for m in mutants]
    for word in only:
        if not any(_matches(one.mutant, word) for one in found):
            names = sorted({name for one in found for name in _names(one.mutant)})
            raise CatalogError(
                say(
                    "--only {word}: no such mutant{hint}; `--list` shows them all.",
                    word=word,
                    hint=did_you_mean(word, names),
                )
            )
    return tuple(one for one in found if not only or any(_matches(one.mutant, word) for word in only))


def try_all(
    wanted: Sequence[Candidate],
    exercises: Mapping[str, Exercise],
    executor: Executor,
    record: Record,
    *,
    seed: int,
    tier: str,
) -> Iterator[Tried]:
    """The trials of the mutants that the record does not hold, as they come, each written down at once.

    Raises: CatalogError when a reference does not run.
    """
    named = {one.exercise for one in wanted}
    references = ask_references(
        [exercise for id_, exercise in exercises.items() if id_ in named], executor, seed=seed, tier=tier
    )
    reasons = {(one.exercise, one.mutant.key): one.equivalent for one in wanted}
    jobs = (
        MutantJob(
            mutant=one.mutant,
            exercise=exercises[one.exercise],
            reference=references[one.exercise],
            seed=seed,
            tier=tier,
        )
        for one in wanted
    )
    for outcome in executor.run(try_mutant, jobs):
        mutant, exercise = outcome.item.mutant, outcome.item.exercise
        if outcome.result is not None:
            record.keep(mutant, exercise, seed, outcome.result)
        yield Tried(
            exercise=exercise.id,
            mutant=mutant,
            trial=outcome.result,
            problem=outcome.problem,
            equivalent=reasons[exercise.id, mutant.key],
        )


def _names(mutant: Mutant) -> tuple[str, ...]:
    return (mutant.key.cell, mutant.key.rule, mutant.name)


def _matches(mutant: Mutant, word: str) -> bool:
    return any(fnmatchcase(name, word) for name in _names(mutant))
