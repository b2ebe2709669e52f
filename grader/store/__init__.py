"""The grade book: SQLite through SQLAlchemy, migrated by alembic; who is outside sees `GradeBook` and models only."""

from grader.store.book import GradeBook
from grader.store.keys import JobKey

__all__ = ["GradeBook", "JobKey"]
