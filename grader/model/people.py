"""Who is in the class, alone or in a group, and who left it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple, Self

from grader.model.base import Frozen
from grader.model.submission import Member


class RemovedPerson(Frozen):
    """Somebody who left the class."""

    student: str
    name: str
    reason: str
    author: str
    removed_at: datetime


class Work(NamedTuple):
    """Whose work a grade is for."""

    student: str
    name: str
    members: tuple[Member, ...]

    def without(self, removed: Collection[str]) -> Self | None:
        """The same without people who were taken out; None where nobody is left."""
        if self.student in removed:
            return None
        left = those_left(self.members, removed)
        return None if self.members and not left else self._replace(members=left)


def those_left(members: Iterable[Member], removed: Collection[str]) -> tuple[Member, ...]:
    """The members of a group who were not taken out."""
    return tuple(member for member in members if member.student not in removed)
