from __future__ import annotations

import math
import os
import signal
import sqlite3
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.errors import StoreError
from grader.model.judgement import Judgement
from grader.model.probe import Leaf, Observation
from grader.model.report import GradeReport, ReferenceAnswers
from grader.model.text import Bilingual, Text
from grader.model.verdict import Verdict
from grader.store import GradeBook
from tests.store.samples import RUBRIC, key_of, open_book, report, result, submission


def rows_of(folder: Path) -> dict[str, list[Any]]:
    """Every row of every table, byte for byte."""
    connection = sqlite3.connect(folder / "grades.db")
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    rows = {name: connection.execute(f"SELECT * FROM {name} ORDER BY rowid").fetchall() for name in tables}
    connection.close()
    return rows


def only(book: GradeBook) -> GradeReport:
    (found,) = book.reports()
    return found


def test_saved_grade_comes_back_without_its_notebook_which_is_kept_apart(tmp_path: Path) -> None:
    ada = submission()
    with open_book(tmp_path) as book:
        book.save(key_of(ada), report(ada, executed="the notebook as it ran"))
        found = only(book)
        assert found.execution is not None
        assert found.execution.notebook == ""
        assert found == report(ada, executed="")
        assert book.executed_notebook("ada", ada.exercise) == "the notebook as it ran"
        assert book.whole(found) == report(ada, executed="the notebook as it ran")
        assert book.executed_notebook("nobody", ada.exercise) is None


def test_grade_that_another_program_took_away_is_missed_in_words(tmp_path: Path) -> None:
    with open_book(tmp_path) as book, pytest.raises(StoreError, match=r"no longer holds the grade of ada"):
        book.whole(report(submission()))


def test_grade_without_execution_has_no_executed_notebook(tmp_path: Path) -> None:
    ada = submission(notebook="{}")
    unread = report(ada).model_copy(update={"execution": None})
    with open_book(tmp_path) as book:
        book.save(key_of(ada), unread)
        assert only(book) == unread
        assert book.executed_notebook("ada", ada.exercise) is None


@pytest.mark.parametrize(
    "change",
    [
        {"notebook_sha256": "0" * 64},
        {"reference_sha256": "0" * 64},
        {"seed": 1},
        {"tier": "none"},
        {"judging_version": 999},
        {"student": "grace"},
        {"exercise": "03_XOR_pytorch"},
        {"rubric_version": "ba9876543210"},
    ],
)
def test_job_is_known_only_while_all_its_content_is_the_same(tmp_path: Path, change: dict[str, Any]) -> None:
    ada = submission()
    with open_book(tmp_path) as book:
        book.save(key_of(ada), report(ada))
        other = key_of(ada, **change)
        assert book.known([key_of(ada), other]) == {key_of(ada)}


def test_judge_error_is_tried_again(tmp_path: Path) -> None:
    ada = submission()
    with open_book(tmp_path) as book:
        book.save(key_of(ada), report(ada, result(Verdict.JUDGE_ERROR, None)))
        assert book.known([key_of(ada)]) == set()
        book.save(key_of(ada), report(ada, result(Verdict.ACCEPTED, "1")))
        assert book.known([key_of(ada)]) == {key_of(ada)}
        assert only(book).verdict is Verdict.ACCEPTED


def test_needs_review_is_not_graded_again(tmp_path: Path) -> None:
    ada = submission()
    with open_book(tmp_path) as book:
        book.save(key_of(ada), report(ada, result(Verdict.NEEDS_REVIEW, None)))
        assert book.known([key_of(ada)]) == {key_of(ada)}


def test_grading_anew_replaces_the_grade_and_leaves_no_rows_behind(tmp_path: Path) -> None:
    ada = submission()
    with open_book(tmp_path) as book:
        book.save(key_of(ada), report(ada, executed="first"))
        book.save(key_of(ada), report(ada, result(Verdict.ACCEPTED, "1"), executed="second"))
        assert only(book).points == Decimal(2)
        assert book.executed_notebook("ada", ada.exercise) == "second"
    counts = {name: len(rows) for name, rows in rows_of(tmp_path).items()}
    for table in ("grade_reports", "criterion_results", "executed_notebooks", "submissions", "standing"):
        assert counts[table] == 1, table


def test_newest_hand_in_stands_and_older_grades_are_kept(tmp_path: Path) -> None:
    first, second = submission(notebook="1"), submission(notebook="2")
    with open_book(tmp_path) as book:
        book.save(key_of(first), report(first))
        book.save(key_of(second), report(second))
        assert only(book).notebook_sha256 == second.sha256
        assert book.known([key_of(first), key_of(second)]) == {key_of(first), key_of(second)}


def test_grade_that_a_run_finds_again_stands_again(tmp_path: Path) -> None:
    first, second = submission(notebook="1"), submission(notebook="2")
    with open_book(tmp_path) as book:
        book.save(key_of(first), report(first))
        book.save(key_of(second), report(second))
        book.pass_over({key_of(first): first})
        assert only(book).notebook_sha256 == first.sha256


def test_passing_over_takes_the_name_path_and_lateness_of_today(tmp_path: Path) -> None:
    ada = submission(late=True)
    with open_book(tmp_path) as book:
        book.save(key_of(ada), report(ada).model_copy(update={"late": True}))
        assert only(book).late
        moved = ada.model_copy(update={"name": "Ada King", "path": "again/ada.ipynb", "late": False})
        book.pass_over({key_of(ada): moved})
        found = only(book)
        assert (found.name, found.path, found.late) == ("Ada King", "again/ada.ipynb", False)


def test_same_work_twice_changes_no_byte(tmp_path: Path) -> None:
    ada = submission()

    def run() -> None:
        with open_book(tmp_path) as book:
            if key_of(ada) in book.known([key_of(ada)]):
                book.pass_over({key_of(ada): ada})
            else:
                book.save(key_of(ada), report(ada))
            if book.reference("k") is None:
                book.save_reference(ReferenceAnswers(key="k", answers={}))

    run()
    rows, content = rows_of(tmp_path), (tmp_path / "grades.db").read_bytes()
    run()
    assert rows_of(tmp_path) == rows
    assert (tmp_path / "grades.db").read_bytes() == content


def test_reports_come_by_student_and_exercise_and_can_be_chosen(tmp_path: Path) -> None:
    with open_book(tmp_path) as book:
        for student in ("grace", "ada", "émilie"):
            handed_in = submission(student)
            book.save(key_of(handed_in), report(handed_in))
        assert [r.student for r in book.reports()] == ["ada", "grace", "émilie"]
        assert [r.student for r in book.reports([("grace", "01_regression_lineaire")])] == ["grace"]
        assert list(book.reports([])) == []


def test_criteria_can_be_queried(tmp_path: Path) -> None:
    ada = submission()
    with open_book(tmp_path) as book:
        book.save(key_of(ada), report(ada))
    (row,) = rows_of(tmp_path)["criterion_results"]
    assert row[2:] == ("gradients.values", "gradients", "gradient", "partially_accepted", "0.75", "1.50", "2")


def test_reference_answers_come_back_with_their_arrays(tmp_path: Path) -> None:
    values = np.array([[1.5, math.nan], [math.inf, -0.0]], dtype=np.float32)
    observation = Observation(
        probe="a/0", outcome="answered", value=Leaf(array=values, made_of="Tensor", requires_grad=True)
    )
    with open_book(tmp_path) as book:
        assert book.reference("k") is None
        book.save_reference(ReferenceAnswers(key="k", answers={"a/0": observation}))
        book.save_reference(ReferenceAnswers(key="k", answers={"a/0": observation}))
        found = book.reference("k")
    assert found is not None
    value = found.answers["a/0"].value
    assert isinstance(value, Leaf)
    assert value.array.dtype == np.float32
    assert value.array.tobytes() == values.tobytes()


def test_rubric_is_kept_as_it_was_first_written(tmp_path: Path) -> None:
    with open_book(tmp_path) as book:
        (first,) = book.rubrics()
        book.save_rubric(version=RUBRIC, exercise="x", canonical="{}", text="other words")
        assert book.rubrics() == (first,)
        assert first.text == "# a rubric\n"


def test_grade_by_an_unknown_rubric_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    ada = submission()
    with open_book(tmp_path) as book:
        with pytest.raises(StoreError):
            book.save(key_of(ada, rubric_version="nowhere"), report(ada))
        assert list(book.reports()) == []
    assert rows_of(tmp_path)["submissions"] == []


def test_damaged_grade_is_named(tmp_path: Path) -> None:
    ada = submission()
    with open_book(tmp_path) as book:
        book.save(key_of(ada), report(ada))
        with sqlite3.connect(tmp_path / "grades.db") as connection:
            connection.execute("UPDATE grade_reports SET body = X'00'")
        connection.close()
        with pytest.raises(StoreError, match="cannot be read"):
            list(book.reports())


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
texts = st.builds(
    Text,
    msgid=words,
    args=st.dictionaries(
        words,
        st.integers() | st.floats() | words | st.builds(Bilingual, fr=words, en=words),
        max_size=3,
    ),
)
scores = st.decimals(min_value=0, max_value=1, places=4)


@st.composite
def judgements(draw: st.DrawFn) -> Judgement:
    score = draw(scores | st.none())
    if score is None:
        verdict = draw(st.sampled_from([Verdict.NEEDS_REVIEW, Verdict.JUDGE_ERROR]))
    elif score == 1:
        verdict = Verdict.ACCEPTED
    else:
        verdict = Verdict.PARTIALLY_ACCEPTED if score else Verdict.WRONG_ANSWER
    got = draw(texts | st.none())
    return Judgement(verdict=verdict, score=score, summary=draw(texts), got=got, staff_note=draw(words))


@given(judgement=judgements(), notice=texts, notebook=words, name=words)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_grade_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, judgement: Judgement, notice: Text, notebook: str, name: str
) -> None:
    ada = submission(name=name)
    outcome = result().model_copy(update={"judgement": judgement})
    saved = report(ada, outcome, executed=notebook).model_copy(update={"notices": (notice,)})
    folder = tmp_path_factory.getbasetemp() / "roundtrip"
    folder.mkdir(exist_ok=True)
    with open_book(folder) as book:
        book.save(key_of(ada), saved)
        found = only(book)
        assert found.execution is not None
        executed = book.executed_notebook("ada", ada.exercise)
    whole = found.model_copy(update={"execution": found.execution.model_copy(update={"notebook": executed})})
    assert whole.model_dump_json() == saved.model_dump_json()  # as text, since NaN is not equal to itself


SAVES_FOREVER = """
import sys
from pathlib import Path
from tests.store.samples import key_of, open_book, report, submission

with open_book(Path(sys.argv[1])) as book:
    for number in range(10**6):
        handed_in = submission(f"student{number}")
        book.save(key_of(handed_in), report(handed_in))
        print(number, flush=True)
"""


def test_grades_saved_before_a_kill_are_whole_and_the_rest_goes_on(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", SAVES_FOREVER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    said = [child.stdout.readline().strip() for _ in range(20)]
    os.kill(child.pid, signal.SIGKILL)
    said += child.stdout.read().split()
    child.stdout.close()
    assert child.wait() == -signal.SIGKILL
    with open_book(tmp_path) as book:
        kept = {r.student: r for r in book.reports()}
        assert {f"student{number}" for number in said} <= set(kept)
        assert len(kept) <= len(said) + 1
        for student, found in kept.items():
            assert found == report(submission(student), executed="")
            assert book.executed_notebook(student, found.exercise) == '{"cells": []}'
        late = submission("late")
        book.save(key_of(late), report(late))
        assert len(list(book.reports())) == len(kept) + 1
