"""Models to rows and back."""

from __future__ import annotations

from pydantic import TypeAdapter
from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from grader.model.report import GradeReport
from grader.model.submission import Member, Submission
from grader.store.keys import JobKey
from grader.store.tables import (
    CriterionResultRow,
    ExecutedNotebookRow,
    GradeReportRow,
    SubmissionRow,
)

_MEMBERS = TypeAdapter(tuple[Member, ...])


def find_report(session: Session, key: JobKey) -> GradeReportRow | None:
    """The grade of this key."""
    content = tuple_(
        SubmissionRow.student,
        SubmissionRow.exercise,
        SubmissionRow.sha256,
        GradeReportRow.rubric_version,
        GradeReportRow.reference_sha256,
        GradeReportRow.seed,
        GradeReportRow.tier,
        GradeReportRow.judging_version,
    )
    query = select(GradeReportRow).join(SubmissionRow).where(content == tuple(key.model_dump().values()))
    return session.scalars(query).one_or_none()


def report_row(key: JobKey, report: GradeReport, submission: SubmissionRow) -> GradeReportRow:
    """The rows of one grade: itself, its criteria, and the executed notebook apart."""
    return GradeReportRow(
        submission=submission,
        rubric_version=key.rubric_version,
        reference_sha256=key.reference_sha256,
        seed=key.seed,
        tier=key.tier,
        judging_version=key.judging_version,
        verdict=report.verdict.value,
        points=report.points,
        undecided=report.undecided,
        out_of=report.out_of,
        has_judge_error=report.has_judge_error,
        graded_at=report.graded_at,
        body=without_notebook(report).model_dump_json(),
        criteria=_criterion_rows(report),
        executed=ExecutedNotebookRow(body=report.execution.notebook) if report.execution else None,
    )


def key_of(row: GradeReportRow) -> JobKey:
    """By what the grade was given."""
    return JobKey(
        student=row.submission.student,
        exercise=row.submission.exercise,
        notebook_sha256=row.submission.sha256,
        rubric_version=row.rubric_version,
        reference_sha256=row.reference_sha256,
        seed=row.seed,
        tier=row.tier,
        judging_version=row.judging_version,
    )


def submission_row(submission: Submission | GradeReport, sha256: str) -> SubmissionRow:
    """A new row for the file that a submission, or its report, speaks of."""
    return SubmissionRow(
        student=submission.student,
        exercise=submission.exercise,
        sha256=sha256,
        name=submission.name,
        path=submission.path,
        late=submission.late,
        content_sha256=submission.content_sha256 or None,
        members=_members_json(submission),
        handed_in_at=submission.handed_in_at,
    )


def found_submission(session: Session, found: Submission | GradeReport, sha256: str) -> SubmissionRow:
    """The row of the file, made where it is new, with name, path and lateness of today.

    What came in time once is not late when it is sent again; a time that was told once is kept where none is told
    today.
    """
    same = {"student": found.student, "exercise": found.exercise, "sha256": sha256}
    row = session.scalars(select(SubmissionRow).filter_by(**same)).one_or_none()
    if row is None:
        row = submission_row(found, sha256)
        session.add(row)
    row.name, row.path = found.name, found.path
    row.late = found.late and not _came_in_time(session, found, sha256)
    row.handed_in_at = found.handed_in_at or row.handed_in_at
    row.content_sha256 = found.content_sha256 or row.content_sha256
    row.members = _members_json(found)
    return row


def _came_in_time(session: Session, found: Submission | GradeReport, sha256: str) -> bool:
    """Whether the same file, or one whose cells say the same, is known not to have been late."""
    same = SubmissionRow.sha256 == sha256
    if found.content_sha256:
        same |= SubmissionRow.content_sha256 == found.content_sha256
    query = select(SubmissionRow.id).where(SubmissionRow.late.is_(False), same)
    return (
        session.scalars(query.filter_by(student=found.student, exercise=found.exercise)).first() is not None
    )


def report_of(row: GradeReportRow, *, notebook: str = "") -> GradeReport:
    """The grade again, with the student's name, the path and the lateness as they are known today."""
    report = GradeReport.model_validate_json(row.body)
    today = {
        "name": row.submission.name,
        "path": row.submission.path,
        "late": row.submission.late,
        "handed_in_at": row.submission.handed_in_at,
        "content_sha256": row.submission.content_sha256 or "",
        "members": members_of(row.submission),
    }
    return with_notebook(report.model_copy(update=today), notebook)


def members_of(row: SubmissionRow) -> tuple[Member, ...]:
    """Those in the group whose file it is, as they are known today."""
    return _MEMBERS.validate_json(row.members)


def without_notebook(report: GradeReport) -> GradeReport:
    """The grade without the executed notebook, which can be megabytes."""
    return with_notebook(report, "")


def with_notebook(report: GradeReport, notebook: str) -> GradeReport:
    """The grade with another text for the executed notebook."""
    if report.execution is None or report.execution.notebook == notebook:
        return report
    return report.model_copy(update={"execution": report.execution.model_copy(update={"notebook": notebook})})


def _members_json(found: Submission | GradeReport) -> str:
    return _MEMBERS.dump_json(found.members).decode()


def _criterion_rows(report: GradeReport) -> list[CriterionResultRow]:
    return [
        CriterionResultRow(
            position=position,
            criterion=result.id,
            task=result.task,
            kind=result.kind,
            verdict=result.judgement.verdict.value,
            score=result.judgement.score,
            points=result.points,
            out_of=result.out_of,
        )
        for position, result in enumerate(report.criteria)
    ]
