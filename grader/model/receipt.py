"""What a student's own check says of the notebook that is handed in with it; nobody believes it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal

from pydantic import Field

from grader.model.base import Frozen

SUFFIX = ".receipt.json"
"""Of its file's name: intake passes over such files."""


class Receipt(Frozen):
    """A note beside the notebook, for people. The student could have written anything into it."""

    schema_version: Literal[1] = Field(default=1, alias="schema")
    exercise: str
    notebook: str
    """Name of the notebook beside it."""
    notebook_sha256: str
    """Of that file's bytes: the grade book knows a submission by the same."""
    checked_at: datetime
    passed: bool
    points: Decimal
    """Of the public criteria."""
    out_of: Decimal
    hidden_criteria: int
    remark: str
    """That the grade is given by more than what was checked."""
    rubric_version: str
    tier: str
    versions: dict[str, str]
