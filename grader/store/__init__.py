"""The grade book: SQLite through SQLAlchemy, migrated by alembic."""
