from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from grader.errors import StoreError, StoreTooNewError
from grader.store import GradeBook, database
from grader.store.tables import Table
from tests.store.samples import key_of, open_book, report, submission


def url_of(folder: Path) -> str:
    return f"sqlite:///{folder / 'grades.db'}"


def test_all_migrations_make_the_tables_that_the_models_describe(tmp_path: Path) -> None:
    GradeBook.open(url_of(tmp_path)).close()
    engine = create_engine(url_of(tmp_path))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Table.metadata) == []
    engine.dispose()


def test_migrations_can_be_taken_back_and_made_again(tmp_path: Path) -> None:
    engine = create_engine(url_of(tmp_path))
    with engine.begin() as connection:
        config = database.alembic_config(connection)
        command.upgrade(config, "head")
        command.downgrade(config, "base")
        command.upgrade(config, "head")
    engine.dispose()


def test_new_grade_book_is_marked_and_keeps_a_write_ahead_log(tmp_path: Path) -> None:
    with GradeBook.open(url_of(tmp_path)):
        connection = sqlite3.connect(tmp_path / "grades.db")
        assert connection.execute("PRAGMA application_id").fetchone() == (database.APPLICATION_ID,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        connection.close()


def test_closing_leaves_one_file(tmp_path: Path) -> None:
    open_book(tmp_path).close()
    assert [path.name for path in tmp_path.iterdir()] == ["grades.db"]


def test_folder_of_a_new_grade_book_is_made(tmp_path: Path) -> None:
    GradeBook.open(f"sqlite:///{tmp_path}/a/b/grades.db").close()
    assert (tmp_path / "a" / "b" / "grades.db").is_file()


def test_missing_grade_book_is_not_made_by_a_reader(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="grade something first"):
        GradeBook.open(url_of(tmp_path), create=False)
    assert list(tmp_path.iterdir()) == []


def test_newer_grade_book_is_refused_with_what_to_do(tmp_path: Path) -> None:
    open_book(tmp_path).close()
    with sqlite3.connect(tmp_path / "grades.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(StoreTooNewError, match=r"newer version .* update grade"):
        GradeBook.open(url_of(tmp_path))


def test_file_that_is_no_database_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "grades.db"
    path.write_text("student,points\n" * 200)
    with pytest.raises(StoreError, match="it is no database"):
        GradeBook.open(url_of(tmp_path))
    assert path.read_text() == "student,points\n" * 200


def test_database_of_another_program_is_refused_untouched(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "grades.db") as connection:
        connection.execute("CREATE TABLE gradebook (id INTEGER)")
    connection.close()
    before = (tmp_path / "grades.db").read_bytes()
    with pytest.raises(StoreError, match="not a grade book"):
        GradeBook.open(url_of(tmp_path))
    assert (tmp_path / "grades.db").read_bytes() == before


@pytest.mark.parametrize("where", ["/proc/grades.db", "/proc/nowhere/grades.db"])
def test_place_that_cannot_be_written_is_named(where: str) -> None:
    with pytest.raises(StoreError, match="cannot be used"):
        GradeBook.open(f"sqlite:///{where}")


def test_folder_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "grades.db").mkdir()
    with pytest.raises(StoreError, match="cannot be opened"):
        GradeBook.open(url_of(tmp_path))


@pytest.mark.parametrize("url", ["grades", "postgresql://host/grades", "sqlite://", "sqlite:///:memory:"])
def test_what_is_no_sqlite_file_is_refused(url: str) -> None:
    with pytest.raises(StoreError, match=r"sqlite:///grades\.db"):
        GradeBook.open(url)


def test_locked_grade_book_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_S", 0.05)
    ada = submission()
    with open_book(tmp_path) as book:
        other = sqlite3.connect(tmp_path / "grades.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="another program is writing"):
            book.save(key_of(ada), report(ada))
        other.execute("ROLLBACK")
        other.close()
        book.save(key_of(ada), report(ada))
        assert len(list(book.reports())) == 1


def test_full_disk_is_named_and_what_was_saved_stays(tmp_path: Path) -> None:
    ada, grace = submission("ada"), submission("grace")
    with open_book(tmp_path) as book:
        book.save(key_of(ada), report(ada))
        with book._engine.connect() as connection:  # SQLite's own limit gives the error of a full disk
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        noise = "".join(chr(33 + (i * i * 7919 + i // 90) % 90) for i in range(200_000))
        with pytest.raises(StoreError, match="the disk is full"):
            book.save(key_of(grace), report(grace, executed=noise))
        assert [r.student for r in book.reports()] == ["ada"]
