"""The kinds of criteria, one file each: `KINDS` maps a rubric's `kind` to its class.

A new kind is one file, its import, and one line in `KINDS`.
"""

from __future__ import annotations

from grader.criteria.matches_reference import MatchesReference
from grader.model.rubric import Criterion

KINDS: dict[str, type[Criterion]] = {
    "matches_reference": MatchesReference,
}
