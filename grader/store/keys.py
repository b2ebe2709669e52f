"""What makes two pieces of grading work the same work."""

from __future__ import annotations

from typing import Self

from grader.model.base import Frozen
from grader.model.exercise import Exercise
from grader.model.submission import Submission

JUDGING_VERSION = 3
"""Raised when `grade` itself judges otherwise than before, so that grades given by the old way are given anew."""


class JobKey(Frozen):
    """Content of one job. A grade is given once for each key; whoever changes a part gets new work.

    The tier is a part: a grade that was given behind weaker walls is not believed as one behind strong ones.
    Name, path and lateness are no part: they can change without a change of the work.
    """

    student: str
    exercise: str
    notebook_sha256: str
    rubric_version: str
    reference_sha256: str
    seed: int
    tier: str
    judging_version: int = JUDGING_VERSION

    @classmethod
    def of(cls, submission: Submission, exercise: Exercise, *, seed: int, tier: str) -> Self:
        """The key of the job that grades `submission`."""
        return cls(
            student=submission.student,
            exercise=exercise.id,
            notebook_sha256=submission.sha256,
            rubric_version=exercise.rubric_version,
            reference_sha256=exercise.reference_sha256,
            seed=seed,
            tier=tier,
        )
