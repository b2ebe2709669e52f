"""One job in, one grade report out; no input or output of its own but the kernel that it opens.

`grade_one` runs the notebook behind walls, puts each criterion's questions to the live kernel, and lets the
criterion judge. A criterion that crashes is our fault: `judge_error`, no points either way.
"""

from __future__ import annotations

import hashlib
import json
import time
import traceback
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import numpy as np

from grader import scoring
from grader.errors import CatalogError
from grader.model.evidence import Evidence, SourceCell
from grader.model.execution import Execution
from grader.model.exercise import Exercise
from grader.model.judgement import Judgement
from grader.model.probe import Observation, Probe
from grader.model.report import CriterionResult, GradeReport, Job, ReferenceAnswers
from grader.model.rubric import Criterion
from grader.model.text import Text, say
from grader.model.verdict import Verdict
from grader.sandbox import Kernel, open_kernel

NO_SCORE = (Verdict.NEEDS_REVIEW, Verdict.JUDGE_ERROR)
MOST_KEPT = 200
"""Criteria whose questions are kept."""

_PROBES: dict[tuple[type[Criterion], str, str], tuple[Probe, ...]] = {}


def grade_one(job: Job) -> GradeReport:
    """Execute, ask, judge, score.

    Raises: SandboxError when the kernel cannot be started (the caller makes it a `judge_error` report).
    """
    packed = job.submission.notebook
    if packed is None:
        return report_without_kernel(job, Verdict.NEEDS_REVIEW, _unreadable(job))
    started = time.monotonic()
    rubric = job.exercise.rubric
    with open_kernel(
        tier=job.tier, limits=rubric.limits, seed=kernel_seed(job), preload=rubric.preload
    ) as kernel:
        execution = kernel.execute(packed.text)
        interview = _Interview(
            job,
            kernel,
            execution,
            started + rubric.limits.total_s,
            source=read_cells(packed.text),
            handout={c.grade_id: c.text for c in read_cells(job.exercise.handout) if c.grade_id},
        )
        results = interview.hold()
    return _report(job, results, execution=execution, wall_s=time.monotonic() - started)


def report_without_kernel(job: Job, verdict: Verdict, summary: Text, staff_note: str = "") -> GradeReport:
    """A report in which no criterion could be judged: `needs_review` or `judge_error` throughout."""
    judgement = Judgement(verdict=verdict, score=None, summary=summary, staff_note=staff_note)
    results = [scoring.score_criterion(c, judgement) for c in job.exercise.rubric.criteria]
    return _report(job, results, execution=None, wall_s=0.0)


def ask_reference(exercise: Exercise, *, seed: int, tier: str) -> ReferenceAnswers:
    """Execute the reference in a sandbox of its own and put the same questions to it.

    Raises: CatalogError when the reference does not run; SandboxError when no kernel starts.
    """
    rubric = exercise.rubric
    answers: dict[str, Observation] = {}
    with open_kernel(tier=tier, limits=rubric.limits, seed=seed, preload=rubric.preload) as kernel:
        execution = kernel.execute(exercise.reference)
        failure = execution.first_failure
        if failure is not None:
            reason = f"{failure.error.name}: {failure.error.message}" if failure.error else failure.ended
            raise CatalogError(
                f"reference/{exercise.id}/{exercise.id}.ipynb: cell {failure.index + 1}: {reason};"
                " the reference must run without errors."
            )
        for probe in _in_order(exercise, seed):
            if probe.ask != "student":
                answers[probe.id] = kernel.ask(probe)
    return ReferenceAnswers(key=reference_key(exercise, seed), answers=answers)


def reference_key(exercise: Exercise, seed: int) -> str:
    """SHA-256 over the reference, the questions and the libraries that compute the answers."""
    digest = hashlib.sha256(exercise.reference_sha256.encode())
    for name in ("torch", "numpy"):
        digest.update(f"{name}={version(name)};".encode())
    for probe in _in_order(exercise, seed):
        digest.update(probe.model_dump_json().encode())
    return digest.hexdigest()


def probes_of(criterion: Criterion, exercise: Exercise, seed: int) -> tuple[Probe, ...]:
    """One criterion's questions; random, but the same for the same seed, exercise and criterion.

    They are kept for the next submission: to find good ones can take longer than to judge the answers.
    """
    place = f"{seed}/{exercise.id}/{criterion.id}"
    key = (type(criterion), place, criterion.model_dump_json())
    if key not in _PROBES:
        if len(_PROBES) >= MOST_KEPT:
            _PROBES.clear()
        digest = hashlib.sha256(place.encode()).digest()
        _PROBES[key] = criterion.probes(np.random.default_rng(int.from_bytes(digest[:16], "big")))
    return _PROBES[key]


@dataclass
class _Interview:
    """The questions to one kernel, criterion by criterion."""

    job: Job
    kernel: Kernel
    execution: Execution
    deadline: float
    """On the monotonic clock."""
    source: tuple[SourceCell, ...]
    handout: dict[str, str]
    """Grade id to the text that students got."""
    answers: dict[str, Observation] = field(default_factory=dict)
    results: list[CriterionResult] = field(default_factory=list)

    def hold(self) -> list[CriterionResult]:
        exercise = self.job.exercise
        questions = {c.id: probes_of(c, exercise, self.job.seed) for c in exercise.rubric.criteria}
        for probe in _for_student(p for probes in questions.values() for p in probes):
            if probe.reads_state:
                self._ask(probe)
        for criterion in exercise.rubric.criteria:
            judgement = self._blocked(criterion)
            if judgement is None:
                judgement = self._question(criterion, questions[criterion.id])
            self.results.append(scoring.score_criterion(criterion, judgement))
        return self.results

    def _blocked(self, criterion: Criterion) -> Judgement | None:
        for result in self.results:
            verdict = result.judgement.verdict
            right = verdict in (Verdict.ACCEPTED, Verdict.PARTIALLY_ACCEPTED, *NO_SCORE)
            if result.id in criterion.depends and not right:
                if verdict is Verdict.NOT_ATTEMPTED:
                    return result.judgement
                return Judgement(
                    verdict=Verdict.SKIPPED,
                    score=0,
                    summary=say("Not judged, because “{title}” failed.", title=result.title),
                    look_at=say("Mend “{title}” first; this one rests on it.", title=result.title),
                )
        return None

    def _question(self, criterion: Criterion, probes: tuple[Probe, ...]) -> Judgement:
        evidence = self._evidence()
        try:
            for probe in _for_student(probes):
                if criterion.is_settled(evidence.of(criterion.id), self.job.reference.answers):
                    break
                if probe.id not in self.answers:
                    self._ask(probe)
                    evidence = self._evidence()
            return criterion.judge(evidence)
        except Exception:  # noqa: BLE001  a criterion's crash is ours and must cost the student nothing
            return Judgement(
                verdict=Verdict.JUDGE_ERROR,
                score=None,
                summary=say("The grader could not judge this; a person will look at it."),
                staff_note=traceback.format_exc(),
            )

    def _ask(self, probe: Probe) -> None:
        left = self.deadline - time.monotonic()
        if left <= 0:
            detail = "the time for the whole submission was used up"
            self.answers[probe.id] = Observation(probe=probe.id, outcome="timed_out", detail=detail)
            return
        hurried = probe.model_copy(update={"timeout_s": min(probe.timeout_s, left)})
        self.answers[probe.id] = self.kernel.ask(hurried)

    def _evidence(self) -> Evidence:
        return Evidence(
            execution=self.execution,
            source=self.source,
            handout=self.handout,
            answers=dict(self.answers),
            reference=self.job.reference.answers,
        )


def read_cells(notebook: str) -> tuple[SourceCell, ...]:
    """The cells of a notebook in nbformat 4 JSON, as they were handed in."""
    return tuple(_cell(index, cell) for index, cell in enumerate(json.loads(notebook)["cells"]))


def _cell(index: int, cell: dict[str, Any]) -> SourceCell:
    source = cell.get("source", "")
    nbgrader = cell.get("metadata", {}).get("nbgrader")
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    return SourceCell(
        index=index,
        kind=cell["cell_type"],
        grade_id=grade_id if isinstance(grade_id, str) else None,
        text=source if isinstance(source, str) else "".join(source),
    )


def _in_order(exercise: Exercise, seed: int) -> list[Probe]:
    probes = [p for c in exercise.rubric.criteria for p in probes_of(c, exercise, seed)]
    return sorted(probes, key=lambda probe: not probe.reads_state)


def _for_student(probes: Iterable[Probe]) -> Iterable[Probe]:
    return (probe for probe in probes if probe.ask != "reference")


def kernel_seed(job: Job) -> int:
    """What a submission's kernel is seeded with: the same for the same notebook and run."""
    digest = hashlib.sha256(f"{job.seed}/{job.submission.sha256}".encode()).digest()
    return int.from_bytes(digest[:4], "big")


def _unreadable(job: Job) -> Text:
    return job.submission.problem or say("The notebook could not be read.")


def _report(
    job: Job, results: list[CriterionResult], *, execution: Execution | None, wall_s: float
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
        tier=job.tier,
        late=submission.late,
        verdict=scoring.overall_verdict(results),
        points=scoring.total(results),
        undecided=scoring.undecided(results),
        out_of=job.exercise.rubric.out_of,
        criteria=tuple(results),
        execution=execution,
        problem=submission.problem,
        notices=submission.notices,
        wall_s=wall_s,
        graded_at=datetime.now(UTC),
    )
