"""`--only`: which of the submissions to grade."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import process

from grader.errors import ConfigError
from grader.model.exercise import Exercise
from grader.model.submission import Submission


def select(
    submissions: Sequence[Submission], exercises: Sequence[Exercise], only: Sequence[str]
) -> list[Submission]:
    """Those of the students and exercises that `only` names, all without a name of that sort.

    A student is named by identifier or by name, without regard to case; naming a student and an exercise means
    that student's work on that exercise.
    Raises: ConfigError when a name is nobody's.
    """
    known_exercises = {exercise.id.casefold() for exercise in exercises}
    known_students = {word for s in submissions for word in _names(s)}
    chosen_exercises: set[str] = set()
    chosen_students: set[str] = set()
    for name in only:
        word = name.casefold()
        if word in known_exercises:
            chosen_exercises.add(word)
        elif word in known_students:
            chosen_students.add(word)
        else:
            raise ConfigError(_unknown(name, known_exercises | known_students))
    return [
        s
        for s in submissions
        if (not chosen_exercises or s.exercise.casefold() in chosen_exercises)
        and (not chosen_students or chosen_students & _names(s))
    ]


def _names(submission: Submission) -> set[str]:
    return {submission.student.casefold(), submission.name.casefold()}


def _unknown(name: str, known: set[str]) -> str:
    nearest = process.extractOne(name.casefold(), sorted(known), score_cutoff=60)
    hint = f"did you mean {nearest[0]!r}?" if nearest else "it must be a student's or an exercise's name."
    return f"--only {name}: no student and no exercise has this name; {hint}"
