"""The record of trials, one JSON object a line, so that a run that was interrupted goes on where it stopped.

A trial holds for a mutant, a seed, and what judged it: a kill as long as the criterion that killed it, and those
on which that one depends, are what they were; any other fate as long as the whole rubric is. So, after a criterion was
added or sharpened, only the mutants that lived, and those that it had killed itself, are tried again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from pydantic import ValidationError

from grader.authoring.mutation.mutants import Mutant, MutantKey
from grader.authoring.mutation.trial import Fate, Trial
from grader.errors import ConfigError
from grader.model.base import Frozen
from grader.model.exercise import Exercise
from grader.model.file_words import reason_of
from grader.model.text import say


class Entry(Frozen):
    """One line of the record."""

    exercise: str
    mutant: MutantKey
    basis: str
    """SHA-256 over all that the trial rests on."""
    trial: Trial


class Record:
    """A file of trials, or none: then nothing is known and nothing is kept. A context manager."""

    def __init__(self, path: Path | None) -> None:
        """Read what is there.

        Raises: ConfigError when it is no such file, or cannot be written.
        """
        self._path = path
        self._known = {entry.basis: entry.trial for entry in _entries(path)}
        self._stream: TextIO | None = None

    def __enter__(self) -> Self:
        if self._path is not None:
            try:
                self._stream = self._path.open("a", encoding="utf-8")
            except OSError as error:
                raise ConfigError(
                    say("{path}: cannot be written: {reason}.", path=str(self._path), reason=reason_of(error))
                ) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream is not None:
            self._stream.close()

    def find(self, mutant: Mutant, exercise: Exercise, seed: int) -> Trial | None:
        """The trial of a mutant, where it was tried and still holds."""
        killers = [criterion.id for criterion in exercise.rubric.criteria]
        known = (self._known.get(basis(mutant, exercise, seed, killer)) for killer in (None, *killers))
        return next((trial for trial in known if trial is not None), None)

    def keep(self, mutant: Mutant, exercise: Exercise, seed: int, trial: Trial) -> None:
        """Write a trial down at once; one that was not decided is tried again next time, and is not kept."""
        if self._stream is None or trial.fate is Fate.UNDECIDED:
            return
        killer = trial.criterion if trial.fate is Fate.KILLED else None
        entry = Entry(
            exercise=exercise.id,
            mutant=mutant.key,
            basis=basis(mutant, exercise, seed, killer),
            trial=trial,
        )
        self._stream.write(entry.model_dump_json() + "\n")
        self._stream.flush()


def basis(mutant: Mutant, exercise: Exercise, seed: int, killer: str | None) -> str:
    """SHA-256 over all that a trial rests on: with a killer, of the rubric only that criterion and what it needs."""
    rubric = exercise.rubric
    parts = [version("grade"), version("torch"), exercise.id, exercise.reference_sha256, str(seed)]
    parts += [mutant.key.cell, mutant.text]
    if killer is None:
        parts.append(exercise.rubric_version)
    else:
        by_id = {criterion.id: criterion for criterion in rubric.criteria}
        parts += [rubric.limits.model_dump_json(), json.dumps(rubric.preload), killer]
        parts += [by_id[id_].model_dump_json() for id_ in sorted(_needed(killer, exercise))]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _needed(criterion: str, exercise: Exercise) -> set[str]:
    depends = {c.id: c.depends for c in exercise.rubric.criteria}
    return {criterion}.union(*(_needed(id_, exercise) for id_ in depends[criterion]))


def _entries(path: Path | None) -> Iterator[Entry]:
    if path is None or not path.exists():
        return
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            say("{path}: cannot be read as a record of mutants: {reason}.", path=str(path), reason=str(error))
        ) from error
    for number, line in enumerate(lines, start=1):
        try:
            yield Entry.model_validate_json(line)
        except ValidationError as error:
            if number == len(lines):
                return  # cut off when the run was killed
            raise ConfigError(
                say(
                    "{path}: line {line} is not of a record of mutants; name another file with --out.",
                    path=str(path),
                    line=number,
                )
            ) from error
