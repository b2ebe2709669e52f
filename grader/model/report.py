"""Grade reports: the outcome of one job, and of a run."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from pydantic import Field

from grader.model.adjustment import Adjustment
from grader.model.base import Frozen
from grader.model.curve import Curve
from grader.model.execution import Execution
from grader.model.exercise import Exercise
from grader.model.finding import Finding
from grader.model.judgement import Judgement
from grader.model.mark import Marked
from grader.model.probe import Observation
from grader.model.submission import Member, SetAside, Submission
from grader.model.text import Bilingual, Text
from grader.model.verdict import Verdict


class ReferenceAnswers(Frozen):
    """What the reference answered to an exercise's probes; kept by content."""

    key: str
    """SHA-256 over reference, rubric, seed and library versions."""
    answers: dict[str, Observation]
    curves: dict[str, tuple[float, ...]] = Field(default_factory=dict)
    """By criterion: the losses of the reference's own training, thinned, for the report."""
    wall_s: float = 0.0
    """Seconds that its cells and the questions took."""


class Job(Frozen):
    """One piece of work, complete: it can be sent to another process or machine."""

    submission: Submission
    exercise: Exercise
    reference: ReferenceAnswers
    seed: int
    tier: str
    real_gpu: bool = False
    """The second run of a notebook is made on this machine's own GPU."""

    @property
    def walls(self) -> str:
        """What its grade says of the walls that it was given behind."""
        return walls_of(self.tier, real_gpu=self.real_gpu)


def walls_of(tier: str, *, real_gpu: bool) -> str:
    """Name of the walls: those that let a GPU's driver in are others, and a grade is not believed as behind these."""
    return f"{tier}+gpu" if real_gpu else tier


class Carried(Frozen):
    """Follow-through marks: what was judged once more, in a kernel with right names in the place of the student's."""

    names: tuple[str, ...]
    """Those that were the reference's there."""
    pays: Decimal
    """The share of the points that is paid for what is right there."""
    judgement: Judgement
    """With the student's own names."""
    points: Decimal | None
    """What it was paid with these."""


class CriterionResult(Frozen):
    """One criterion's judgement, with its points."""

    id: str
    task: str
    kind: str
    title: Bilingual
    public: bool
    judgement: Judgement
    points: Decimal | None
    """None when a person must decide."""
    out_of: Decimal
    """What it is worth; of a bonus, what comes on top of the points of all tasks."""
    bonus: bool = False
    marked: Marked | None = None
    """The person's mark that `judgement` and `points` follow, with the machine's own; None where the machine's hold."""
    carried: Carried | None = None
    """What the machine's own judgement was before follow-through marks; None where there are none."""

    @property
    def follow_through(self) -> Carried | None:
        """The follow-through marks that count: none where a person's mark outranks them."""
        return self.carried if self.marked is None else None

    @property
    def carried_points(self) -> Decimal:
        """What follow-through marks paid on top; all of it where a person would have had to mark."""
        carried = self.follow_through
        return Decimal(0) if carried is None else (self.points or Decimal(0)) - (carried.points or Decimal(0))


class GradeReport(Frozen):
    """The outcome of one job."""

    student: str
    name: str
    exercise: str
    path: str
    notebook_sha256: str
    content_sha256: str = ""
    """Of what the notebook's cells say alone; empty where that is not known."""
    members: tuple[Member, ...] = ()
    """Of a group: those in it, where they are known."""
    rubric_version: str
    seed: int
    tier: str
    late: bool = False
    handed_in_at: datetime | None = None
    """When the notebook was handed in, where that is known."""
    verdict: Verdict
    points: Decimal | None
    """Sum of what was judged, with the adjustments, and never below 0; None when nothing could be judged."""
    adjustments: tuple[Adjustment, ...] = ()
    """What comes off besides, put over a grade whenever it is read from the store."""
    undecided: Decimal = Decimal(0)
    """Points that wait for a person; the total is incomplete while this is above 0."""
    out_of: Decimal
    criteria: tuple[CriterionResult, ...]
    execution: Execution | None = None
    """None when the notebook could not be read."""
    problem: Text | None = None
    notices: tuple[Text, ...] = ()
    repairs: tuple[Finding, ...] = ()
    """What was found damaged in the notebook, and what was done about it before it was judged."""
    curves: tuple[Curve, ...] = ()
    """The losses of the notebook's own training, for the instructor's report."""
    wall_s: float = 0.0
    graded_at: datetime

    @property
    def whose(self) -> str:
        """The name for people: of a group, with its members' names."""
        others = [member.name for member in self.members if member.name not in self.name]
        return f"{self.name} ({', '.join(others)})" if others else self.name

    @property
    def is_complete(self) -> bool:
        """Whether every point was decided."""
        return self.points is not None and self.undecided == 0

    @property
    def taken_off(self) -> Decimal:
        """Points that its adjustments take off, 0 or more; the total does not fall below 0 by them."""
        return -sum((adjustment.points for adjustment in self.adjustments), Decimal(0))

    @property
    def decided(self) -> Decimal:
        """Of the points that can be had without a bonus, those that do not wait for a person."""
        waiting = (r.out_of for r in self.criteria if r.points is None and not r.bonus)
        return self.out_of - sum(waiting, Decimal(0))

    @property
    def has_judge_error(self) -> bool:
        """Whether the grader failed somewhere: a person must look, and the next run tries again."""
        verdicts = {self.verdict, *(result.judgement.verdict for result in self.criteria)}
        return Verdict.JUDGE_ERROR in verdicts


class RunInfo(Frozen):
    """What a run was made with: goes into every report."""

    seed: int
    tier: str
    versions: dict[str, str]
    """grade, python, torch, numpy, …"""
    rubrics: dict[str, str]
    """Exercise id to rubric version."""


class ClassReport(Frozen):
    """All reports of a run, in the order of student's name and exercise; what renderers get.

    Its reports are light: what only a student's own page shows is read from the grade book, one grade at a time.
    """

    run: RunInfo
    exercises: tuple[Exercise, ...]
    reports: tuple[GradeReport, ...] = Field(default=())
    intake_notes: tuple[SetAside, ...] = ()
    """Duplicates, unmatched files, unreadable folders."""
    unsteady: tuple[tuple[str, str], ...] = ()
    """Students and exercises whose same notebook, by the same rubric and reference, once got other points."""
