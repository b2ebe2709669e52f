"""Of several files of one student for one exercise, the newest counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from grader.model.submission import SetAside, Submission
from grader.model.text import say

_SAME_TIME_NS = 2 * 10**9
"""Archives keep times to two seconds; files nearer than that are of one age."""


@dataclass(frozen=True)
class Candidate:
    """A submission, and what tells how new it is."""

    submission: Submission
    mtime_ns: int
    copy: int
    attempt: int


def newest(candidates: Sequence[Candidate]) -> tuple[list[Submission], list[SetAside]]:
    """Those that count, and the older ones.

    The LMS's own count of attempts decides; then the files' dates, copy numbers, and names.
    """

    def whose(candidate: Candidate) -> tuple[str, str]:
        return candidate.submission.student, candidate.submission.exercise

    kept: list[Submission] = []
    older: list[SetAside] = []
    for _, group in groupby(sorted(candidates, key=whose), key=whose):
        versions = list(group)
        chosen = _chosen(versions)
        kept.append(chosen.submission)
        older += [_superseded(v.submission, chosen.submission) for v in versions if v is not chosen]
    return kept, older


def _chosen(versions: Sequence[Candidate]) -> Candidate:
    attempt = max(v.attempt for v in versions)
    last = [v for v in versions if v.attempt == attempt]
    latest = max(v.mtime_ns for v in last)
    recent = [v for v in last if latest - v.mtime_ns <= _SAME_TIME_NS]
    return max(recent, key=lambda v: (v.copy, v.submission.path))


def _superseded(old: Submission, new: Submission) -> SetAside:
    return SetAside(
        path=old.path,
        reason=say("There is a newer one of this student for this exercise: {path}.", path=new.path),
        student=old.student,
        name=old.name,
        exercise=old.exercise,
        is_superseded=True,
    )
