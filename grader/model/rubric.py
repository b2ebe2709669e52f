"""Rubrics: the weighted list of criteria of one exercise, and the limits its kernels get.

The kinds of criteria are in `grader.criteria`, one file each; each is a `Criterion` with parameters of its own.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, SerializeAsAny, model_validator

from grader.model.base import Frozen
from grader.model.carry_forward import CarryForward, check_carry_forward
from grader.model.gpu_run import Shortening
from grader.model.judgement import Judgement
from grader.model.nearest import did_you_mean
from grader.model.probe import Observation, Probe
from grader.model.text import Bilingual, exact, say

if TYPE_CHECKING:
    import numpy as np

    from grader.model.evidence import Evidence

Points = Annotated[Decimal, Field(ge=0, max_digits=6, decimal_places=2)]
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$")]


class Limits(Frozen):
    """What one kernel may use."""

    cell_s: float = Field(default=120.0, gt=0, allow_inf_nan=False)
    """Wall seconds for one cell."""
    total_s: float = Field(default=600.0, gt=0, allow_inf_nan=False)
    """Wall seconds for the notebook and all probes."""
    memory_bytes: int = Field(default=4 << 30, gt=0)
    """Address space of each process; what all of them together may use."""
    output_bytes: int = Field(default=4 << 20, gt=0)
    """All outputs of the notebook together, as they are kept."""
    disk_bytes: int = Field(default=256 << 20, gt=0)
    """Scratch folder and /tmp, each."""
    files: int = Field(default=20_000, gt=0)
    """Files and folders in each of them."""
    processes: int = Field(default=128, gt=0)
    """Processes and threads, all together."""


class Task(Frozen):
    """One graded part of an exercise."""

    id: Identifier
    title: Bilingual
    points: Points


class Criterion(Frozen):
    """One rule of judging. A kind of criterion is a subclass with its own `kind` and parameters."""

    id: Identifier
    """Unique in the rubric: `<task>.<word>`."""
    task: Identifier
    kind: str
    points: Points
    title: Bilingual
    """What is looked at, in a few words: the line in the student's report."""
    bonus: bool = False
    """Its points come on top of those of its task: they can be had, and nobody who has not is short of them."""
    public: bool = True
    """Whether the students' self-check runs it."""
    depends: tuple[Identifier, ...] = ()
    """Criteria that must not fail, else this one is `skipped`."""
    hint: Bilingual | None = None
    """What to look at when it fails; never the answer."""

    def probes(self, rng: np.random.Generator) -> tuple[Probe, ...]:
        """The questions to put; the same for the student and for the reference."""
        return ()

    @property
    def asks_one_by_one(self) -> bool:
        """Whether an answer may spare the next question, which costs more than to ask it apart."""
        return False

    def is_settled(self, observations: Sequence[Observation], reference: Mapping[str, Observation]) -> bool:
        """Whether the answers so far decide already, so that the remaining probes need not be asked."""
        return False

    def for_students(self) -> Self:
        """The same without what only the reference is asked; it judges alike, but can ask nothing new."""
        return self

    @property
    def compares_with_reference(self) -> bool:
        """Whether it compares with what the reference answered to the student's questions."""
        return False

    @property
    def named_cells(self) -> tuple[str, ...]:
        """Grade ids of cells that its parameters name, which the notebook must have."""
        return ()

    @property
    def required_names(self) -> tuple[str, ...]:
        """Names that its questions need, which the notebook must define."""
        names: tuple[str, ...] = getattr(self, "requires", ())
        return names

    @property
    def own_code(self) -> Mapping[str, str]:
        """Python of its parameters that uses what the notebook defines, by key."""
        return {}

    @property
    def given_names(self) -> frozenset[str]:
        """Names that its questions bring along."""
        return frozenset({*getattr(self, "inputs", ()), *getattr(self, "arguments", ())})

    @property
    def looks_at_gpus(self) -> bool:
        """Whether it is judged after a second run of the notebook, with a CUDA device; then none may depend on it."""
        return False

    def gpu_run_wanted(self, evidence: Evidence) -> Shortening | None:
        """How a run of the notebook with a CUDA device is to be kept short; None when none is needed, or none more."""
        return None

    @abstractmethod
    def judge(self, evidence: Evidence) -> Judgement:
        """Turn evidence into a judgement; pure."""


class Rubric(Frozen):
    """All that is asked of one exercise, and what it is worth."""

    schema_version: Literal[1] = Field(default=1, alias="schema")
    exercise: str
    title: Bilingual
    preload: tuple[str, ...] = ()
    """Modules that the exercise needs besides torch, numpy and matplotlib (`lightning`)."""
    limits: Limits = Limits()
    repair: bool = True
    """Whether damaged notebooks are repaired before they are run; what is found is told in any case."""
    tasks: tuple[Task, ...] = Field(min_length=1)
    criteria: tuple[SerializeAsAny[Criterion], ...] = Field(min_length=1)
    carry_forward: tuple[CarryForward, ...] = ()
    """Names that are put right where their task failed, so that the tasks that rest on them are judged once more."""

    @property
    def out_of(self) -> Decimal:
        """Points of all tasks together, without any bonus."""
        return sum((task.points for task in self.tasks), Decimal(0))

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        tasks = {task.id: task for task in self.tasks}
        if len(tasks) != len(self.tasks):
            raise ValueError(say("tasks: two tasks have the same id"))
        seen: set[str] = set()
        for place, criterion in enumerate(self.criteria):
            if criterion.id in (c.id for c in self.criteria[:place]):
                raise ValueError(say("criteria: two criteria have the id '{id}'", id=criterion.id))
            if criterion.task not in tasks:
                raise ValueError(
                    say(
                        "criteria.{id}.task: '{task}' is not one of {known}{hint}",
                        id=criterion.id,
                        task=criterion.task,
                        known=", ".join(tasks),
                        hint=did_you_mean(criterion.task, tasks),
                    )
                )
            unknown = [d for d in criterion.depends if d not in seen]
            if unknown:
                raise ValueError(
                    say(
                        "criteria.{id}.depends: '{unknown}' is not a criterion that stands before it{hint}",
                        id=criterion.id,
                        unknown=unknown[0],
                        hint=did_you_mean(unknown[0], seen),
                    )
                )
            if not criterion.looks_at_gpus:
                seen.add(criterion.id)
        for task in self.tasks:
            total = sum((c.points for c in self.criteria if c.task == task.id and not c.bonus), Decimal(0))
            if total != task.points:
                raise ValueError(
                    say(
                        "tasks.{id}.points: is {points}, but its criteria add up to {total}",
                        id=task.id,
                        points=exact(task.points),
                        total=exact(total),
                    )
                )
        check_carry_forward(self.carry_forward, tuple(tasks))
        return self
