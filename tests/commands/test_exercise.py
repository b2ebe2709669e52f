"""`grade exercise …`: begins exercises, writes handouts, or says which are out of step."""

from __future__ import annotations

import nbformat
import pytest
from click.testing import CliRunner
from nbformat.v4 import new_code_cell, new_notebook

from grader.cli import main
from grader.commands.exercise import exercise
from tests.authoring.importing.courses import nbgrader_course, save


@pytest.fixture
def folders(tmp_path):
    for id_ in ("01_a", "02_b"):
        meta = {"nbgrader": {"grade_id": "f", "solution": True, "grade": False, "locked": False}}
        text = nbformat.writes(new_notebook(cells=[new_code_cell("answer = 42", id="f", metadata=meta)]))
        (tmp_path / "reference" / id_).mkdir(parents=True)
        (tmp_path / "reference" / id_ / f"{id_}.ipynb").write_text(text, encoding="utf-8")
    return tmp_path


def invoke(folders, *arguments):
    options = ["--reference", str(folders / "reference"), "--exercises", str(folders / "exercises")]
    return CliRunner().invoke(exercise, ["release", *options, *arguments])


def handout(folders, id_):
    return folders / "exercises" / id_ / f"{id_}.ipynb"


def test_all_exercises_are_released(folders):
    result = invoke(folders)
    assert result.exit_code == 0
    for id_ in ("01_a", "02_b"):
        text = handout(folders, id_).read_text("utf-8")
        assert "42" not in text
        assert "à compléter" in text


def test_only_the_named_exercise_is_released(folders):
    assert invoke(folders, "02_b").exit_code == 0
    assert handout(folders, "02_b").exists()
    assert not handout(folders, "01_a").exists()


def test_check_passes_when_in_step_and_writes_nothing_when_not(folders):
    missing = invoke(folders, "--check")
    assert missing.exit_code == 1
    assert not handout(folders, "01_a").exists()
    invoke(folders)
    assert invoke(folders, "--check").exit_code == 0


def test_check_finds_a_handout_edited_by_hand(folders):
    invoke(folders)
    with handout(folders, "01_a").open("a") as stream:
        stream.write(" ")
    result = invoke(folders, "--check")
    assert result.exit_code == 1
    assert "grade exercise release 01_a" in result.output


def test_a_handout_that_cannot_be_written_is_said(folders):
    (folders / "exercises").write_text("", encoding="utf-8")
    options = ["--reference", str(folders / "reference"), "--exercises", str(folders / "exercises")]
    result = CliRunner().invoke(main, ["exercise", "release", *options])
    assert result.exit_code == 2
    assert "cannot be written" in result.output


def test_unknown_exercise_is_wrong_usage_with_a_suggestion(folders):
    result = invoke(folders, "01_b")
    assert result.exit_code == 2
    assert "did you mean" in result.output


def test_folder_without_references_is_wrong_usage(tmp_path):
    assert invoke(tmp_path).exit_code == 2


def test_help_shows_an_example(folders):
    result = CliRunner().invoke(exercise, ["release", "--help"])
    assert "Example" in result.output


def new(folder, *arguments):
    options = ["--reference", str(folder / "reference"), "--exercises", str(folder / "exercises")]
    return CliRunner().invoke(main, ["exercise", "new", *options, *arguments])


def test_new_writes_an_exercise_in_step_and_says_what_to_do_next(tmp_path):
    result = new(tmp_path, "05_softmax", "--title", "Régression softmax")
    assert result.exit_code == 0
    assert "grade exercise verify 05_softmax" in result.output
    assert "Régression softmax" in handout(tmp_path, "05_softmax").read_text("utf-8")
    assert invoke(tmp_path, "--check").exit_code == 0


def test_new_refuses_what_exists_and_what_is_no_name(tmp_path):
    new(tmp_path, "05_softmax")
    before = handout(tmp_path, "05_softmax").stat().st_mtime_ns
    again = new(tmp_path, "05_softmax")
    assert again.exit_code == 2
    assert "is there already" in " ".join(again.output.split())
    assert handout(tmp_path, "05_softmax").stat().st_mtime_ns == before
    assert new(tmp_path, "a b").exit_code == 2


def test_import_writes_an_exercise_and_says_what_was_left_out(tmp_path):
    source = save(tmp_path, nbgrader_course())
    options = ["--reference", str(tmp_path / "reference"), "--exercises", str(tmp_path / "exercises")]
    result = CliRunner().invoke(main, ["exercise", "import", str(source), "--as", "06_suites", *options])
    assert result.exit_code == 0, result.output
    assert "06_suites: tasks 5, criteria 10, points 15.5, of which a person gives 11.5" in result.output
    assert "cell 6 (cubes-invalid): the test (1 points)" in result.output
    assert (tmp_path / "reference" / "06_suites" / "IMPORTED.md").is_file()
    assert invoke(tmp_path, "--check").exit_code == 0
    again = CliRunner().invoke(main, ["exercise", "import", str(source), "--as", "06_suites", *options])
    assert again.exit_code == 2
    assert "is there already" in " ".join(again.output.split())


def test_all_commands_find_the_folders_of_the_course_from_inside_it(tmp_path, monkeypatch):
    (tmp_path / "grader.toml").write_text('reference = "solutions"\n', encoding="utf-8")
    (tmp_path / "notes").mkdir()
    monkeypatch.chdir(tmp_path / "notes")
    assert CliRunner().invoke(main, ["exercise", "new", "05_softmax"]).exit_code == 0
    assert (tmp_path / "solutions" / "05_softmax" / "rubric.toml").is_file()
    assert CliRunner().invoke(main, ["exercise", "release", "--check"]).exit_code == 0
