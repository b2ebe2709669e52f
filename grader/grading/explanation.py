"""One criterion's judgement done again, with all that led to it: for the staff."""

from __future__ import annotations

from grader.grading.questions import probes_of
from grader.grading.submission import judged_whole
from grader.model.base import Frozen
from grader.model.execution import Execution
from grader.model.gpu_run import GpuRun
from grader.model.probe import Observation, Probe
from grader.model.report import CriterionResult, Job


class Question(Frozen):
    """One probe, and what came back."""

    probe: Probe
    answer: Observation | None
    """None where it was not put: the criterion was settled before, or blocked."""
    reference: Observation | None
    """None where the reference is not asked."""


class Explanation(Frozen):
    """All that one criterion saw, and what it made of it."""

    result: CriterionResult
    """As it is judged now."""
    questions: tuple[Question, ...]
    execution: Execution
    """Without the notebook."""
    gpu: GpuRun | None
    """The second run, where the criterion wanted one; without the notebook."""


def explain(job: Job, criterion: str) -> Explanation:
    """Run, ask and judge again as `grade_one` does; by the same seed the same is asked.

    Raises: SandboxError; KeyError when the rubric has no such criterion.
    """
    packed = job.submission.notebook
    spec = {c.id: c for c in job.exercise.rubric.criteria}[criterion]
    if packed is None:
        raise ValueError("a notebook that cannot be read has nothing to explain")
    interview, results = judged_whole(job, packed.text)
    gpu = interview.gpu_runs.get(criterion)
    answers = {**interview.answers, **(gpu.answers if gpu else {})}
    return Explanation(
        result=next(result for result in results if result.id == criterion),
        questions=tuple(
            Question(
                probe=probe,
                answer=answers.get(probe.id),
                reference=job.reference.answers.get(probe.id),
            )
            for probe in probes_of(spec, job.exercise, job.seed)
        ),
        execution=_light(interview.execution),
        gpu=gpu and gpu.model_copy(update={"execution": gpu.execution and _light(gpu.execution)}),
    )


def _light(execution: Execution) -> Execution:
    return execution.model_copy(update={"notebook": ""})
