from __future__ import annotations

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from grader.catalog import canonical_json, read_catalog
from grader.cli import main
from grader.criteria import KINDS
from grader.model.submission import Submission
from grader.store import GradeBook, JobKey
from tests.course import ID, RUBRIC, make_course
from tests.reports.builders import report


def test_schema_takes_a_right_rubric_and_refuses_a_typo() -> None:
    result = CliRunner().invoke(main, ["rubric", "schema"])
    assert result.exit_code == 0
    schema = json.loads(result.stdout)
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    assert list(validator.iter_errors(tomllib.loads(RUBRIC))) == []
    assert list(validator.iter_errors(tomllib.loads(RUBRIC.replace("cases", "casse"))))
    assert list(validator.iter_errors(tomllib.loads(RUBRIC.replace("matches_reference", "matches"))))


def test_schema_knows_every_kind() -> None:
    text = CliRunner().invoke(main, ["rubric", "schema"]).stdout
    assert all(f'"{kind}"' in text for kind in KINDS)


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course with a grade book in which one grade was given by its rubric; nothing is graded."""
    monkeypatch.chdir(make_course(tmp_path))
    (exercise,) = read_catalog(tmp_path / "exercises", tmp_path / "reference", KINDS)
    with GradeBook.open("sqlite:///grades.db") as book:
        version, canonical = exercise.rubric_version, canonical_json(exercise.rubric)
        book.save_rubric(version=version, exercise=ID, canonical=canonical, text=RUBRIC)
        graded = report(exercise_id=ID, rubric_version=version)
        submission = Submission(
            student="12", name="Zoé", exercise=ID, path="a", sha256=graded.notebook_sha256, notebook=None
        )
        book.save(JobKey.of(submission, exercise, seed=1, tier="strong"), graded)
    return tmp_path


def call(*args: str, code: int = 0) -> str:
    result = CliRunner().invoke(main, ["rubric", *args])
    assert result.exit_code == code, result.output
    return " ".join(result.output.split())


def test_rubric_is_set_compared_exported_and_brought_back(course: Path) -> None:
    file = course / "reference" / ID / "rubric.toml"
    assert "Nothing was written" in call("set", ID, "double.values.points=3", "--dry-run")
    assert file.read_text(encoding="utf-8") == RUBRIC
    said = call("set", ID, "double.values.points=3")
    assert "criteria.double.values.points 2 3" in said
    assert "Grade again" in said
    assert "tasks.double.points 2 3" in call("diff", ID)
    call("export", ID, "--out", "mine.toml")
    (old,) = [line for line in call("diff", ID).split() if len(line) == 12][:1]
    assert "--yes" in call("import", ID, "--version", old, code=2)
    call("import", ID, "--version", old, "--yes")
    assert file.read_text(encoding="utf-8") == RUBRIC
    assert "Nothing differs" in call("diff", ID)
    call("import", ID, "mine.toml", "--yes")
    assert "points = 3" in file.read_text(encoding="utf-8")


def test_a_broken_rubric_is_replaced_by_an_older_version_or_a_file(course: Path) -> None:
    file = course / "reference" / ID / "rubric.toml"
    (exercise,) = read_catalog(course / "exercises", course / "reference", KINDS)
    for broken in (
        "[[tasks",
        RUBRIC.replace('"double(x)"', '"double(x)"\nunknown = 1'),
        '[[criteria]]\nkind = "x"',
    ):
        file.write_text(broken, encoding="utf-8")
        assert "cannot be read, so nothing is compared" in call(
            "import", ID, "--version", exercise.rubric_version, code=2
        )
        assert file.read_text(encoding="utf-8") == broken
        said = call("import", ID, "--version", exercise.rubric_version, "--yes")
        assert f"version {exercise.rubric_version}, before none that could be read" in said
        assert file.read_text(encoding="utf-8") == RUBRIC
    (course / "mine.toml").write_text(RUBRIC, encoding="utf-8")
    file.write_text("[[tasks", encoding="utf-8")
    call("import", ID, "mine.toml", "--yes")
    assert file.read_text(encoding="utf-8") == RUBRIC


def test_another_exercises_broken_rubric_hinders_no_import(course: Path) -> None:
    other = course / "reference" / "02_other"
    other.mkdir()
    (other / "rubric.toml").write_text("[[tasks", encoding="utf-8")
    (course / "mine.toml").write_text(RUBRIC, encoding="utf-8")
    assert "Nothing differs" in call("import", ID, "mine.toml", "--yes")
    assert "02_other" in call("import", "03_none", "mine.toml", "--yes", code=2)


def test_a_change_that_breaks_the_rubric_is_refused_and_nothing_is_written(course: Path) -> None:
    file = course / "reference" / ID / "rubric.toml"
    assert "cases" in call("set", ID, "double.values.cases=many", code=2)
    assert "add up to" in call("set", ID, "tasks.double.points=9", code=2)
    (course / "other.toml").write_text(RUBRIC.replace(f'"{ID}"', '"02_other"'), encoding="utf-8")
    assert "other.toml: exercise: is '02_other'" in call("import", ID, "other.toml", "--yes", code=2)
    assert "defines no 'duble' (did you mean 'double'?)" in call(
        "set", ID, 'double.values.requires=["duble"]', code=2
    )
    assert file.read_text(encoding="utf-8") == RUBRIC


def test_french_tables_have_french_titles(course: Path) -> None:
    assert "Exercice Version Tâches Critères Points" in call("list", "--lang", "fr")
    call("set", ID, "double.values.public=false")
    assert "La fonction double caché" in call("show", ID, "--lang", "fr")
