"""One job in, one grade report out; no input or output of its own but the kernels that it opens.

`grade_one` runs the notebook behind walls, puts each criterion's questions to the live kernel, and lets the
criterion judge. A criterion that crashes is our fault: `judge_error`, no points either way.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial

from grader import scoring
from grader.grading.curves import curve_probes, curves_of
from grader.grading.gpu import run_with_gpu
from grader.grading.interview import Interview
from grader.grading.judging_again import followed_through
from grader.grading.questions import kernel_seed, questions_of
from grader.grading.running import run_notebook
from grader.grading.source import read_cells
from grader.model import totals
from grader.model.curve import Curve
from grader.model.execution import CellRun, Execution
from grader.model.finding import Finding
from grader.model.judgement import Judgement
from grader.model.probe import Probe
from grader.model.report import CriterionResult, GradeReport, Job
from grader.model.text import Text, say
from grader.model.verdict import Verdict

_LIVES_ON = ("completed", "raised", "time_limit_exceeded")
"""How a cell may end without the kernel."""


def grade_one(job: Job, *, warm: bool = True, pictures: bool = True) -> GradeReport:
    """Execute, ask, judge, score; `warm` and `pictures` as for `open_kernel`: no outcome depends on them.

    Raises: SandboxError when the kernel cannot be started (the caller makes it a `judge_error` report).
    """
    packed = job.submission.notebook
    if packed is None:
        return report_without_kernel(job, Verdict.NEEDS_REVIEW, _unreadable(job))
    started = time.monotonic()
    interview, results = judged_whole(job, packed.text, warm=warm, pictures=pictures)
    curves = curves_of(curve_probes(job.exercise, job.seed), interview.answers, job.reference.curves)
    wall_s = time.monotonic() - started
    return _report(
        job,
        results,
        execution=interview.execution,
        wall_s=wall_s,
        curves=curves,
        repairs=interview.repairs,
        notices=interview.notices,
    )


def judged_whole(
    job: Job, notebook: str, *, warm: bool = True, pictures: bool = True
) -> tuple[Interview, list[CriterionResult]]:
    """The interview of one notebook, and all results with their follow-through marks. Raises: SandboxError."""
    interview, results = hold_interview(job, notebook, warm=warm, pictures=pictures)

    def judge(
        again: Job, put_right: str, questions: Mapping[str, tuple[Probe, ...]]
    ) -> list[CriterionResult]:
        return hold_interview(again, put_right, questions=questions, warm=warm, pictures=False)[1]

    if any(cell.ended not in _LIVES_ON for cell in interview.execution.cells):
        return interview, results  # what failed then shows no slip, and would fail again
    return interview, followed_through(job, interview.notebook, results, interview.deadline, judge)


def hold_interview(
    job: Job,
    notebook: str,
    *,
    questions: Mapping[str, tuple[Probe, ...]] | None = None,
    hear: Callable[[int | CellRun | CriterionResult], None] = lambda _: None,
    enough: Callable[[CriterionResult], bool] = lambda _: False,
    warm: bool = True,
    pictures: bool = True,
    inputs_are_public: bool = False,
) -> tuple[Interview, list[CriterionResult]]:
    """Run the notebook behind walls, ask it all, and judge it by every criterion; the interview keeps what was said.

    A damaged notebook is repaired first, where the rubric does not forbid it; the interview tells what was done.

    `questions`: by criterion, where they are not drawn from the job's seed. `hear` gets the index of each cell that
    begins, how it went, and each result. After the first result that is `enough`, nothing more is asked or judged.
    `inputs_are_public`: students have the inputs of these questions, and may read all that their code says of them.
    Raises: SandboxError.
    """
    deadline = time.monotonic() + job.exercise.rubric.limits.total_s
    seed = kernel_seed(job)
    with run_notebook(job, notebook, seed, hear=hear, warm=warm, pictures=pictures) as (kernel, ran):
        execution = ran.execution
        interview = Interview(
            job,
            kernel,
            execution,
            deadline,
            source=read_cells(ran.notebook),
            notebook=ran.notebook,
            repairs=ran.repairs,
            handout={c.grade_id: c.text for c in read_cells(job.exercise.handout) if c.grade_id},
            questions=questions_of(job.exercise, job.seed) if questions is None else questions,
            hear=hear,
            enough=enough,
            inputs_are_public=inputs_are_public,
        )
        interview.hold()
    return interview, interview.finish(
        partial(run_with_gpu, job, ran.text_run, seed, warm, execution, deadline)
    )


def report_without_kernel(job: Job, verdict: Verdict, summary: Text, staff_note: str = "") -> GradeReport:
    """A report in which no criterion could be judged: `needs_review` or `judge_error` throughout."""
    judgement = Judgement(verdict=verdict, score=None, summary=summary, staff_note=staff_note)
    results = [scoring.score_criterion(c, judgement) for c in job.exercise.rubric.criteria]
    return _report(job, results, execution=None, wall_s=0.0)


def _unreadable(job: Job) -> Text:
    return job.submission.problem or say("The notebook could not be read.")


def _report(
    job: Job,
    results: list[CriterionResult],
    *,
    execution: Execution | None,
    wall_s: float,
    curves: tuple[Curve, ...] = (),
    repairs: tuple[Finding, ...] = (),
    notices: tuple[Text, ...] = (),
) -> GradeReport:
    submission = job.submission
    return GradeReport(
        student=submission.student,
        name=submission.name,
        exercise=job.exercise.id,
        path=submission.path,
        notebook_sha256=submission.sha256,
        rubric_version=job.exercise.rubric_version,
        seed=job.seed,
        tier=job.walls,
        late=submission.late,
        content_sha256=submission.content_sha256,
        members=submission.members,
        handed_in_at=submission.handed_in_at,
        verdict=totals.overall_verdict(results),
        points=totals.total(results),
        undecided=totals.undecided(results),
        out_of=job.exercise.rubric.out_of,
        criteria=tuple(results),
        execution=execution,
        problem=submission.problem,
        notices=submission.notices + notices,
        repairs=repairs,
        curves=curves,
        wall_s=wall_s,
        graded_at=datetime.now(UTC),
    )
