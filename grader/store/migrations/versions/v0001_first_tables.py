"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from grader.store.columns import Compressed, ExactDecimal, Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all tables of an empty grade book."""
    op.create_table(
        "reference_answers",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("body", Compressed(), nullable=False),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_reference_answers"),
    )
    op.create_table(
        "rubrics",
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("exercise", sa.String(200), nullable=False),
        sa.Column("canonical", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("first_used_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_rubrics"),
    )
    op.create_index("ix_rubrics_exercise", "rubrics", ["exercise"])
    op.create_table(
        "submissions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("student", sa.String(200), nullable=False),
        sa.Column("exercise", sa.String(200), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("name", sa.String(400), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_submissions"),
        sa.UniqueConstraint("student", "exercise", "sha256", name="uq_submissions_student_exercise_sha256"),
    )
    op.create_table(
        "grade_reports",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("rubric_version", sa.String(64), nullable=False),
        sa.Column("reference_sha256", sa.String(64), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("tier", sa.String(20), nullable=False),
        sa.Column("judging_version", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(40), nullable=False),
        sa.Column("points", ExactDecimal(), nullable=True),
        sa.Column("undecided", ExactDecimal(), nullable=False),
        sa.Column("out_of", ExactDecimal(), nullable=False),
        sa.Column("has_judge_error", sa.Boolean(), nullable=False),
        sa.Column("graded_at", Instant(), nullable=False),
        sa.Column("body", Compressed(), nullable=False),
        sa.ForeignKeyConstraint(
            ["rubric_version"], ["rubrics.version"], name="fk_grade_reports_rubric_version"
        ),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], name="fk_grade_reports_submission_id"),
        sa.PrimaryKeyConstraint("id", name="pk_grade_reports"),
        sa.UniqueConstraint(
            "submission_id",
            "rubric_version",
            "reference_sha256",
            "seed",
            "tier",
            "judging_version",
            name="uq_grade_reports_content",
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_grade_reports_rubric_version", "grade_reports", ["rubric_version"])
    op.create_table(
        "criterion_results",
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("criterion", sa.String(200), nullable=False),
        sa.Column("task", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("verdict", sa.String(40), nullable=False),
        sa.Column("score", ExactDecimal(), nullable=True),
        sa.Column("points", ExactDecimal(), nullable=True),
        sa.Column("out_of", ExactDecimal(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["grade_reports.id"], name="fk_criterion_results_report_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("report_id", "position", name="pk_criterion_results"),
    )
    op.create_index("ix_criterion_results_criterion_verdict", "criterion_results", ["criterion", "verdict"])
    op.create_table(
        "executed_notebooks",
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("body", Compressed(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["grade_reports.id"], name="fk_executed_notebooks_report_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("report_id", name="pk_executed_notebooks"),
    )
    op.create_table(
        "standing",
        sa.Column("student", sa.String(200), nullable=False),
        sa.Column("exercise", sa.String(200), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["grade_reports.id"], name="fk_standing_report_id"),
        sa.PrimaryKeyConstraint("student", "exercise", name="pk_standing"),
    )
    op.create_index("ix_standing_report_id", "standing", ["report_id"])


def downgrade() -> None:
    """Drop them all."""
    for table in (
        "standing",
        "executed_notebooks",
        "criterion_results",
        "grade_reports",
        "submissions",
        "rubrics",
        "reference_answers",
    ):
        op.drop_table(table)
