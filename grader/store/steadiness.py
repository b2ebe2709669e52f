"""Which work has a grade, and which did not always get the same: a sign of chance in it, or in a criterion."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from grader.model.people import Work
from grader.store.rows import members_of
from grader.store.tables import GradeReportRow, StandingRow, SubmissionRow


def unsteady_works(session: Session) -> set[tuple[str, str]]:
    """Students and exercises whose same file, by the same rubric, reference and `grade`, got unlike points.

    Only seed and tier differ between such grades; those that the grader failed to give are passed over.
    """
    same = (
        GradeReportRow.submission_id,
        GradeReportRow.rubric_version,
        GradeReportRow.reference_sha256,
        GradeReportRow.judging_version,
    )
    query = (
        select(SubmissionRow.student, SubmissionRow.exercise)
        .join(GradeReportRow, GradeReportRow.submission_id == SubmissionRow.id)
        .where(GradeReportRow.has_judge_error.is_(False))
        .group_by(*same)
        .having(func.count(GradeReportRow.points.distinct()) > 1)
    )
    return {(student, exercise) for student, exercise in session.execute(query)}


def standing_works(session: Session) -> dict[tuple[str, str], Work]:
    """Students and exercises of which a grade stands, with the student's name, and a group's members."""
    query = (
        select(StandingRow.student, StandingRow.exercise, SubmissionRow)
        .join(GradeReportRow, GradeReportRow.id == StandingRow.report_id)
        .join(SubmissionRow, SubmissionRow.id == GradeReportRow.submission_id)
        .order_by(StandingRow.student, StandingRow.exercise)
    )
    return {
        (student, exercise): Work(student, row.name, members_of(row))
        for student, exercise, row in session.execute(query)
    }
