"""`grade run`: another name under a known number is asked about, and replaces nothing by itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import main
from grader.store import GradeBook
from tests.course import ID, RIGHT, WRONG, notebook, write

BEFORE = "Marie Martineau_40211_assignsubmission_file"
NOW = "Marie Martin_40211_assignsubmission_file"


@pytest.fixture
def graded_before(graded: Path) -> Path:
    """The graded course, in which 40211 is Marie Martineau, right."""
    write(graded / "one" / BEFORE / f"{ID}.ipynb", notebook(RIGHT))
    assert CliRunner().invoke(main, ["one"]).exit_code == 0
    write(graded / "two" / NOW / f"{ID}.ipynb", notebook(WRONG))
    write(graded / "two" / BEFORE.replace("40211", "40212") / f"{ID}.ipynb", notebook(WRONG))
    return graded


def grade(*args: str, code: int) -> str:
    result = CliRunner(env={"COLUMNS": "200"}).invoke(main, list(args))
    assert result.exit_code == code, result.output
    return " ".join(result.output.split())


def standing() -> dict[str, tuple[str, str]]:
    with GradeBook.open("sqlite:///grades.db") as book:
        return {r.student: (r.name, r.verdict.value) for r in book.reports() if r.student.isdecimal()}


def test_without_consent_nothing_of_theirs_is_graded_and_the_rest_is(graded_before: Path) -> None:
    said = grade("two", code=1)
    assert f"40211 is known as Marie Martineau, and was handed in by Marie Martin: {NOW}/{ID}.ipynb" in said
    assert "They are left out" in said
    assert standing() == {
        "40211": ("Marie Martineau", "accepted"),
        "40212": ("Marie Martineau", "wrong_answer"),
    }
    report = json.loads((graded_before / "report" / "results.json").read_text("utf-8"))["reports"]
    assert {one["student"]: one["points"] for one in report} == {"40211": "2.00", "40212": "0.00"}


def test_with_consent_the_new_name_is_taken_and_known_from_then_on(graded_before: Path) -> None:
    assert "40211 is known as" in grade("two", "--dry-run", code=0)
    said = grade("two", "--rename", code=0)
    assert "They are left out" not in said
    assert standing()["40211"] == ("Marie Martin", "wrong_answer")
    for folder in ("one", "two"):
        assert "40211 is known as" not in grade(folder, code=0)
