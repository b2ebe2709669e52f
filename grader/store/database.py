"""Opening the database file: checks that it is a grade book, migrates it, and puts SQLite's errors into words."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from pydantic import ValidationError
from sqlalchemy import Connection, Engine, create_engine, event, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from grader.errors import StoreError, StoreTooNewError
from grader.model.file_words import reason_of
from grader.model.text import Text, say

APPLICATION_ID = 0x67726164
"""`grad`: in the header of every grade book, so that no other program's database is written into."""
BUSY_S = 15.0
"""Seconds to wait for another `grade` that writes to the same file."""


def database_path(url: str) -> Path:
    """The file that a `sqlite:///…` URL names.

    Raises:
        StoreError: it is no URL, or one of another database.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreError(
            say("--db '{url}' is no database URL; write for example sqlite:///grades.db", url=url)
        ) from error
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise StoreError(
            say(
                "--db '{url}': the grade book is an SQLite file; write for example sqlite:///grades.db",
                url=url,
            )
        )
    return Path(parsed.database)


def open_engine(url: str, *, create: bool) -> Engine:
    """An engine on an existing, up-to-date grade book; a new file is made only with `create`.

    Raises:
        StoreTooNewError: a newer version of `grade` wrote it.
        StoreError: it is missing, no database, not a grade book, locked, or not to be written.
    """
    path = database_path(url)
    if not path.exists():
        if not create:
            raise StoreError(
                say(
                    "There is no grade book {path} yet: grade something first, or name one with --db.",
                    path=str(path),
                )
            )
        with in_words(path):
            path.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(f"sqlite:///{path.absolute()}", connect_args={"timeout": BUSY_S})
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    try:
        with in_words(path):
            _bring_up_to_date(engine, path)
    except StoreError:
        engine.dispose()
        raise
    return engine


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """Turn the errors of SQLite and of the file system into a StoreError that says what to do."""
    try:
        yield
    except DBAPIError as error:
        raise StoreError(_words(path, error.orig)) from error
    except (zlib.error, ValidationError) as error:
        raise StoreError(
            say(
                "The grade book {path} holds a grade that cannot be read. Put back a copy of the file, "
                "or move it away and grade again.",
                path=str(path),
            )
        ) from error
    except OSError as error:
        raise StoreError(_unusable(path, reason_of(error))) from error


def _set_up(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # else sqlite3 begins transactions late, and commits before a DDL
    for pragma in ("foreign_keys = ON", "synchronous = FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's settings, which need no file: the migrations are in this package."""
    config = Config()
    config.set_main_option("script_location", "grader.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _bring_up_to_date(engine: Engine, path: Path) -> None:
    scripts = ScriptDirectory.from_config(alembic_config())
    with engine.connect() as connection:
        version = _version(connection, path)
    known = {script.revision for script in scripts.walk_revisions()}
    if version is not None and version not in known:
        raise StoreTooNewError(
            say(
                "The grade book {path} was written by a newer version of grade (its tables are {version}): "
                "update grade, or name another file with --db.",
                path=str(path),
                version=version,
            )
        )
    if version == scripts.get_current_head():
        return
    raw = engine.raw_connection()
    try:
        raw.execute("PRAGMA journal_mode = WAL")
    finally:
        raw.close()
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        # looked at again inside the transaction: another process may have migrated it meanwhile
        if MigrationContext.configure(connection).get_current_revision() != scripts.get_current_head():
            connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
            command.upgrade(alembic_config(connection), "head")


def _version(connection: Connection, path: Path) -> str | None:
    application = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
    if application != APPLICATION_ID and inspect(connection).get_table_names():
        raise StoreError(
            say("{path} is a database, but not a grade book: name another file with --db.", path=str(path))
        )
    return MigrationContext.configure(connection).get_current_revision()


_ADVICE = {
    sqlite3.SQLITE_NOTADB: say("it is no database. Name another file with --db, or move this one away"),
    sqlite3.SQLITE_CORRUPT: say("it is damaged. Put back a copy of it, or move it away and grade again"),
    sqlite3.SQLITE_BUSY: say(
        "another program is writing to it. Wait until that has ended, then run this again"
    ),
    sqlite3.SQLITE_LOCKED: say(
        "another program is writing to it. Wait until that has ended, then run this again"
    ),
    sqlite3.SQLITE_READONLY: say(
        "it may not be written to. Change its permissions, or name another file with --db"
    ),
    sqlite3.SQLITE_PERM: say(
        "it may not be written to. Change its permissions, or name another file with --db"
    ),
    sqlite3.SQLITE_CANTOPEN: say("it cannot be opened or made there. Name another file with --db"),
    sqlite3.SQLITE_FULL: say("the disk is full. Make room, then run this again: what was graded is kept"),
    sqlite3.SQLITE_IOERR: say(
        "the disk reports an error. See that it has room and is sound, then run this again"
    ),
}


def _words(path: Path, error: BaseException | None) -> Text:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return _unusable(path, _ADVICE.get(code) or say("SQLite says '{words}'", words=str(error)))


def _unusable(path: Path, reason: Text | str) -> Text:
    return say("The grade book {path} cannot be used: {reason}.", path=str(path), reason=reason)
