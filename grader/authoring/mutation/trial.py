"""One mutant's trial: graded as a student's notebook is, until a criterion takes a point from it.

The criteria of the mutant's own task come first, since one of them most likely finds it; a criterion judges the same in
whatever order they are asked. Runs in a worker.
"""

from __future__ import annotations

import hashlib
import time
from enum import StrEnum

from grader.authoring.mutation.mutants import Mutant, put_into
from grader.grading import hold_interview
from grader.model.base import Frozen
from grader.model.exercise import Exercise
from grader.model.packed import Packed
from grader.model.report import CriterionResult, Job, ReferenceAnswers
from grader.model.rubric import Criterion, Rubric
from grader.model.submission import Submission
from grader.model.verdict import Verdict


class Fate(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    """A criterion gave less than full points."""
    SURVIVED = "survived"
    """Every criterion that a machine judges gave full points."""
    UNDECIDED = "undecided"
    """No criterion took a point, but one was not judged: `judge_error`, or sent to a person."""


class Trial(Frozen):
    """What came of one mutant."""

    fate: Fate
    criterion: str | None = None
    """Which criterion killed it, or could not judge it."""
    verdict: Verdict | None = None
    """That criterion's verdict."""
    note: str = ""
    """What the staff reads of a criterion that could not judge."""
    wall_s: float = 0.0


class MutantJob(Frozen):
    """One piece of work, complete: it can be sent to another process."""

    mutant: Mutant
    exercise: Exercise
    reference: ReferenceAnswers
    seed: int
    tier: str


def try_mutant(job: MutantJob) -> Trial:
    """Grade one mutant. Raises: SandboxError when no kernel starts."""
    notebook = put_into(job.exercise.reference, job.mutant)
    submission = Submission(
        student="mutant",
        name=job.mutant.name,
        exercise=job.exercise.id,
        path="mutant.ipynb",
        sha256=hashlib.sha256(notebook.encode()).hexdigest(),
        notebook=Packed.of(notebook),
    )
    rubric = _own_task_first(job.exercise.rubric, job.mutant.key.cell)
    exercise = job.exercise.model_copy(update={"rubric": rubric})
    started = time.monotonic()
    grading = Job(
        submission=submission, exercise=exercise, reference=job.reference, seed=job.seed, tier=job.tier
    )
    _, results = hold_interview(grading, notebook, enough=takes_points, pictures=False)
    return trial_of(results, time.monotonic() - started)


def trial_of(results: list[CriterionResult], wall_s: float = 0.0) -> Trial:
    """A mutant's fate by the results of the criteria."""
    for result in results:
        if takes_points(result):
            verdict = result.judgement.verdict
            return Trial(fate=Fate.KILLED, criterion=result.id, verdict=verdict, wall_s=wall_s)
    for result in results:
        if result.points is None and result.kind != "manual":
            judgement = result.judgement
            return Trial(
                fate=Fate.UNDECIDED,
                criterion=result.id,
                verdict=judgement.verdict,
                note=judgement.staff_note,
                wall_s=wall_s,
            )
    return Trial(fate=Fate.SURVIVED, wall_s=wall_s)


def takes_points(result: CriterionResult) -> bool:
    """Whether a criterion gave less than its full points."""
    return result.points is not None and result.points < result.out_of


def _own_task_first(rubric: Rubric, task: str) -> Rubric:
    """The criteria in another order; each still stands behind those that it depends on."""
    by_id = {criterion.id: criterion for criterion in rubric.criteria}
    first: set[str] = set()

    def want(criterion: Criterion) -> None:
        first.add(criterion.id)
        for id_ in criterion.depends:
            want(by_id[id_])

    for criterion in rubric.criteria:
        if criterion.task == task:
            want(criterion)
    return rubric.model_copy(
        update={"criteria": tuple(sorted(rubric.criteria, key=lambda criterion: criterion.id not in first))}
    )
