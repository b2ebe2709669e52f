"""What comes off a whole exercise, beside its criteria: for lateness, and what a person takes off."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field

from grader.model.base import Frozen
from grader.model.mark import HandMark
from grader.model.text import Text, say

TITLES = {"late": say("Handed in late"), "person": say("Taken off by a person")}


class Adjustment(Frozen):
    """One line below the criteria; the total never falls below 0 by it."""

    kind: Literal["late", "person"]
    points: Decimal = Field(le=0)
    takes_all: bool = False
    """Nothing counts: the total is 0, whatever a person may still decide."""
    words: Text
    """Why; the student reads it."""
    mark: HandMark | None = None
    """The person's entry."""

    @property
    def title(self) -> Text:
        """What it is, in a few words."""
        return TITLES[self.kind]
