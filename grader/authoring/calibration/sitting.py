"""One kernel: the notebook is run once, then asked the criterion's own questions, and every training is looked at.

The questions are those of a grading with the sitting's number as its seed; only that a grading stops at the first
success, and here all starts are asked. Runs in a worker; each start is written down as soon as it is known.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

from grader.authoring.calibration.cases import Case
from grader.authoring.calibration.record import append
from grader.authoring.calibration.starts import Start
from grader.criteria.loss_threshold import EARLY, LossThreshold, same_weights
from grader.criteria.readings import entries_of, numbers
from grader.criteria.recorded_trainings import TRAININGS
from grader.errors import CatalogError
from grader.grading.questions import probes_of
from grader.grading.reference import ask_all
from grader.grading.source import read_cells
from grader.model.evidence import Evidence
from grader.model.execution import Execution
from grader.model.exercise import Exercise
from grader.model.judgement import Judgement
from grader.model.probe import Observation, Probe
from grader.model.text import say
from grader.sandbox import LiveKernel, open_kernel

_BREAKING = ("timed_out", "out_of_memory", "out_of_processes", "out_of_disk", "kernel_died", "refused")
"""After these a kernel is not asked on: it may be gone, or not what it was."""

Answers = Mapping[str, Observation]


@dataclass(frozen=True)
class Question:
    """What one sitting asks a student's kernel."""

    sitting: int
    early: Probe | None
    starts: tuple[Probe, ...]
    digests: tuple[str, ...]
    """SHA-256 of each start's question."""
    reference: Answers
    """What the reference answered."""


@dataclass(frozen=True)
class SittingJob:
    """Some sittings of one notebook, for one kernel."""

    exercise: Exercise
    case: Case
    questions: tuple[Question, ...]
    known: frozenset[tuple[int, int]]
    """Sitting and number of the starts that are not to be asked again."""
    tier: str
    record: Path


def question_of(criterion: LossThreshold, exercise: Exercise, sitting: int, reference: Answers) -> Question:
    """What a grading with this seed asks, apart from what it asks the reference."""
    probes = [p for p in probes_of(criterion, exercise, sitting) if p.ask != "reference"]
    early = next((p for p in probes if p.id == f"{criterion.id}/{EARLY}"), None)
    starts = tuple(p for p in probes if p is not early and not p.id.endswith(f"/{TRAININGS}"))
    beside = ";".join(
        (early.code if early else "", *(f"{name}={version(name)}" for name in ("torch", "numpy")))
    )
    digests = (hashlib.sha256(f"{beside};{p.model_dump_json()}".encode()).hexdigest() for p in starts)
    return Question(sitting, early, starts, tuple(digests), reference)


def key_of(case: Case, question: Question, number: int) -> str:
    """What a start is kept by: all that it hangs on; thresholds and the number of starts are not among it."""
    return hashlib.sha256(f"{case.criterion};{case.sha256};{question.digests[number]}".encode()).hexdigest()


def ask_reference(
    exercise: Exercise, criterion: LossThreshold, sittings: range, tier: str
) -> dict[int, Answers]:
    """The reference's answers, by sitting, from one kernel; raises CatalogError when the reference does not run."""
    rubric = exercise.rubric
    with open_kernel(
        tier=tier, limits=rubric.limits, seed=0, preload=rubric.preload, pictures=False
    ) as kernel:
        failure = kernel.execute(exercise.reference).first_failure
        if failure is not None:
            raise CatalogError(
                say(
                    "reference/{exercise}/{exercise}.ipynb: cell {cell} fails; the reference must run.",
                    exercise=exercise.id,
                    cell=failure.index + 1,
                )
            )
        questions = {
            sitting: [p for p in probes_of(criterion, exercise, sitting) if p.ask != "student"]
            for sitting in sittings
        }
        return {sitting: ask_all(kernel, probes) for sitting, probes in questions.items()}


def sit(job: SittingJob) -> tuple[Start, ...]:
    """Ask until all is asked, or the kernel's time is nearly used up, or the kernel is.

    Raises: SandboxError when no kernel starts.
    """
    began = time.monotonic()
    limits = job.exercise.rubric.limits
    found: list[Start] = []
    seed = int(hashlib.sha256(f"{job.questions[0].sitting}/{job.case.sha256}".encode()).hexdigest()[:8], 16)
    preload = job.exercise.rubric.preload
    with open_kernel(tier=job.tier, limits=limits, seed=seed, preload=preload, pictures=False) as kernel:
        sitting = _Sitting(job, kernel, kernel.execute(job.case.notebook))
        longest = 0.0
        for question in job.questions:
            for number in range(len(question.starts)):
                if (question.sitting, number) in job.known:
                    continue
                if found and time.monotonic() - began > limits.total_s - 2 * longest:
                    return tuple(found)
                start, outcome = sitting.ask(question, number)
                append(job.record, start)
                found.append(start)
                longest = max(longest, start.wall_s)
                if outcome in _BREAKING:
                    return tuple(found)
    return tuple(found)


class _Sitting:
    """Puts starts to one kernel, and looks at each by the criterion's own eyes."""

    def __init__(self, job: SittingJob, kernel: LiveKernel, execution: Execution) -> None:
        self._job, self._kernel, self._execution = job, kernel, execution
        self._source = read_cells(job.case.notebook)
        self._handout = {c.grade_id: c.text for c in read_cells(job.exercise.handout) if c.grade_id}
        criteria = {c.id: c for c in job.exercise.rubric.criteria}
        criterion = criteria[job.case.criterion]
        assert isinstance(criterion, LossThreshold)
        self._criterion = criterion
        self._early: dict[int, Observation] = {}

    def ask(self, question: Question, number: int) -> tuple[Start, str]:
        """One training, and how its probe ended."""
        early = self._broken_off(question)
        observation = self._kernel.ask(question.starts[number])
        answered = observation.outcome == "answered"
        loss = self._criterion.loss_of(observation, question.reference) if answered else None
        start = Start(
            key=key_of(self._job.case, question, number),
            sitting=question.sitting,
            number=number,
            loss=loss,
            fault=self._judged(question, observation).verdict if loss is None else None,
            weights=_digest(observation) if answered else None,
            early_loss=None if early is None else self._criterion.loss_of(early, question.reference),
            is_near_early=early is not None and answered and same_weights(early, observation),
            wall_s=round(observation.wall_s, 3),
        )
        return start, observation.outcome

    def _broken_off(self, question: Question) -> Observation | None:
        """The training that ends at once, asked of each sitting; None where there is none, or it failed."""
        if question.early is None:
            return None
        if question.sitting not in self._early:
            self._early[question.sitting] = self._kernel.ask(question.early)
        early = self._early[question.sitting]
        return early if early.outcome == "answered" else None

    def _judged(self, question: Question, observation: Observation) -> Judgement:
        """What the criterion says where this is the only start."""
        evidence = Evidence(
            execution=self._execution,
            source=self._source,
            handout=self._handout,
            answers={observation.probe: observation},
            reference=question.reference,
        )
        return self._criterion.judge(evidence)


def _digest(observation: Observation) -> str | None:
    theta = numbers(entries_of(observation).get("theta"))
    return None if theta is None else hashlib.sha256(np.ascontiguousarray(theta).tobytes()).hexdigest()[:16]
