"""What students get to check themselves by: the public criteria of one exercise, and examples of their answers.

It is one JSON file, `<id>.check.json`, made by `grade exercise kit`. Nothing in it is secret: no solution, no hidden
criterion, no input that grading uses.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from grader.model.base import Frozen
from grader.model.probe import Observation, Probe
from grader.model.text import Language

SUFFIX = ".check.json"


class CheckBundle(Frozen):
    """One exercise, as far as its students may know it."""

    schema_version: Literal[1] = Field(default=1, alias="schema")
    exercise: str
    lang: Language = "fr"
    """What students are told in, unless they ask for another."""
    rubric_version: str
    """Of the whole rubric."""
    rubric: dict[str, Any]
    """The public criteria, as in `rubric.toml`, without what only the reference is asked."""
    handout: str
    """The notebook that students get, nbformat 4 JSON."""
    questions: dict[str, tuple[Probe, ...]]
    """By criterion, what the student's kernel is asked: examples, drawn from a seed that grading never uses."""
    answers: dict[str, Observation]
    """By probe id: what a right notebook answers to these examples, where a judgement needs it."""
    hidden_criteria: int = 0
    """How many criteria there are besides."""
    hidden_points: Decimal = Decimal(0)
    """What they are worth together."""
