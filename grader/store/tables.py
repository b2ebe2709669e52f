"""The tables of the grade book. A change here needs a migration in `grader/store/migrations/versions`."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, MetaData, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from grader.store.columns import Compressed, ExactDecimal, Instant

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""Every constraint has a name: a later migration cannot change one without."""


class Table(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(naming_convention=NAMES)


class RubricRow(Table):
    """A version of a rubric that grades were given by; never changed, never deleted."""

    __tablename__ = "rubrics"

    version: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Hash of the content."""
    exercise: Mapped[str] = mapped_column(String(200), index=True)
    canonical: Mapped[str] = mapped_column(Text)
    """The rubric as JSON."""
    text: Mapped[str] = mapped_column(Text)
    """`rubric.toml` as its author wrote it, comments included."""
    first_used_at: Mapped[datetime] = mapped_column(Instant)


class ReferenceAnswersRow(Table):
    """What a reference answered; a cache that may be emptied at any time."""

    __tablename__ = "reference_answers"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    body: Mapped[str] = mapped_column(Compressed)
    """`ReferenceAnswers` as JSON."""
    saved_at: Mapped[datetime] = mapped_column(Instant)


class SubmissionRow(Table):
    """One file of one student for one exercise; the file itself stays where it lies."""

    __tablename__ = "submissions"
    __table_args__ = (UniqueConstraint("student", "exercise", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    student: Mapped[str] = mapped_column(String(200))
    exercise: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(400))
    path: Mapped[str] = mapped_column(Text)
    late: Mapped[bool]
    content_sha256: Mapped[str | None] = mapped_column(String(64))
    """Of what its cells say alone; None where that is not known."""
    members: Mapped[str] = mapped_column(Text, server_default="[]")
    """Of a group: those in it, as JSON."""
    handed_in_at: Mapped[datetime | None] = mapped_column(Instant)
    """None where nobody told."""


class GradeReportRow(Table):
    """One grade, given once for its content."""

    __tablename__ = "grade_reports"
    __table_args__ = (
        UniqueConstraint(
            "submission_id",
            "rubric_version",
            "reference_sha256",
            "seed",
            "tier",
            "judging_version",
            name="uq_grade_reports_content",
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"))
    rubric_version: Mapped[str] = mapped_column(ForeignKey("rubrics.version"), index=True)
    reference_sha256: Mapped[str] = mapped_column(String(64))
    seed: Mapped[int]
    tier: Mapped[str] = mapped_column(String(20))
    judging_version: Mapped[int]
    verdict: Mapped[str] = mapped_column(String(40))
    points: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    undecided: Mapped[Decimal] = mapped_column(ExactDecimal)
    out_of: Mapped[Decimal] = mapped_column(ExactDecimal)
    has_judge_error: Mapped[bool]
    graded_at: Mapped[datetime] = mapped_column(Instant)
    body: Mapped[str] = mapped_column(Compressed)
    """`GradeReport` as JSON, without the executed notebook."""

    submission: Mapped[SubmissionRow] = relationship(lazy="joined", innerjoin=True)
    criteria: Mapped[list[CriterionResultRow]] = relationship(
        order_by="CriterionResultRow.position", cascade="all, delete-orphan", passive_deletes=True
    )
    executed: Mapped[ExecutedNotebookRow | None] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )


class CriterionResultRow(Table):
    """One criterion's outcome in one grade: for questions such as "who failed `train.steps`"."""

    __tablename__ = "criterion_results"
    __table_args__ = (Index(None, "criterion", "verdict"),)

    report_id: Mapped[int] = mapped_column(
        ForeignKey("grade_reports.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    criterion: Mapped[str] = mapped_column(String(200))
    task: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(40))
    verdict: Mapped[str] = mapped_column(String(40))
    score: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    points: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    out_of: Mapped[Decimal] = mapped_column(ExactDecimal)


class ExecutedNotebookRow(Table):
    """The notebook as it ran, with outputs and errors; large, so kept apart from the grade."""

    __tablename__ = "executed_notebooks"

    report_id: Mapped[int] = mapped_column(
        ForeignKey("grade_reports.id", ondelete="CASCADE"), primary_key=True
    )
    body: Mapped[str] = mapped_column(Compressed)


class StandingRow(Table):
    """Which of a student's grades for an exercise stands: the one that the last run gave or found."""

    __tablename__ = "standing"

    student: Mapped[str] = mapped_column(String(200), primary_key=True)
    exercise: Mapped[str] = mapped_column(String(200), primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("grade_reports.id"), index=True)


class MarkRow(Table):
    """One entry in the history of marks by hand; never changed, never deleted."""

    __tablename__ = "marks"
    __table_args__ = (Index(None, "student", "exercise"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    student: Mapped[str] = mapped_column(String(200))
    exercise: Mapped[str] = mapped_column(String(200))
    criterion: Mapped[str] = mapped_column(String(200))
    points: Mapped[Decimal | None] = mapped_column(ExactDecimal)
    """None takes back the mark before it."""
    out_of: Mapped[Decimal] = mapped_column(ExactDecimal)
    reason: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(String(200))
    given_at: Mapped[datetime] = mapped_column(Instant)
    notebook_sha256: Mapped[str] = mapped_column(String(64))


class RemovedPersonRow(Table):
    """Somebody who left the class: the grades stay, and stand in no list."""

    __tablename__ = "removed_people"

    student: Mapped[str] = mapped_column(String(200), primary_key=True)
    name: Mapped[str] = mapped_column(String(400))
    reason: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(String(200))
    removed_at: Mapped[datetime] = mapped_column(Instant)
