"""`grade explain`, on a class graded once, without walls."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from grader.cli import main
from tests.course import ID, RUBRIC, write


def call(*args: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, list(args))
    assert result.exit_code == code, result.output
    return result


def test_judgement_is_done_again_and_every_question_and_answer_is_shown(graded: Path) -> None:
    said = call("explain", "bob", ID, "double").output
    assert "Judged again: the same" in said
    assert said.count("wrong answer, 0/2") == 2
    assert "Question 1 of 2" in said
    assert "  cases = 2\n" in said
    assert "title.fr = 'La fonction double'" in said
    assert "x = float32 [3]" in said or "x = float64 [3]" in said
    assert "Student: answered" in said
    assert "Reference: answered" in said


def test_answers_are_told_in_french(graded: Path) -> None:
    said = call("explain", "bob", ID, "double", "--lang", "fr").output.replace("\u202f", " ")
    assert "Étudiant : a répondu (0" in said
    assert "Référence : a répondu (0" in said
    assert "answered" not in said


def test_changed_rubric_is_said_and_the_grade_stays(graded: Path) -> None:
    before = call("show", "ada").output
    write(graded / "reference" / ID / "rubric.toml", RUBRIC.replace("points = 2", "points = 4"))
    said = call("explain", "ada", ID, "values").output
    assert "The rubric has changed since" in said
    assert "Judged again: NOT the same" in said
    assert call("show", "ada").output == before


def test_stored_runs_nothing_and_json_holds_all(graded: Path) -> None:
    said = call("explain", "ada", ID, "values", "--stored", "--lang", "fr").output
    assert "La règle" in said
    assert "Question" not in said
    found = json.loads(call("explain", "ada", ID, "values", "--json").stdout)
    assert found["result"]["judgement"]["verdict"] == "accepted"
    question = found["questions"][0]
    assert question["answer"]["value"]["array"] == question["reference"]["value"]["array"]


def test_what_never_ran_or_is_unknown_is_said(graded: Path) -> None:
    assert "never ran" in call("explain", "carl", ID, "values", code=2).output
    assert "did you mean 'double.values'" in call("explain", "ada", ID, "valeus", code=2).output
