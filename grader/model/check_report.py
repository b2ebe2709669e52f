"""What a self-check found, in words of one language: what is printed, shown in a notebook, or written as JSON."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal

from pydantic import Field

from grader.model.base import Frozen
from grader.model.text import Language
from grader.model.verdict import Verdict


class CheckedCriterion(Frozen):
    """One public criterion."""

    id: str
    title: str
    kind: str
    verdict: Verdict
    points: Decimal | None
    """None when the machine cannot tell."""
    out_of: Decimal
    summary: str
    expected: str | None = None
    got: str | None = None
    where: str | None = None
    look_at: str | None = None


class CheckedTask(Frozen):
    """The public criteria of one task."""

    id: str
    title: str
    criteria: tuple[CheckedCriterion, ...]


class CheckReport(Frozen):
    """The outcome of one self-check. Keys are only ever added."""

    schema_version: Literal[1] = Field(default=1, alias="schema")
    mode: Literal["fresh", "live"]
    """`fresh`: run from the top in a new kernel; `live`: the kernel as it is."""
    language: Language
    exercise: str
    title: str
    notebook: str
    """The file's name; empty in a live kernel."""
    notebook_sha256: str = ""
    passed: bool
    """Every public criterion that a machine judges, and that was looked at, is fulfilled."""
    points: Decimal
    """Of the public criteria that were judged."""
    out_of: Decimal
    """What these are worth."""
    tasks: tuple[CheckedTask, ...]
    remarks: tuple[str, ...] = ()
    """On the notebook as a whole: hidden state, what was put right while reading it, what was not looked at."""
    hidden_criteria: int
    """Criteria that students are not shown, and by which the grade is given too."""
    hidden_points: Decimal
    rubric_version: str
    tier: str
    """The walls around the kernel; `local` and `live` for none."""
    checked_at: datetime
    versions: dict[str, str] = Field(default_factory=dict)
