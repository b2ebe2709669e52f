"""`grade run` and what reads its grades: `report`, `show`, `rubric`; one class graded once, without walls."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader.cli import main
from grader.config import Settings
from grader.errors import ConfigError
from grader.pipeline.places import settle_gpu
from tests.course import ID, hand_in, write


def call(*args: str) -> Result:
    return CliRunner().invoke(main, list(args))


def test_second_run_grades_nothing_and_says_so(graded: Path) -> None:
    before = (graded / "report" / "grades.csv").read_bytes()
    result = call("submissions")
    assert result.exit_code == 0
    assert "3 are graded already and are passed over." in result.output
    assert "No walls" not in result.output
    assert (graded / "report" / "grades.csv").read_bytes() == before


def test_one_that_is_known_is_said_in_the_singular(graded: Path) -> None:
    result = call("submissions", "--only", "ada")
    assert "1 is graded already and is passed over." in result.output


def test_real_gpu_that_is_not_there_is_refused_before_anything_runs(graded: Path) -> None:
    if list(Path("/dev").glob("nvidia[0-9]*")):
        pytest.skip("this machine has an NVIDIA GPU")
    before = (graded / "grades.db").read_bytes()
    result = call("submissions", "--again", "--real-gpu")
    assert result.exit_code == 2
    assert "--real-gpu: This machine has no NVIDIA GPU: there is no /dev/nvidia0." in result.output
    assert "the virtual GPU is taken" in result.output
    assert (graded / "grades.db").read_bytes() == before
    assert call("explain", "ada", ID, "double.values", "--real-gpu").exit_code == 2


def test_real_gpu_is_this_machines_and_no_clusters() -> None:
    settings = Settings(real_gpu=True, dask="tcp://head:8786")
    with pytest.raises(ConfigError, match=r"--real-gpu is for this machine, and --dask grades on others"):
        settle_gpu(settings, "none")


def test_dry_run_says_what_is_known(graded: Path) -> None:
    result = call("submissions", "--dry-run", "--again", "--only", "bob")
    assert "1 to grade, 0 graded already." in result.output
    result = call("submissions", "--dry-run")
    assert "0 to grade, 3 graded already." in result.output


def test_what_the_grader_fails_to_judge_gives_exit_code_1(graded: Path) -> None:
    hand_in(
        graded,
        "dora",
        "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nimport time\ntime.sleep(99)",
    )
    result = call("submissions", "--only", "dora")
    assert result.exit_code == 1, result.output
    assert "dora" in result.output


def test_only_narrows_what_is_said_of_the_intake(graded: Path) -> None:
    write(graded / "submissions" / "dan" / "notes.txt", "x")
    said = call("submissions", "--dry-run", "--only", "bob").output
    assert "Found: students 1, notebooks 1, set aside 0" in said
    assert "carl" not in said
    said = call("submissions", "--dry-run", "--only", "dan").output
    assert "Found: students 0, notebooks 0, set aside 1" in said
    assert "0 to grade, 0 graded already." in said


def test_report_is_written_again_from_the_grade_book(graded: Path) -> None:
    before = json.loads((graded / "report" / "results.json").read_text())
    shutil.rmtree(graded / "report")
    shutil.rmtree(graded / "submissions")
    result = call("report")
    assert result.exit_code == 0, result.output
    after = json.loads((graded / "report" / "results.json").read_text())
    assert after["reports"] == before["reports"]
    assert (graded / "report" / "index.html").is_file()


def test_show_prints_one_student_in_both_languages(graded: Path) -> None:
    result = call("show", "bob")
    assert result.exit_code == 0, result.output
    assert "The function double: wrong answer" in result.output
    assert "La fonction double" in call("show", "BOB", "--lang", "fr").output


def test_show_names_the_nearest_student_and_exercise(graded: Path) -> None:
    result = call("show", "bobb")
    assert result.exit_code == 2
    assert "did you mean 'bob'?" in result.output
    result = call("show", "bob", "01_double")
    assert result.exit_code == 2
    assert f"did you mean '{ID}'?" in " ".join(result.output.split())


def test_executed_notebook_can_be_had(graded: Path) -> None:
    assert call("show", "ada", ID, "--notebook", "ran.ipynb").exit_code == 0
    cells = json.loads((graded / "ran.ipynb").read_text())["cells"]
    assert cells[0]["execution_count"] == 1
    result = call("show", "carl", ID, "--notebook", "ran.ipynb")
    assert result.exit_code == 2
    assert "never ran" in result.output
    assert call("show", "ada", ID, "--notebook", "/proc/ran.ipynb").exit_code == 2


def test_rubric_is_listed_and_shown_as_it_is_and_as_it_was(graded: Path) -> None:
    listed = call("rubric", "list").output
    assert ID in listed
    version = listed.split()[-4]
    shown = call("rubric", "show", ID).output
    assert version in shown
    assert "double.values" in shown
    text = (graded / "reference" / ID / "rubric.toml").read_text()
    write(graded / "reference" / ID / "rubric.toml", text.replace("cases = 2", "cases = 4"))
    assert call("rubric", "show", "--version", version[:6]).output == text
    assert call("rubric", "show", "--version", "none").exit_code == 2


def test_a_pattern_and_lateness_are_shown_before_anything_is_graded(graded: Path) -> None:
    notebook = (graded / "submissions" / "ada" / f"{ID}.ipynb").read_text("utf-8")
    write(graded / "odd" / "2026-ada (21)" / f"rendu-{ID}.ipynb", notebook)
    write(graded / "odd" / "brouillon.ipynb", notebook)
    said = call("odd", "--dry-run", "--pattern", "2026-{name} ({student})/*.ipynb").output
    assert "Found: students 1, notebooks 1, set aside 1 (layout: pattern)" in said
    assert "brouillon.ipynb: Its path does not fit the pattern." in said
    write(graded / "canvas" / f"ada_LATE_21_9001_{ID}.ipynb", notebook)
    said = call("canvas", "--dry-run").output
    assert "Late: ada" in said
    assert "grade (late)" in said
    write(graded / "told" / "ada" / "TP.ipynb", notebook)
    said = call("told", "--dry-run").output
    assert f"Taken for {ID} by content alone: ada/TP.ipynb" in said
    assert "(told by its content)" in said
    refused = call("odd", "--dry-run", "--pattern", "{name}.ipynb")
    assert refused.exit_code == 2
    assert "{student} is missing" in refused.output
