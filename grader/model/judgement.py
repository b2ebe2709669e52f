"""A judgement: verdict, score, and words for the student and for the staff."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, model_validator

from grader.model.base import Frozen
from grader.model.text import Text
from grader.model.verdict import Verdict

Score = Annotated[Decimal, Field(ge=0, le=1)]


class Judgement(Frozen):
    """What one criterion decided about one submission."""

    verdict: Verdict
    score: Score | None
    """Share of the points, 0 to 1; None exactly when a person must decide."""
    summary: Text
    """One sentence that names the mistake, or says what was right."""
    expected: Text | None = None
    """What was expected, without the answer and without a hidden input."""
    got: Text | None = None
    """What came instead."""
    where: Text | None = None
    """Which function, name or cell."""
    look_at: Text | None = None
    """What to look at, in order to mend it."""
    staff_note: str = ""
    """Details for the staff only (tracebacks, inputs, greatest differences), in English."""
    cell: int | None = None
    """Index of the notebook's cell that a remark belongs to."""

    @model_validator(mode="after")
    def _score_fits_verdict(self) -> Self:
        if (self.score is None) == self.verdict.is_judged:
            raise ValueError(f"verdict {self.verdict} with score {self.score}")
        if self.verdict is Verdict.ACCEPTED and self.score != 1:
            raise ValueError("accepted means a score of 1")
        if self.verdict is Verdict.PARTIALLY_ACCEPTED and not (self.score and self.score < 1):
            raise ValueError("partially_accepted means a score between 0 and 1")
        others = (Verdict.ACCEPTED, Verdict.PARTIALLY_ACCEPTED)
        if self.verdict.is_judged and self.verdict not in others and self.score != 0:
            raise ValueError(f"{self.verdict} means a score of 0")
        return self
