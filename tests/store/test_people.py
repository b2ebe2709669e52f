"""Who left the class, who is in a group, and marks that are carried to another file of the same content."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import create_engine, inspect

from grader.errors import StoreError
from grader.model.content import content_sha256
from grader.model.mark import HandMark
from grader.model.people import RemovedPerson
from grader.model.report import GradeReport
from grader.model.submission import Member, Submission
from grader.store import GradeBook, database
from tests.course import code_cell, notebook_of
from tests.store.samples import key_of, open_book, report, submission

WHEN = datetime(2026, 11, 2, 8, tzinfo=UTC)
PAIR = (Member(student="ada", name="Ada"), Member(student="bob", name="Bob"))


def graded(handed_in: Submission) -> GradeReport:
    told = {"content_sha256": handed_in.content_sha256, "members": handed_in.members, "late": handed_in.late}
    return report(handed_in).model_copy(update=told)


def keep(book: GradeBook, *handed_in: Submission) -> None:
    for one in handed_in:
        book.save(key_of(one), graded(one))


def mark(handed_in: Submission, points: str = "2", **more: Any) -> HandMark:
    fields: dict[str, Any] = {
        "student": handed_in.student,
        "exercise": handed_in.exercise,
        "criterion": "gradients.values",
        "points": Decimal(points),
        "out_of": Decimal(2),
        "reason": "Right.",
        "author": "marie",
        "given_at": WHEN,
        "notebook_sha256": handed_in.sha256,
    }
    return HandMark(**{**fields, **more})


def left(student: str) -> RemovedPerson:
    return RemovedPerson(student=student, name=student, reason="", author="marie", removed_at=WHEN)


def saved(*cells: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(notebook_of(*cells, **metadata))
    return found


PLAIN = saved(code_cell("a", "x = 1\ny = 2"), code_cell("b", "print(x)"))
TOLD_APART = {
    "another source": saved(code_cell("a", "x = 1\ny = 3"), code_cell("b", "print(x)")),
    "another order": saved(code_cell("b", "print(x)"), code_cell("a", "x = 1\ny = 2")),
    "a cell less": saved(code_cell("a", "x = 1\ny = 2")),
    "code that became text": saved(
        code_cell("a", "x = 1\ny = 2"), {**code_cell("b", "print(x)"), "cell_type": "markdown"}
    ),
    "one cell of two": saved(code_cell("a", "x = 1\ny = 2\nprint(x)")),
}
THE_SAME = {
    "outputs and counts": saved(
        code_cell("a", "x = 1\ny = 2", count=7),
        {**code_cell("b", "print(x)", count=8), "outputs": [{"output_type": "stream", "text": "1"}]},
    ),
    "metadata": saved(
        code_cell("a", "x = 1\ny = 2", task="double"), code_cell("b", "print(x)"), toc={"a": 1}
    ),
    "ids of cells": saved(code_cell("c", "x = 1\ny = 2"), code_cell("d", "print(x)")),
    "lines as a list": saved(
        {**code_cell("a", ""), "source": ["x = 1\n", "y = 2"]}, code_cell("b", "print(x)")
    ),
    "ends of lines": saved(code_cell("a", "x = 1\r\ny = 2\r\n"), code_cell("b", "print(x)")),
    "an empty cell": saved(code_cell("a", "x = 1\ny = 2"), code_cell("b", "print(x)"), code_cell("c", " \n")),
}


@pytest.mark.parametrize("other", TOLD_APART.values(), ids=TOLD_APART)
def test_what_notebooks_say_is_told_apart(other: dict[str, Any]) -> None:
    assert content_sha256(other) != content_sha256(PLAIN)


@pytest.mark.parametrize("other", THE_SAME.values(), ids=THE_SAME)
def test_how_a_notebook_was_saved_does_not_count(other: dict[str, Any]) -> None:
    assert content_sha256(other) == content_sha256(PLAIN)


def test_a_mark_is_carried_to_another_file_that_says_the_same(tmp_path: Path) -> None:
    first = submission(notebook="one", content_sha256="c" * 64)
    again = submission(notebook="two", content_sha256="c" * 64)
    other = submission(notebook="three", content_sha256="d" * 64)
    with open_book(tmp_path) as book:
        keep(book, first)
        book.mark([mark(first)])
        keep(book, again)
        (carried,) = book.reports()
        assert (carried.points, carried.notebook_sha256) == (Decimal(2), again.sha256)
        assert book.whole(carried).points == Decimal(2)
        keep(book, other)
        (left_behind,) = book.reports()
        assert left_behind.points == Decimal("1.5")


def test_a_mark_is_not_carried_between_files_of_which_nobody_knows_what_they_say(tmp_path: Path) -> None:
    first, again = submission(notebook="one"), submission(notebook="two")
    with open_book(tmp_path) as book:
        keep(book, first)
        book.mark([mark(first)])
        keep(book, again)
        (found,) = book.reports()
        assert found.points == Decimal("1.5")


def test_the_newest_mark_of_all_files_that_say_the_same_holds(tmp_path: Path) -> None:
    first = submission(notebook="one", content_sha256="c" * 64)
    again = submission(notebook="two", content_sha256="c" * 64)
    with open_book(tmp_path) as book:
        keep(book, first, again)
        book.mark([mark(first, "2"), mark(again, "1", given_at=WHEN.replace(hour=9))])
        keep(book, first)
        (found,) = book.reports()
        assert found.points == Decimal(1)


def test_grades_from_before_learn_what_their_notebooks_say(tmp_path: Path) -> None:
    handed_in = submission()
    executed = json.dumps(THE_SAME["outputs and counts"])
    with open_book(tmp_path) as book:
        book.save(key_of(handed_in), report(handed_in, executed=executed))
        book.mark([mark(handed_in)])
    engine = create_engine(f"sqlite:///{tmp_path / 'grades.db'}")
    with engine.begin() as connection:
        command.downgrade(database.alembic_config(connection), "0002")
        columns = {column["name"] for column in inspect(connection).get_columns("submissions")}
        assert "content_sha256" not in columns
    engine.dispose()
    again = submission(notebook="two", content_sha256=content_sha256(PLAIN))
    with open_book(tmp_path) as book:
        keep(book, again)
        (found,) = book.reports()
        assert (found.notebook_sha256, found.points) == (again.sha256, Decimal(2))


def test_who_left_is_in_no_list_and_comes_back_with_marks(tmp_path: Path) -> None:
    ada, bob = submission("ada"), submission("bob")
    with open_book(tmp_path) as book:
        keep(book, ada, bob)
        book.mark([mark(bob)])
        book.remove_people([left("bob")])
        assert [r.student for r in book.reports()] == ["ada"]
        assert [r.student for r in book.reports([("bob", bob.exercise)])] == []
        assert [student for student, _ in book.works()] == ["ada"]
        assert [person.student for person in book.removed_people()] == ["bob"]
        book.restore_people(["bob"])
        assert {r.student: r.points for r in book.reports()} == {"ada": Decimal("1.5"), "bob": Decimal(2)}
        with pytest.raises(StoreError, match="bob was not taken out"):
            book.restore_people(["bob"])


def test_of_a_group_who_left_is_gone_and_the_others_stay(tmp_path: Path) -> None:
    group = submission("G1", name="Group 1", members=PAIR)
    with open_book(tmp_path) as book:
        keep(book, group)
        book.remove_people([left("bob")])
        (found,) = book.reports()
        assert [member.student for member in found.members] == ["ada"]
        assert [member.student for member in book.whole(found).members] == ["ada"]
        book.remove_people([left("ada")])
        assert list(book.reports()) == []
        assert book.works() == {}


def test_a_group_is_known_as_it_is_today(tmp_path: Path) -> None:
    group = submission("G1", name="Group 1", members=PAIR)
    with open_book(tmp_path) as book:
        keep(book, group)
        book.pass_over({key_of(group): group.model_copy(update={"members": PAIR[:1]})})
        (found,) = book.reports()
        assert found.members == PAIR[:1]
        assert book.known_names() == {"G1": {"Group 1"}, "ada": {"Ada"}}


def test_the_same_file_sent_again_late_is_not_late(tmp_path: Path) -> None:
    first = submission(content_sha256="c" * 64)
    with open_book(tmp_path) as book:
        keep(book, first)
        book.pass_over({key_of(first): first.model_copy(update={"late": True})})
        assert [r.late for r in book.reports()] == [False]
        keep(book, submission(notebook="two", content_sha256="c" * 64, late=True))
        assert [r.late for r in book.reports()] == [False]
        keep(book, submission(notebook="three", content_sha256="d" * 64, late=True))
        assert [r.late for r in book.reports()] == [True]
        keep(book, submission("bob", content_sha256="c" * 64, late=True))
        assert [r.late for r in book.reports()] == [True, True]
