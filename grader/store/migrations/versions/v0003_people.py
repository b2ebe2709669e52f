"""What notebooks say, who is in a group, and who left the class."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from grader.model.content import content_sha256
from grader.store.columns import Compressed, Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the table; notebooks that were executed tell what those say that are graded already."""
    with op.batch_alter_table("submissions") as table:
        table.add_column(sa.Column("content_sha256", sa.String(64), nullable=True))
        table.add_column(sa.Column("members", sa.Text(), nullable=False, server_default="[]"))
    op.create_table(
        "removed_people",
        sa.Column("student", sa.String(200), nullable=False),
        sa.Column("name", sa.String(400), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("removed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("student", name="pk_removed_people"),
    )
    _tell_contents()


def downgrade() -> None:
    """Drop them: groups become students without members, and who left is back."""
    op.drop_table("removed_people")
    with op.batch_alter_table("submissions") as table:
        table.drop_column("members")
        table.drop_column("content_sha256")


def _tell_contents() -> None:
    submissions = sa.table("submissions", sa.column("id"), sa.column("content_sha256"))
    reports = sa.table("grade_reports", sa.column("id"), sa.column("submission_id"))
    executed = sa.table("executed_notebooks", sa.column("report_id"), sa.column("body", Compressed()))
    connection = op.get_bind()
    newest = connection.execute(
        sa.select(reports.c.submission_id, sa.func.max(reports.c.id))
        .join(executed, executed.c.report_id == reports.c.id)
        .group_by(reports.c.submission_id)
    ).all()
    for submission, report in newest:
        body = connection.execute(
            sa.select(executed.c.body).where(executed.c.report_id == report)
        ).scalar_one()
        if body:
            content = content_sha256(json.loads(body))
            one = submissions.update().where(submissions.c.id == submission)
            connection.execute(one.values(content_sha256=content))
