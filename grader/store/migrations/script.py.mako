"""${message}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from grader.store.columns import Compressed, ExactDecimal, Instant

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring an older grade book up to this version."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Take it back."""
    ${downgrades if downgrades else "pass"}
