"""Alembic's folder: `versions/` holds one file a change of the tables, from the first table on.

A grade book is brought up to date when it is opened (`grader.store.database`). To change a table: change
`grader/store/tables.py`, add a file to `versions/` whose `down_revision` is the last one's `revision`; a test
compares the tables that all migrations make with the ones that `tables.py` describes.
"""
