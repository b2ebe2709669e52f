"""Judges one criterion of a grade that stands again, by today's rubric and reference."""

from __future__ import annotations

from grader.config import Settings
from grader.errors import ConfigError
from grader.grading import Explanation
from grader.model.exercise import Exercise
from grader.model.packed import Packed
from grader.model.report import GradeReport
from grader.model.submission import Submission
from grader.model.text import say
from grader.pipeline.jobs import Jobs
from grader.pipeline.places import Notify, open_executor, settle_gpu, settle_tier
from grader.store import GradeBook


def explain_again(
    settings: Settings,
    book: GradeBook,
    report: GradeReport,
    exercise: Exercise,
    criterion: str,
    notify: Notify = lambda _: None,
) -> Explanation:
    """Run the notebook that the grade book holds once more, behind walls, with the seed of its grade.

    The grade book keeps the notebook as it ran: its cells are the student's, its outputs are replaced.
    Raises: ConfigError when no notebook is kept; CatalogError when the reference does not run; SandboxError;
    SandboxUnavailableError; ClusterError.
    """
    notebook = book.executed_notebook(report.student, report.exercise)
    if notebook is None:
        raise ConfigError(
            say(
                "The notebook of {name} for {exercise} never ran: nothing can be judged again.",
                name=report.name,
                exercise=report.exercise,
            )
        )
    submission = Submission(
        student=report.student,
        name=report.name,
        exercise=report.exercise,
        path=report.path,
        sha256=report.notebook_sha256,
        notebook=Packed.of(notebook),
        late=report.late,
        content_sha256=report.content_sha256,
        members=report.members,
    )
    tier = settle_tier(settings)
    settle_gpu(settings, tier)
    alone = settings.model_copy(update={"jobs": 1})
    with open_executor(alone, tier, [exercise.rubric], notify) as executor:
        jobs = Jobs([exercise], seed=report.seed, tier=tier, executor=executor, real_gpu=settings.real_gpu)
        jobs.ask_references([submission], book)
        return jobs.explain(submission, criterion)
