"""Measures: every case from many starts, on kernels side by side; what the record holds already is not asked again."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.authoring.calibration import record
from grader.authoring.calibration.cases import Case
from grader.authoring.calibration.sitting import Question, SittingJob, ask_reference, key_of, question_of, sit
from grader.authoring.calibration.starts import Start, is_fixed, is_hopeless
from grader.criteria.loss_threshold import LossThreshold
from grader.executors import Executor
from grader.model.exercise import Exercise

STARTS_A_KERNEL = 24
"""Two gradings' worth: few enough that a job ends within a minute or so, enough that running the notebook first does
not cost most of it."""

Tell = Callable[[Case, int], None]


@dataclass(frozen=True)
class Plan:
    """What is to be measured of one criterion."""

    exercise: Exercise
    criterion: LossThreshold
    cases: tuple[Case, ...]
    starts: int
    """Of each case, at least; whole sittings are asked."""
    seed: int
    """Number of the first sitting."""
    tier: str
    record: Path

    @property
    def a_sitting(self) -> int:
        """Starts of one sitting."""
        return 1 if self.criterion.reads_state else self.criterion.starts

    @property
    def sittings(self) -> range:
        """Their numbers, which are the seeds of the gradings that ask the same."""
        return range(self.seed, self.seed + math.ceil(self.starts / self.a_sitting))

    @property
    def wanted(self) -> int:
        """Starts of each case: whole sittings."""
        return len(self.sittings) * self.a_sitting


class Measuring:
    """The starts of one plan: those known, and those that are still to come."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._questions = {s: question_of(plan.criterion, plan.exercise, s, {}) for s in plan.sittings}
        self._cases = {
            key_of(case, question, number): case
            for case in plan.cases
            for question in self._questions.values()
            for number in range(len(question.starts))
        }
        self._found: dict[str, dict[tuple[int, int], Start]] = defaultdict(dict)
        for start in record.read(plan.record):
            self._note(start)

    def starts(self, case: Case) -> list[Start]:
        """All starts of a case that are known, in the order of the sittings."""
        return [start for _, start in sorted(self._found[case.name].items())]

    def is_done(self, case: Case) -> bool:
        """Whether nothing more is to be asked of it."""
        starts = self.starts(case)
        return len(starts) >= self.plan.wanted or is_fixed(starts) or is_hopeless(starts)

    def left(self) -> int:
        """Starts that are still to come, at most."""
        plan = self.plan
        return sum(plan.wanted - len(self._found[c.name]) for c in plan.cases if not self.is_done(c))

    def run(self, executor: Executor, tell: Tell) -> None:
        """Ask what is missing; `tell` hears of the starts of each case as they come.

        Raises: CatalogError when the reference does not run; SandboxError, WorkerDiedError when a kernel fails twice.
        """
        if not self.left():
            return
        plan = self.plan
        answers = ask_reference(plan.exercise, plan.criterion, plan.sittings, plan.tier)
        self._questions = {
            s: question_of(plan.criterion, plan.exercise, s, answers[s]) for s in plan.sittings
        }
        failures: dict[str, int] = defaultdict(int)
        while jobs := self._jobs():
            for outcome in executor.run(sit, _still_needed(jobs, self.is_done)):
                for start in outcome.result or ():
                    self._note(start)
                if outcome.error is not None:
                    failures[outcome.item.case.name] += 1
                    if failures[outcome.item.case.name] > 1:
                        raise outcome.error
                tell(outcome.item.case, len(outcome.result or ()))

    def _note(self, start: Start) -> None:
        case = self._cases.get(start.key)
        if case is not None:
            self._found[case.name][start.sitting, start.number] = start

    def _jobs(self) -> list[SittingJob]:
        plan = self.plan
        return [
            SittingJob(
                exercise=plan.exercise,
                case=case,
                questions=questions,
                known=frozenset(self._found[case.name]),
                tier=plan.tier,
                record=plan.record,
            )
            for case in plan.cases
            if not self.is_done(case)
            for questions in self._missing(case)
        ]

    def _missing(self, case: Case) -> Iterator[tuple[Question, ...]]:
        """The sittings that are not complete, as many at a time as go to one kernel."""
        found = self._found[case.name]
        open_ = [
            question
            for sitting, question in self._questions.items()
            if any((sitting, number) not in found for number in range(len(question.starts)))
        ]
        size = 1 if self.plan.criterion.reads_state else max(1, STARTS_A_KERNEL // self.plan.a_sitting)
        yield from (tuple(open_[at : at + size]) for at in range(0, len(open_), size))


def _still_needed(jobs: Iterable[SittingJob], is_done: Callable[[Case], bool]) -> Iterator[SittingJob]:
    """Drawn when a place is free: what has become clear meanwhile is not asked."""
    return (job for job in jobs if not is_done(job.case))


def sittings_of(starts: Sequence[Start]) -> list[list[Start]]:
    """Starts by sitting, each in order."""
    by_sitting: dict[int, list[Start]] = defaultdict(list)
    for start in starts:
        by_sitting[start.sitting].append(start)
    return [sorted(group, key=lambda s: s.number) for _, group in sorted(by_sitting.items())]
