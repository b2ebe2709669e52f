"""`grade doctor`: what it says, and its exit code, on machines that differ in what they forbid."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader.cli import main
from grader.modules import install_command
from grader.sandbox import diagnosis
from tests.course import ID, RIGHT, WRONG, hand_in, make_course, notebook, write
from tests.sandbox.forbidding import ROOT, running


def call(*args: str) -> Result:
    return CliRunner().invoke(main, ["doctor", "--no-sample", *args], env={"COLUMNS": "200"})


def elsewhere(forbidden: str, **environment: str) -> subprocess.CompletedProcess[str]:
    words = [f"{name}={value}" for name, value in environment.items()]
    line = [
        *running(forbidden, user="ordinary"),
        "env",
        *words,
        sys.executable,
        "-P",
        "-m",
        "grader.cli",
        "doctor",
        "--no-sample",
    ]
    usual = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "200", "LC_ALL": "C.UTF-8"}
    return subprocess.run(line, env=usual, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)


def test_walls_that_hold_are_said_and_the_code_is_0(tier: str) -> None:
    result = call("--lang", "en")
    assert result.exit_code == 0, result.output
    assert f"`--sandbox auto` takes {tier}." in result.output
    for words in ("torch", "Tested with", "bubblewrap: ", "Free disk in ", "Cores: ", "Memory: "):
        assert words in result.output


def test_what_notebooks_import_and_is_not_installed_is_named_with_the_command(
    tier: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = metadata.version

    def version(name: str) -> str:
        if name in ("pandas", "scikit-learn"):
            raise metadata.PackageNotFoundError(name)
        return installed(name)

    assert "Missing here" not in call("--lang", "en").output
    monkeypatch.setattr(metadata, "version", version)
    said = call("--lang", "en").output
    assert "Missing here, though many notebooks import it: pandas, scikit-learn." in said
    assert f"`{install_command(['pandas', 'scikit-learn'])}` installs it." in said


def test_it_speaks_french(tier: str) -> None:
    result = call("--lang", "fr")
    assert f"`--sandbox auto` prend {tier}." in result.output
    assert "Mémoire" in result.output


@pytest.mark.parametrize(
    ("forbidden", "path", "words"),
    [
        ("nested", "", "ne tiennent pas : aucun espace de noms ne peut être créé dans ceux de bubblewrap"),
        ("all", "", "ne tiennent pas : « bwrap: No permissions to create new namespace"),
        ("Landlock", "/nonexistent", "ne tiennent pas : ce Linux n’a pas Landlock"),
        ("Landlock", "/nonexistent", "ne tiennent pas : Les niveaux strong et mid demandent bubblewrap"),
    ],
)
def test_reasons_are_french_and_a_tools_own_words_are_quoted(
    tier: str, forbidden: str, path: str, words: str
) -> None:
    run = elsewhere(forbidden, GRADE_LANG="fr", PATH=path or os.environ["PATH"])
    assert words in run.stdout.replace("\u202f", " ")


def test_weaker_tier_is_named_with_what_stands_in_the_way_of_a_stronger_one(tier: str) -> None:
    run = elsewhere("all")
    assert run.returncode == 0, run.stderr
    assert "`--sandbox auto` takes portable." in run.stdout
    assert "do not hold: bwrap: No permissions to create new namespace" in run.stdout
    assert "\n- " in run.stdout


def test_code_is_1_and_everything_missing_is_named_where_no_walls_hold(tier: str) -> None:
    run = elsewhere("Landlock", PATH="/nonexistent")
    assert run.returncode == 1, run.stderr
    assert "No walls hold" in run.stdout
    assert "apt install bubblewrap" in run.stdout
    assert "Use Linux 5.13 or newer with Landlock" in run.stdout


@pytest.mark.parametrize(("setting", "value"), [(s, v) for s, (v, _) in diagnosis.FORBIDDING.items()])
def test_setting_that_forbids_user_namespaces_is_named(
    monkeypatch: pytest.MonkeyPatch, setting: str, value: str
) -> None:
    monkeypatch.setattr(diagnosis, "_value", lambda name: value if name == setting else None)
    said = [text for text in diagnosis.remedies("strong") if text.args.get("setting") == setting]
    assert len(said) == 1
    assert said[0].args["other"] != value


def test_help_has_examples() -> None:
    result = call("--help")
    assert result.exit_code == 0
    assert "grade doctor submissions/" in result.output


RUN = """
import json, os, tempfile
from pathlib import Path
from click.testing import CliRunner
from grader.cli import main
from tests.course import RIGHT, hand_in, make_course
folder = make_course(Path(tempfile.mkdtemp()))
hand_in(folder, "ada", RIGHT)
os.chdir(folder)
print(CliRunner().invoke(main, ["submissions", "--sandbox", "auto", "--jobs", "1", "--lang", "en"]).output)
print(json.loads((folder / "report" / "results.json").read_text())["reports"][0])
"""


@pytest.mark.parametrize(
    ("forbidden", "tier", "better"),
    [pytest.param("nested", "mid", "strong", marks=pytest.mark.nightly), ("all", "portable", "mid")],
)
def test_run_says_which_tier_it_has_and_why_no_stronger_one(forbidden: str, tier: str, better: str) -> None:
    line = [*running(forbidden, user="ordinary"), sys.executable, "-P", "-c", RUN]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        line, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert run.returncode == 0, run.stderr
    assert f"Sandbox tier {tier}; {better} does not hold here: " in run.stdout
    assert f"'tier': '{tier}'" in run.stdout
    assert "'verdict': 'accepted'" in run.stdout


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course without walls, in the current folder, and a class of three."""
    folder = make_course(tmp_path)
    for student, code in (("ada", RIGHT), ("bob", WRONG), ("carl", RIGHT)):
        hand_in(folder, student, code)
    monkeypatch.chdir(folder)
    return folder


def doctor(*args: str) -> Result:
    return CliRunner().invoke(main, ["doctor", *args], env={"COLUMNS": "200"})


def test_a_sample_is_graded_the_class_is_forecast_and_nothing_is_kept(course: Path, tier: str) -> None:
    before = sorted(course.rglob("*"))
    result = doctor("submissions")
    assert result.exit_code == 0, result.output
    assert "Sample graded, the reference of 01_doubles: 2/2 in " in result.output
    assert "To grade: 3 notebooks, about " in result.output
    assert "1 at a time; graded already: 0." in result.output
    assert sorted(course.rglob("*")) == before


def test_what_the_grade_book_knows_needs_no_sample(course: Path, tier: str) -> None:
    assert CliRunner().invoke(main, ["submissions", "--only", "ada"]).exit_code == 0
    result = doctor("submissions", "--no-sample")
    assert "Sample" not in result.output
    assert "To grade: 2 notebooks, about " in result.output
    assert "graded already: 1." in result.output


def test_a_reference_that_loses_points_or_does_not_run_gives_exit_code_1(course: Path, tier: str) -> None:
    write(course / "reference" / ID / f"{ID}.ipynb", notebook(f"raise ValueError('no')\n{RIGHT}"))
    result = doctor()
    assert result.exit_code == 1
    assert "could not be graded: reference/01_doubles" in result.output
    write(
        course / "reference" / ID / f"{ID}.ipynb",
        notebook("import time\ndef double(x):\n    return x * (time.time_ns() % 997)"),
    )
    result = doctor()
    assert result.exit_code == 1
    assert "A reference without full points" in result.output


def test_without_exercises_no_sample_is_graded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tier: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = doctor("--lang", "en")
    assert result.exit_code == 0
    assert "No exercises here" in result.output
