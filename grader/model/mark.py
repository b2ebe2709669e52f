"""Marks by hand: what a person decided about one criterion of one student's exercise."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from pydantic import Field

from grader.model.base import Frozen
from grader.model.judgement import Judgement

TAKEN_OFF = "(taken off)"
"""In place of a criterion: points that a person takes off the whole exercise."""


class HandMark(Frozen):
    """One entry of the history; nothing is ever struck from it."""

    student: str
    exercise: str
    criterion: str
    """Its identifier, or `TAKEN_OFF`."""
    points: Decimal | None = Field(ge=0)
    """None takes back the mark before it, so that what held then holds again."""
    out_of: Decimal = Field(ge=0)
    """What the criterion was worth when the mark was given."""
    reason: str = Field(min_length=1)
    """Why; the student reads it."""
    author: str = Field(min_length=1)
    given_at: datetime
    notebook_sha256: str
    """The notebook that was marked: a mark speaks of no other."""


class Marked(Frozen):
    """The mark that outranks the machine on a criterion, beside what the machine said."""

    mark: HandMark
    judgement: Judgement
    """The machine's."""
    points: Decimal | None
    """The machine's."""
