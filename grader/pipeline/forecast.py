"""What a class will take: one sample graded, and seconds a notebook from it or from the grade book."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import mean

from grader.config import Settings
from grader.errors import GraderError
from grader.executors.capacity import capacity, job_bytes, warm_bytes
from grader.model.exercise import Exercise
from grader.model.packed import Packed
from grader.model.report import GradeReport
from grader.model.submission import Submission
from grader.model.text import say
from grader.pipeline.jobs import Jobs
from grader.pipeline.places import open_executor
from grader.pipeline.run import Plan
from grader.sandbox import folders
from grader.store import GradeBook, JobKey


@dataclass(frozen=True)
class Forecast:
    """How long grading will take here."""

    notebooks: int
    """To be graded; those that are graded already are not among them."""
    known: int
    jobs: int
    """At a time."""
    cores: int
    seconds: float


def grade_sample(settings: Settings, exercise: Exercise, tier: str) -> GradeReport:
    """Grade the reference of an exercise as if a student had handed it in; nothing of it is kept.

    Raises: GraderError when the reference does not run, or the walls fail.
    """
    submission = Submission(
        student="sample",
        name="sample",
        exercise=exercise.id,
        path=f"{exercise.id}.ipynb",
        sha256=exercise.reference_sha256,
        notebook=Packed.of(exercise.reference),
    )
    alone = settings.model_copy(update={"jobs": 1, "dask": None})
    with (
        folders.temporary(tempfile.gettempdir()) as folder,
        GradeBook.open(f"sqlite:///{folder / 'grades.db'}") as book,
        open_executor(alone, tier, [exercise.rubric], lambda _: None) as executor,
    ):
        jobs = Jobs([exercise], seed=settings.seed, tier=tier, executor=executor)
        jobs.ask_references([submission], book)
        key = JobKey.of(submission, exercise, seed=settings.seed, tier=tier)
        for _, report in jobs.grade({key: submission}):
            return report
    raise GraderError(say("The reference of {exercise} was not graded.", exercise=exercise.id))


def seconds_by_exercise(settings: Settings) -> dict[str, float]:
    """The mean of what notebooks of each exercise took, of the grades that stand; empty without a grade book."""
    if not GradeBook.exists(settings.db):
        return {}
    taken: dict[str, list[float]] = {}
    with GradeBook.open(settings.db) as book:
        for report in book.reports():
            if report.execution is not None:
                taken.setdefault(report.exercise, []).append(report.wall_s)
    return {exercise: mean(seconds) for exercise, seconds in taken.items()}


def forecast(plan: Plan, seconds: Mapping[str, float]) -> Forecast:
    """Of a plan; an exercise of which nothing is known takes the mean of the others."""
    readable = Counter(s.exercise for s in plan.todo.values() if s.notebook is not None)
    preloads = len({e.rubric.preload for e in plan.exercises if e.id in readable})
    shared = warm_bytes(preloads) if plan.tier == "strong" else 0
    bears = capacity(job_bytes(preloads) - shared, shared)
    jobs = plan.settings.jobs or bears.jobs
    usual = sum(seconds.values()) / len(seconds) if seconds else 0.0
    work = sum(count * seconds.get(exercise, usual) for exercise, count in readable.items())
    longest = max((seconds.get(exercise, usual) for exercise in readable), default=0.0)
    return Forecast(
        notebooks=len(plan.todo),
        known=len(plan.known),
        jobs=jobs,
        cores=bears.cores,
        seconds=max(work / jobs, longest),
    )
