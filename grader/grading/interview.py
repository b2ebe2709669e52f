"""The questions to one kernel, criterion by criterion, and what each criterion makes of the answers."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from grader import scoring
from grader.criteria.default_dtype import default_dtype_notice
from grader.errors import SandboxError
from grader.grading.concealing import Concealing
from grader.grading.lacks import Lacks
from grader.grading.placing import placed
from grader.model.evidence import Evidence, SourceCell
from grader.model.execution import Execution
from grader.model.finding import Finding
from grader.model.gpu_run import GpuRun, Shortening
from grader.model.judgement import Judgement
from grader.model.probe import Observation, Probe
from grader.model.report import CriterionResult, Job
from grader.model.rubric import Criterion
from grader.model.text import Text, say
from grader.model.verdict import Verdict
from grader.sandbox import Respondent

NO_SCORE = (Verdict.NEEDS_REVIEW, Verdict.JUDGE_ERROR)
GpuRunner = Callable[[tuple[Probe, ...], Shortening], GpuRun]
"""Runs the notebook once more with a CUDA device, kept so short, and asks there."""


@dataclass
class Interview:
    """One submission's, in two parts: `hold` while its kernel lives, `finish` when it is gone."""

    job: Job
    kernel: Respondent
    execution: Execution
    deadline: float
    """On the monotonic clock."""
    source: tuple[SourceCell, ...]
    handout: dict[str, str]
    """Grade id to the text that students got."""
    questions: Mapping[str, tuple[Probe, ...]]
    """By criterion."""
    hear: Callable[[CriterionResult], None] = lambda _: None
    """Gets each result as it comes."""
    answers: dict[str, Observation] = field(default_factory=dict)
    results: dict[str, CriterionResult] = field(default_factory=dict)
    gpu_runs: dict[str, GpuRun] = field(default_factory=dict)
    """The last second run that each criterion wanted."""
    enough: Callable[[CriterionResult], bool] = lambda _: False
    """Whether, after this result, nothing more need be asked or judged."""
    inputs_are_public: bool = False
    """Whether students have the questions' inputs, so that nothing in the answers need be concealed."""
    notebook: str = ""
    """As it ran, nbformat 4 JSON."""
    repairs: tuple[Finding, ...] = ()
    """What was found damaged in the notebook, and what was done before it ran."""

    @property
    def notices(self) -> tuple[Text, ...]:
        """What the student is told of the notebook as a whole."""
        told = default_dtype_notice(self.source, self.answers.values())
        return () if told is None else (told,)

    def hold(self) -> None:
        """Ask this kernel all that is asked of it; judge what needs no second run."""
        for probes in self.questions.values():
            self._ask([probe for probe in _for_kernel(probes) if probe.reads_state])
        for criterion in self.job.exercise.rubric.criteria:
            blocked = self._blocked(criterion)
            if blocked is None:
                self._put(criterion, self.questions[criterion.id])
            if not criterion.looks_at_gpus:
                self._note(criterion, blocked or self._judged(criterion, self._evidence()))
                if self.enough(self.results[criterion.id]):
                    return

    def finish(self, run_with_gpu: GpuRunner) -> list[CriterionResult]:
        """Judge what wants the second run; all results that there are, in the rubric's order."""
        for criterion in self.job.exercise.rubric.criteria:
            if criterion.looks_at_gpus and not any(map(self.enough, self.results.values())):
                judgement = self._blocked(criterion) or self._judged_with_gpu(criterion, run_with_gpu)
                self._note(criterion, judgement)
        criteria = self.job.exercise.rubric.criteria
        return [self.results[criterion.id] for criterion in criteria if criterion.id in self.results]

    def _note(self, criterion: Criterion, judgement: Judgement) -> None:
        questions = self.questions[criterion.id]
        if self._concealing is not None:
            judgement = self._concealing.worded(judgement, questions)
        found = placed(judgement, criterion.task, questions, self.source, self.handout)
        found = self._lacks.excused(found, criterion, questions, self._lacking(self.answers))
        gpu = self.gpu_runs.get(criterion.id)
        if gpu is not None and gpu.execution is not None:
            found = Lacks(gpu.execution, self.source).excused(
                found, criterion, questions, self._lacking(gpu.answers)
            )
        self.results[criterion.id] = scoring.score_criterion(criterion, found)
        self.hear(self.results[criterion.id])

    @cached_property
    def _concealing(self) -> Concealing | None:
        if self.inputs_are_public:
            return None
        return Concealing(self.source, self.job.exercise.rubric.criteria, self.questions)

    def _shown(self, answers: Mapping[str, Observation]) -> dict[str, Observation]:
        """Without what the student's code may have written the hidden inputs into."""
        hide = self._concealing
        return dict(answers) if hide is None else {id_: hide.of(seen) for id_, seen in answers.items()}

    def _lacking(self, answers: Mapping[str, Observation]) -> dict[str, Observation]:
        hide = self._concealing
        return dict(answers) if hide is None else {id_: hide.lacking(seen) for id_, seen in answers.items()}

    @cached_property
    def _lacks(self) -> Lacks:
        return Lacks(self.execution, self.source)

    def _blocked(self, criterion: Criterion) -> Judgement | None:
        for result in self.results.values():
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

    def _put(self, criterion: Criterion, probes: tuple[Probe, ...]) -> None:
        missing = [probe for probe in _for_kernel(probes) if probe.id not in self.answers]
        most = 1 if criterion.asks_one_by_one else None
        self._ask(missing, most, lambda: self._is_settled(criterion))

    def _is_settled(self, criterion: Criterion) -> bool:
        try:
            return criterion.is_settled(self._evidence().of(criterion.id), self.job.reference.answers)
        except Exception:  # noqa: BLE001  its judgement will meet the same, and tell
            return True

    def _judged_with_gpu(self, criterion: Criterion, run_with_gpu: GpuRunner) -> Judgement:
        evidence = self._evidence()
        probes = tuple(p for p in self.questions[criterion.id] if p.world == "gpu")
        try:
            shorten = criterion.gpu_run_wanted(evidence)
            while shorten is not None:
                run = self.gpu_runs[criterion.id] = run_with_gpu(probes, shorten)
                shown = run.model_copy(update={"answers": self._shown(run.answers)})
                evidence = evidence.model_copy(update={"gpu": shown})
                shorten = criterion.gpu_run_wanted(evidence)
            return criterion.judge(evidence)
        except SandboxError:
            raise
        except Exception:  # noqa: BLE001  as in `_judged`
            return _crashed()

    def _judged(self, criterion: Criterion, evidence: Evidence) -> Judgement:
        try:
            return criterion.judge(evidence)
        except Exception:  # noqa: BLE001  a criterion's crash is ours and must cost the student nothing
            return _crashed()

    def _ask(
        self, probes: Sequence[Probe], most: int | None = None, is_over: Callable[[], bool] = lambda: False
    ) -> None:
        """Ask at most so many at a time; what follows the answer after which all is over is not looked at."""
        if is_over():
            return
        for observation in ask_in_time(self.kernel, probes, self.deadline, most):
            self.answers[observation.probe] = observation
            if is_over():
                return

    def _evidence(self) -> Evidence:
        return Evidence(
            execution=self.execution,
            source=self.source,
            handout=self.handout,
            answers=self._shown(self.answers),
            reference=self.job.reference.answers,
        )


def ask_in_time(
    kernel: Respondent, probes: Sequence[Probe], deadline: float, most: int | None = None
) -> Iterator[Observation]:
    """An answer to each, at most so many in one request, none later than `deadline` on the monotonic clock."""
    left = list(probes)
    while left:
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            detail = "the time for the whole submission was used up"
            seen = [Observation(probe=left[0].id, outcome="timed_out", detail=detail)]
        else:
            timed = [p.model_copy(update={"timeout_s": min(p.timeout_s, left_s)}) for p in left[:most]]
            seen = kernel.ask_together(timed)
        yield from seen
        left = left[len(seen) :]


def _crashed() -> Judgement:
    return Judgement(
        verdict=Verdict.JUDGE_ERROR,
        score=None,
        summary=say("The grader could not judge this; a person will look at it."),
        staff_note=traceback.format_exc(),
    )


def _for_kernel(probes: Iterable[Probe]) -> Iterable[Probe]:
    return (probe for probe in probes if probe.ask != "reference" and probe.world == "plain")
