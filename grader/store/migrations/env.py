"""Run by alembic: applies migrations through the connection that `grader.store.database` hands over."""

from alembic import context

from grader.store.tables import Table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
