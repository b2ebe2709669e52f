"""Of several files of one student for one exercise one counts: the newest, or the newest that came in time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

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


Counts = Literal["newest", "in-time"]
"""Which of several files counts: the newest, or the newest that came in time, where one did."""
IsLate = Callable[[Submission], bool]


def newest(
    candidates: Sequence[Candidate],
    counts: Counts = "newest",
    is_late: IsLate = lambda submission: submission.late,
) -> tuple[list[Submission], list[SetAside]]:
    """Those that count, and the others.

    The LMS's own count of attempts decides; then the files' dates, copy numbers, and names. Work that came late and
    says what an earlier file says is not late: the earlier one counts.
    """

    def whose(candidate: Candidate) -> tuple[str, str]:
        return candidate.submission.student, candidate.submission.exercise

    kept: list[Submission] = []
    older: list[SetAside] = []
    for _, group in groupby(sorted(candidates, key=whose), key=whose):
        versions = list(group)
        last = _newest(versions)
        in_time = [v for v in versions if not is_late(v.submission)]
        wanted = _newest(in_time) if counts == "in-time" and in_time else last
        chosen = _first_sent(wanted, versions, is_late)
        kept.append(chosen.submission)
        older += [_put_aside(v.submission, chosen.submission, is_late) for v in versions if v is not chosen]
    return kept, older


def _newest(versions: Sequence[Candidate]) -> Candidate:
    attempt = max(v.attempt for v in versions)
    last = [v for v in versions if v.attempt == attempt]
    latest = max(v.mtime_ns for v in last)
    recent = [v for v in last if latest - v.mtime_ns <= _SAME_TIME_NS]
    return max(recent, key=lambda v: (v.copy, v.submission.path))


def _first_sent(chosen: Candidate, versions: Sequence[Candidate], is_late: IsLate) -> Candidate:
    """The same work as it came first, where it was sent again late."""
    if not is_late(chosen.submission):
        return chosen
    same = [v for v in versions if _say_the_same(v.submission, chosen.submission)]
    in_time = [v for v in same if not is_late(v.submission)]
    if in_time:
        return _newest(in_time)
    times = [(at, place) for place, v in enumerate(same) if (at := v.submission.handed_in_at) is not None]
    return same[min(times)[1]] if len(times) == len(same) else chosen


def _say_the_same(one: Submission, other: Submission) -> bool:
    is_same_file = one.sha256 == other.sha256
    return is_same_file or (bool(one.content_sha256) and one.content_sha256 == other.content_sha256)


def _put_aside(file: Submission, chosen: Submission, is_late: IsLate) -> SetAside:
    if is_late(file) and _say_the_same(file, chosen):
        reason = say("It was sent again late and says the same as {path}, which counts.", path=chosen.path)
    elif is_late(file) and not is_late(chosen):
        reason = say("It came late; {path} came in time, and counts.", path=chosen.path)
    else:
        reason = say("There is a newer one of this student for this exercise: {path}.", path=chosen.path)
    return SetAside(
        path=file.path,
        reason=reason,
        student=file.student,
        name=file.name,
        exercise=file.exercise,
        is_superseded=True,
    )
