"""`grade show`: one student's grades, from a grade book made by hand; nothing is graded."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader.cli import main
from grader.model.finding import Finding
from grader.model.report import GradeReport
from grader.model.text import say
from grader.model.verdict import Verdict
from grader.store import GradeBook, JobKey
from tests.reports.builders import criterion, report

ANSWER = "Le gradient est nul\x1b[2J au minimum."


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a grade book in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRADE_LANG", "en")
    return tmp_path


def keep(*graded: GradeReport) -> None:
    with GradeBook.open("sqlite:///grades.db") as book:
        for one in graded:
            book.save_rubric(
                version=one.rubric_version, exercise=one.exercise, canonical=one.exercise, text=one.exercise
            )
            book.save(
                JobKey(
                    student=one.student,
                    exercise=one.exercise,
                    notebook_sha256=one.notebook_sha256,
                    rubric_version=one.rubric_version,
                    reference_sha256="0" * 64,
                    seed=one.seed,
                    tier=one.tier,
                ),
                one,
            )


def show(*args: str) -> Result:
    return CliRunner().invoke(main, ["show", *args])


def test_answer_to_be_marked_is_printed_and_other_notes_only_for_the_staff(folder: Path) -> None:
    answer = criterion(Verdict.NEEDS_REVIEW, id_="a.a", kind="manual", staff_note=ANSWER, cell=3)
    lost = criterion(Verdict.NEEDS_REVIEW, id_="a.b", kind="manual", staff_note="NOTE of a lost cell")
    other = criterion(Verdict.WRONG_ANSWER, id_="a.c", staff_note="NOTE of a criterion", got=say("right"))
    keep(report(answer, lost, other))
    plain = show("zoe")
    assert "Le gradient est nul au minimum." in plain.output
    assert "\x1b" not in plain.output
    assert "NOTE" not in plain.output
    assert "Got: right" in plain.output
    assert show("zoe", "--staff").output.count("NOTE") == 2


def test_problem_of_an_unreadable_notebook_is_said_once(folder: Path) -> None:
    problem = say("The file is empty. Save the notebook, and hand in again.")
    waiting = [criterion(Verdict.NEEDS_REVIEW, id_=f"a.{i}", summary=problem) for i in "abc"]
    keep(report(*waiting, problem=problem))
    assert show("zoe").output.count("The file is empty.") == 1


def test_french_sets_a_space_before_each_colon(folder: Path) -> None:
    keep(report(criterion(Verdict.WRONG_ANSWER, got=say("right"))))
    said = show("zoe", "--lang", "fr").output
    assert "the training loop\u202f: " in said
    assert not re.search(r"\w:(\s|$)", said)


def test_what_was_damaged_in_the_file_is_printed(folder: Path) -> None:
    found = Finding(
        kind="given_missing",
        found=say("The given cell `{id}` is missing.", id="data"),
        done=say("It was put back."),
    )
    keep(report(repairs=(found,)))
    assert "The given cell `data` is missing. It was put back." in show("zoe").output
    assert "Elle a été remise." in show("zoe", "--lang", "fr").output
