"""The late policy: what handing in after the deadline takes off. Pure; applied whenever points are added up.

Nothing of it is kept with a grade: moving a deadline or granting an extension changes totals without grading again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from math import ceil

from pydantic import Field

from grader.model import totals
from grader.model.adjustment import Adjustment
from grader.model.base import Frozen
from grader.model.names import whole_name
from grader.model.report import GradeReport
from grader.model.submission import Submission
from grader.model.text import Bilingual, Text, exact, say

_CENT = Decimal("0.01")
_DAY = timedelta(days=1)
Work = GradeReport | Submission
"""What is due: whose, and of which exercise."""


class Extension(Frozen):
    """More time for one student."""

    student: str
    """Identifier, or whole name."""
    exercise: str = ""
    """Empty for all exercises."""
    until: datetime | None = None
    """A deadline of the student's own."""
    days: Decimal | None = Field(default=None, ge=0)
    """Days after the deadline of the others."""

    def is_for(self, work: Work) -> bool:
        """Whether it is this student's, or of one in the group, for this exercise."""
        named = any(
            self.student == one.student or whole_name(self.student) == whole_name(one.name)
            for one in (work, *work.members)
        )
        return named and self.exercise in ("", work.exercise)


class LatePolicy(Frozen):
    """When exercises are due, and what comes off when they come later."""

    deadline: datetime | None = None
    """Of all exercises that have none of their own."""
    deadlines: Mapping[str, datetime] = Field(default_factory=dict)
    """By exercise."""
    grace_minutes: Decimal = Field(default=Decimal(0), ge=0)
    """After the deadline, for which nothing comes off."""
    percent_per_day: Decimal = Field(default=Decimal(0), ge=0, le=100)
    """Of the points that can be had, for each day begun after the deadline."""
    at_most_percent: Decimal = Field(default=Decimal(100), ge=0, le=100)
    """What comes off at most, however late."""
    closes_after_days: Decimal | None = Field(default=None, ge=0)
    """Days after the deadline from which on nothing counts any more; None: never."""
    extensions: tuple[Extension, ...] = ()

    def due(self, work: Work) -> datetime | None:
        """The student's own deadline; of several extensions the latest counts. None where nothing is due."""
        common = self.deadlines.get(work.exercise, self.deadline)
        own = [
            until
            for extension in self.extensions
            if extension.is_for(work) and (until := _extended(extension, common)) is not None
        ]
        return max([*own, *([common] if common else [])], default=None)

    def is_late(self, work: Work) -> bool | None:
        """Whether it came after deadline and grace; None where nobody knows when, or nothing is due."""
        due, at = self.due(work), work.handed_in_at
        if due is None or at is None:
            return None
        return at > due + timedelta(minutes=float(self.grace_minutes))

    def applied(self, report: GradeReport) -> GradeReport:
        """The grade with what comes off; as it is where nobody knows when it was handed in, or nothing is due.

        What the layout said of lateness gives way where time and deadline are both known.
        """
        due, at, is_late = self.due(report), report.handed_in_at, self.is_late(report)
        if due is None or at is None or is_late is None:
            return report
        others = tuple(one for one in report.adjustments if one.kind != "late")
        lateness = (self._adjustment(report.out_of, due, at),) if is_late else ()
        return totals.with_total(
            report.model_copy(update={"late": is_late, "adjustments": (*lateness, *others)}), report.criteria
        )

    def _adjustment(self, out_of: Decimal, due: datetime, at: datetime) -> Adjustment:
        by = at - due
        shown: dict[str, Text | Bilingual] = {
            "due": _shown(due, due.tzinfo),
            "at": _shown(at, due.tzinfo),
            "by": _duration(by),
        }
        if self.closes_after_days is not None and by > _DAY * float(self.closes_after_days):
            words = say("Handed in {at}, {by} after the deadline ({due}): too late to count.", **shown)
            return Adjustment(kind="late", points=-out_of, takes_all=True, words=words)
        percent = min(ceil(by / _DAY) * self.percent_per_day, self.at_most_percent)
        off = (out_of * percent / 100).quantize(_CENT, ROUND_HALF_UP)
        words = say(
            "Handed in {at}, {by} after the deadline ({due}): {percent} % of the {out_of} points are taken off.",
            **shown,
            percent=exact(percent),
            out_of=exact(out_of),
        )
        return Adjustment(kind="late", points=-off, words=words)


def _extended(extension: Extension, common: datetime | None) -> datetime | None:
    if extension.until is not None:
        return extension.until
    return None if common is None or extension.days is None else common + _DAY * float(extension.days)


def _shown(at: datetime, zone: tzinfo | None) -> Bilingual:
    local = at.astimezone(zone)
    return Bilingual(en=f"{local:%Y-%m-%d at %H:%M}", fr=f"le {local:%d/%m/%Y à %H:%M}")


def _duration(by: timedelta) -> Text:
    minutes = max(1, ceil(by / timedelta(minutes=1)))
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    if days:
        return say("{days} d {hours} h", days=days, hours=hours)
    return (
        say("{hours} h {minutes} min", hours=hours, minutes=rest)
        if hours
        else say("{minutes} min", minutes=rest)
    )
