"""Makes jobs of submissions, has them done by an executor, and makes a `judge_error` of what the grader fails at."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from grader.errors import CatalogError
from grader.executors import Executor
from grader.grading import (
    Explanation,
    ask_reference,
    explain,
    grade_one,
    reference_key,
    report_without_kernel,
)
from grader.model.exercise import Exercise
from grader.model.report import GradeReport, Job, ReferenceAnswers
from grader.model.submission import Submission
from grader.model.text import say
from grader.model.verdict import Verdict
from grader.store import GradeBook, JobKey

_NO_ANSWERS = ReferenceAnswers(key="", answers={})
_PASSING = ("timed_out", "out_of_memory", "out_of_processes", "out_of_disk", "kernel_died", "refused")


class Jobs:
    """The jobs of one run."""

    def __init__(
        self,
        exercises: Iterable[Exercise],
        *,
        seed: int,
        tier: str,
        executor: Executor,
        real_gpu: bool = False,
    ) -> None:
        self._exercises = {exercise.id: exercise for exercise in exercises}
        self._seed, self._tier, self._executor, self._real_gpu = seed, tier, executor, real_gpu
        self._answers: dict[str, ReferenceAnswers] = {}
        self._failures: dict[str, Exception] = {}

    def ask_references(self, submissions: Iterable[Submission], book: GradeBook) -> None:
        """Get the answers of every reference that is needed: from the grade book where it was asked before.

        One that the grader fails to ask makes its exercise's jobs `judge_error`, and stops no other exercise.
        Raises: CatalogError when a reference does not run: the teacher must mend it first.
        """
        needed = sorted({s.exercise for s in submissions if s.notebook is not None})
        unasked: list[Exercise] = []
        for exercise in (self._exercises[id_] for id_ in needed):
            kept = book.reference(reference_key(exercise, self._seed))
            if kept is None:
                unasked.append(exercise)
            else:
                self._answers[exercise.id] = kept
        ask = partial(ask_reference, seed=self._seed, tier=self._tier)
        for outcome in self._executor.run(ask, unasked):
            if isinstance(outcome.error, CatalogError):
                raise outcome.error
            if outcome.error is not None:
                self._failures[outcome.item.id] = outcome.error
            elif outcome.result is not None:
                self._answers[outcome.item.id] = outcome.result
                if _is_lasting(outcome.result):
                    book.save_reference(outcome.result)

    def grade(self, todo: Mapping[JobKey, Submission]) -> Iterator[tuple[JobKey, GradeReport]]:
        """The grades as they come; a job is made when there is a place for it, so that few are held at a time.

        Exercises whose reference took longest come first: at the end no place waits long for another.
        """
        keys = {(key.student, key.exercise): key for key in todo}
        for key, submission in todo.items():
            if submission.notebook is None:
                yield key, grade_one(self._job(submission))
            elif failure := self._failures.get(submission.exercise):
                yield key, judge_error(self._job(submission), failure)
        judged = (s for s in todo.values() if s.notebook is not None and s.exercise in self._answers)
        longest_first = sorted(judged, key=lambda s: -self._answers[s.exercise].wall_s)
        jobs = (self._job(submission, self._answers[submission.exercise]) for submission in longest_first)
        for outcome in self._executor.run(grade_one, jobs):
            submission = outcome.item.submission
            report = outcome.result or judge_error(outcome.item, outcome.error)
            yield keys[submission.student, submission.exercise], report

    def explain(self, submission: Submission, criterion: str) -> Explanation:
        """Judge one submission's one criterion again, all that was asked and answered kept.

        Raises: whatever the job raised; SandboxError, WorkerDiedError.
        """
        if (failure := self._failures.get(submission.exercise)) is not None:
            raise failure
        job = self._job(submission, self._answers[submission.exercise])
        for outcome in self._executor.run(partial(explain, criterion=criterion), [job]):
            if outcome.result is not None:
                return outcome.result
            if outcome.error is not None:
                raise outcome.error
        raise AssertionError("an executor gives an outcome for each item")

    def _job(self, submission: Submission, answers: ReferenceAnswers = _NO_ANSWERS) -> Job:
        return Job(
            submission=submission,
            exercise=self._exercises[submission.exercise],
            reference=answers,
            seed=self._seed,
            tier=self._tier,
            real_gpu=self._real_gpu,
        )


def judge_error(job: Job, error: Exception | None) -> GradeReport:
    """The report of a job that the grader failed at: no points either way, and the reason for the staff."""
    summary = say("The grader could not judge this; a person will look at it.")
    return report_without_kernel(job, Verdict.JUDGE_ERROR, summary, _note(error))


def _note(error: Exception | None) -> str:
    """The traceback: the one in the worker, where the error comes from one."""
    if error is None:
        return ""
    if error.__cause__ is not None:
        return str(error.__cause__).strip('\n"')
    return "".join(traceback.format_exception(error)).strip()


def _is_lasting(answers: ReferenceAnswers) -> bool:
    """Whether asking again would bring the same: a machine that was busy or full is no reason to keep its answers."""
    return not any(answer.outcome in _PASSING for answer in answers.answers.values())
