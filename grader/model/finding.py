"""What was found damaged in a notebook before it was judged, and what was done about it."""

from __future__ import annotations

from typing import Literal

from grader.model.base import Frozen
from grader.model.text import Text

FindingKind = Literal[
    "text_for_code",
    "code_for_text",
    "text_in_code",
    "conflict",
    "split",
    "copied",
    "given_missing",
    "given_changed",
    "merged",
    "moved",
    "mark_lost",
    "ended_kernel",
]


class Finding(Frozen):
    """One damage of one cell, in words for the student."""

    kind: FindingKind
    grade_id: str | None = None
    """Of the cell in the handout; None where it is of several, or has none."""
    cell: int | None = None
    """Position in the file as it was handed in, from 0; None where the cell is not there, or there are several."""
    found: Text
    done: Text
