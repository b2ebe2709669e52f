"""The verification of exercises: all cases graded, and what came of each.

Called by `grade exercise verify`; `check` runs in a worker.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence

from grader.authoring import verify
from grader.authoring.cases import Case
from grader.executors import Executor
from grader.model.base import Frozen
from grader.model.exercise import Exercise
from grader.model.report import GradeReport, ReferenceAnswers
from grader.model.text import Text


class CheckJob(Frozen):
    """One case, complete: it can be sent to another process."""

    case: Case
    exercise: Exercise
    reference: ReferenceAnswers
    seed: int
    tier: str


class Checked(Frozen):
    """What came of one case."""

    case: Case
    faults: tuple[Text, ...] = ()
    """One sentence each; empty when all is as it should be."""
    problem: Text | None = None
    """Why the grader could not tell; then there are no faults."""
    wall_s: float = 0.0

    @property
    def is_good(self) -> bool:
        """Whether all is as it should be."""
        return not self.faults and self.problem is None


def check(job: CheckJob) -> Checked:
    """Grade one case. Raises: SandboxError when no kernel starts."""
    started = time.monotonic()
    found = verify.case_faults(job.case, _graded(job))
    return Checked(case=job.case, faults=tuple(found), wall_s=time.monotonic() - started)


def check_all(
    cases: Sequence[Case],
    exercises: Mapping[str, Exercise],
    references: Mapping[str, ReferenceAnswers],
    executor: Executor,
    *,
    seed: int,
    tier: str,
) -> Iterator[Checked]:
    """The outcomes as they come; a case that the grader fails at is one with a problem, and the others go on."""
    jobs = (
        CheckJob(
            case=case,
            exercise=exercises[case.exercise],
            reference=references[case.exercise],
            seed=seed,
            tier=tier,
        )
        for case in cases
    )
    for outcome in executor.run(check, jobs):
        if outcome.result is not None:
            yield outcome.result
        else:
            yield Checked(case=outcome.item.case, problem=outcome.problem)


def _graded(job: CheckJob) -> GradeReport:
    case, exercise = job.case, job.exercise
    if case.variant is not None:
        return verify.grade_variant(case.variant, exercise, job.reference, seed=job.seed, tier=job.tier)
    notebook = exercise.reference if case.what == "reference" else exercise.handout
    return verify.grade_notebook(
        notebook, exercise, job.reference, seed=job.seed, tier=job.tier, name=case.what
    )
