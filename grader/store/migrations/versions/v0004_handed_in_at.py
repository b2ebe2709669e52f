"""When submissions were handed in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from grader.store.columns import Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of submissions that are there already, nobody knows."""
    op.add_column("submissions", sa.Column("handed_in_at", Instant(), nullable=True))


def downgrade() -> None:
    """Drop it, and with it every time that was told."""
    op.drop_column("submissions", "handed_in_at")
