"""The history of marks by hand: appended to, read, never changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.errors import StoreError
from grader.model.mark import HandMark
from grader.model.marking import standing_marks
from grader.model.report import GradeReport
from grader.model.text import say
from grader.store.tables import MarkRow, SubmissionRow


def history_of(
    session: Session, students: Collection[str] | None = None, exercise: str | None = None
) -> tuple[HandMark, ...]:
    """All entries, oldest first, of some students or one exercise where that is said."""
    query = select(MarkRow).order_by(MarkRow.id)
    if students is not None:
        query = query.where(MarkRow.student.in_(students))
    if exercise is not None:
        query = query.where(MarkRow.exercise == exercise)
    return tuple(_mark(row) for row in session.scalars(query))


def standing_by_work(
    session: Session, students: Collection[str] | None = None, exercise: str | None = None
) -> dict[tuple[str, str], list[HandMark]]:
    """The marks that hold, by student and exercise."""
    found: dict[tuple[str, str], list[HandMark]] = {}
    for mark in standing_marks(history_of(session, students, exercise)):
        found.setdefault((mark.student, mark.exercise), []).append(mark)
    return found


def contents_of_marked(
    session: Session, students: Collection[str] | None = None, exercise: str | None = None
) -> dict[tuple[str, str], dict[str, str]]:
    """Of each file that bears a mark: what its cells say (see `content_sha256`), by student and exercise."""
    same_file = (
        (SubmissionRow.student == MarkRow.student)
        & (SubmissionRow.exercise == MarkRow.exercise)
        & (SubmissionRow.sha256 == MarkRow.notebook_sha256)
    )
    known = (
        SubmissionRow.student,
        SubmissionRow.exercise,
        SubmissionRow.sha256,
        SubmissionRow.content_sha256,
    )
    query = (
        select(*known).join(MarkRow, same_file).where(SubmissionRow.content_sha256.is_not(None)).distinct()
    )
    if students is not None:
        query = query.where(MarkRow.student.in_(students))
    if exercise is not None:
        query = query.where(MarkRow.exercise == exercise)
    found: dict[tuple[str, str], dict[str, str]] = {}
    for whose, what, sha256, content in session.execute(query):
        found.setdefault((whose, what), {})[sha256] = content or ""
    return found


def same_content(report: GradeReport, contents: Mapping[str, str]) -> frozenset[str]:
    """Of these files of the student, those whose cells say what the report's notebook says."""
    said = report.content_sha256
    return frozenset(sha256 for sha256, content in contents.items() if said and content == said)


def append(session: Session, marks: Iterable[HandMark]) -> None:
    """Add entries; one that takes back where no mark holds raises StoreError."""
    for mark in marks:
        if mark.points is None and not _holds(mark, history_of(session, [mark.student], mark.exercise)):
            raise StoreError(
                say(
                    "{criterion} of {student} for {exercise} bears no mark to take back.",
                    criterion=mark.criterion,
                    student=mark.student,
                    exercise=mark.exercise,
                )
            )
        session.add(MarkRow(**mark.model_dump()))
        session.flush()


def _holds(mark: HandMark, history: Sequence[HandMark]) -> bool:
    return any(standing.criterion == mark.criterion for standing in standing_marks(history))


def _mark(row: MarkRow) -> HandMark:
    return HandMark(**{name: getattr(row, name) for name in HandMark.model_fields})
