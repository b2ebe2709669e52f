"""A rubric or a reference changes: who moves is shown before anything is replaced. Kernels without walls."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader.cli import main
from grader.model.content import content_sha256
from grader.store import GradeBook
from tests.course import ID, RIGHT, RUBRIC, WRONG, hand_in, notebook, write

EASIER = RUBRIC.replace("points = 2", "points = 4.5")


def call(*args: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, list(args))
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def course(graded: Path) -> Path:
    """The current folder, with the work of those two whose notebooks ran."""
    shutil.rmtree(graded / "submissions" / "carl")
    return graded


def points(student: str) -> str:
    return call("show", student).output.splitlines()[0].rpartition(" · ")[2]


def test_rubric_change_shows_who_moves_and_replaces_nothing_before_a_yes(course: Path) -> None:
    write(course / "reference" / ID / "rubric.toml", EASIER)
    said = call("submissions", code=1).stderr
    assert "2 grades would move: up 0, down 0, otherwise 2." in said
    assert "double.values: 2/2 → 4.5/4.5" in " ".join(said.split())
    assert "Nothing was replaced" in said
    assert (points("ada"), points("bob")) == ("2/2", "0/2")
    still = call("submissions", code=1).stderr
    assert "2 are graded already" in still
    assert "2 grades would move" in still
    assert "2/2 → 4,5/4,5" in " ".join(call("submissions", "--lang", "fr", code=1).stderr.split())
    agreed = call("submissions", "--yes").stderr
    assert "2 grades would move" in agreed
    assert (points("ada"), points("bob")) == ("4.5/4.5", "0/4.5")
    assert "would move" not in call("submissions").stderr


def test_new_reference_shows_who_moves_up_and_down(course: Path) -> None:
    write(course / "reference" / ID / f"{ID}.ipynb", notebook(WRONG))
    said = call("submissions", "--yes").stderr
    assert "2 grades would move: up 1, down 1, otherwise 0." in said
    assert (points("ada"), points("bob")) == ("0/2", "2/2")


def test_marks_hold_so_their_criteria_do_not_move(course: Path) -> None:
    call("mark", "ada", ID, "values", "1", "-m", "Copied.")
    write(course / "reference" / ID / f"{ID}.ipynb", notebook(WRONG))
    said = call("submissions", "--yes").stderr
    assert "1 grades would move: up 1, down 0" in said
    assert (points("ada"), points("bob")) == ("1/2", "2/2")


def test_what_comes_out_the_same_or_is_handed_in_anew_is_not_asked_about(course: Path) -> None:
    write(course / "reference" / ID / "rubric.toml", RUBRIC.replace("cases = 2", "cases = 3"))
    hand_in(course, "bob", RIGHT)
    hand_in(course, "dora", RIGHT)
    assert "would move" not in call("submissions").stderr
    assert (points("bob"), points("dora")) == ("2/2", "2/2")


def test_a_mark_stays_when_the_same_cells_are_handed_in_in_another_file(course: Path) -> None:
    call("mark", "ada", ID, "double.values", "1.5", "-m", "No docstring.", "--by", "marie")
    saved = json.loads(notebook(RIGHT))
    saved["cells"][0] |= {
        "execution_count": 7,
        "outputs": [{"output_type": "stream", "name": "stdout", "text": "1"}],
    }
    saved["metadata"]["toc"] = {"base_numbering": 1}
    hand_in(course, "ada", RIGHT).write_text(json.dumps(saved), encoding="utf-8")
    call("submissions", "--yes")
    assert points("ada") == "1.5/2"
    assert "It was given for an earlier file" in call("show", "ada", "--staff").output
    hand_in(course, "ada", f"{RIGHT}  # twice")
    call("submissions", "--yes")
    assert points("ada") == "2/2"
    assert "given for an earlier notebook" in " ".join(call("mark", "--list-needed").output.split())


def test_what_a_notebook_says_is_the_same_before_and_after_it_ran(course: Path) -> None:
    with GradeBook.open("sqlite:///grades.db") as book:
        for report in book.reports():
            ran = book.executed_notebook(report.student, report.exercise)
            assert ran is None or content_sha256(json.loads(ran)) == report.content_sha256
