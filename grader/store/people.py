"""Who is in the class: under which names, in which groups, and who left it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.errors import StoreError
from grader.model.people import RemovedPerson, those_left
from grader.model.report import GradeReport
from grader.model.text import say
from grader.store.rows import members_of
from grader.store.tables import RemovedPersonRow, SubmissionRow


def without_removed(report: GradeReport, removed: Collection[str]) -> GradeReport | None:
    """The grade of those who are still there; None where nobody is."""
    if report.student in removed:
        return None
    left = those_left(report.members, removed)
    if report.members and not left:
        return None
    return report if left == report.members else report.model_copy(update={"members": left})


def removed_students(session: Session) -> frozenset[str]:
    """The identifiers of those who were taken out."""
    return frozenset(session.scalars(select(RemovedPersonRow.student)))


def removed_people(session: Session) -> tuple[RemovedPerson, ...]:
    """All who were taken out, by name."""
    rows = session.scalars(select(RemovedPersonRow).order_by(RemovedPersonRow.name, RemovedPersonRow.student))
    return tuple(
        RemovedPerson(**{name: getattr(row, name) for name in RemovedPerson.model_fields}) for row in rows
    )


def remove(session: Session, left: Iterable[RemovedPerson]) -> None:
    """Take people out; who is out already stays so, for the reason of today."""
    for person in left:
        session.merge(RemovedPersonRow(**person.model_dump()))


def restore(session: Session, students: Iterable[str]) -> None:
    """Bring people back; raises StoreError when one of them was not taken out."""
    for student in students:
        row = session.get(RemovedPersonRow, student)
        if row is None:
            raise StoreError(say("{student} was not taken out of the class.", student=student))
        session.delete(row)


def known_names(session: Session) -> dict[str, frozenset[str]]:
    """All names of each identifier: of those who handed in, and of a group's members."""
    found: dict[str, set[str]] = {}
    for row in session.scalars(select(SubmissionRow)):
        for student, name in ((row.student, row.name), *((m.student, m.name) for m in members_of(row))):
            found.setdefault(student, set()).add(name)
    return {student: frozenset(names) for student, names in found.items()}
