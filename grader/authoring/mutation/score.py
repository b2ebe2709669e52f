"""The mutation score: of the mutants that are not equivalent, the share that a criterion finds."""

from __future__ import annotations

from collections.abc import Iterable

from grader.authoring.mutation.mutants import Mutant
from grader.authoring.mutation.trial import Fate, Trial
from grader.model.base import Frozen
from grader.model.text import Text

LEAST_SCORE = 0.95
"""A rubric that lets more than one small mistake in twenty pass is not fit to grade with: `mutate` ends with 1."""


class Tried(Frozen):
    """A mutant with what came of it."""

    exercise: str

    mutant: Mutant
    trial: Trial | None
    """None where the grader failed at it."""
    problem: Text | None = None
    """Why it did."""
    equivalent: str | None = None
    """Why no criterion need find it; None where one must."""

    @property
    def is_killed(self) -> bool:
        """Whether a criterion took a point from it."""
        return self.trial is not None and self.trial.fate is Fate.KILLED

    @property
    def lives(self) -> bool:
        """Whether a criterion ought to have found it, and none did."""
        return self.equivalent is None and not self.is_killed


def score(tried: Iterable[Tried]) -> float:
    """Killed of those not equivalent, 0 to 1; one that could not be judged is not killed. 1 where there is none."""
    counted = [one for one in tried if one.equivalent is None]
    return sum(one.is_killed for one in counted) / len(counted) if counted else 1.0
