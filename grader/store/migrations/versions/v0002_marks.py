"""Marks by hand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from grader.store.columns import ExactDecimal, Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make their table."""
    op.create_table(
        "marks",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("student", sa.String(200), nullable=False),
        sa.Column("exercise", sa.String(200), nullable=False),
        sa.Column("criterion", sa.String(200), nullable=False),
        sa.Column("points", ExactDecimal(), nullable=True),
        sa.Column("out_of", ExactDecimal(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("given_at", Instant(), nullable=False),
        sa.Column("notebook_sha256", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_marks"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_marks_student_exercise", "marks", ["student", "exercise"])


def downgrade() -> None:
    """Drop it, and with it every mark that a person gave."""
    op.drop_table("marks")
