from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from grader.cli import main
from tests.course import ID, RIGHT, RUBRIC, hand_in, make_course


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a course and one notebook to grade."""
    for name in [name for name in os.environ if name.startswith("GRADE_")]:
        monkeypatch.delenv(name)
    make_course(tmp_path)
    hand_in(tmp_path, "ada", RIGHT)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def call(*args: str) -> Result:
    return CliRunner().invoke(main, list(args))


def words(result: Result) -> str:
    """What was said, without the terminal's line breaks."""
    return " ".join(result.output.split())


INTERRUPTED_LAST = """
import os, signal, sys
class Late:
    def __del__(self, interrupt=os.kill, me=os.getpid(), number=signal.SIGINT, write=os.write):
        interrupt(me, number)
        write(1, b"interrupted")
sys.late = Late()
sys.argv = ["grade", "--version"]
from grader.__main__ import main
main()
"""
"""Interrupted when Python has let go of its own answer to the signal."""


def test_an_interruption_after_all_is_done_changes_nothing() -> None:
    line = [sys.executable, "-c", INTERRUPTED_LAST]
    run = subprocess.run(line, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.splitlines()[-1] == "interrupted"


def test_an_interruption_while_the_program_is_read_is_quiet() -> None:
    command = [sys.executable, "-X", "importtime", "-m", "grader", "--help"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert process.stdout is not None
        for line in process.stderr:
            if line.rstrip().endswith("grader.model.text"):
                break
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
        shown = process.stdout.read()
    assert process.returncode == 130
    assert "Traceback" not in said
    assert shown == ""


def every_command(group: click.Group, *above: str) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*above, name)
        if isinstance(command, click.Group):
            yield from every_command(command, *above, name)


@pytest.mark.parametrize("path", list(every_command(main)), ids=" ".join)
def test_every_command_has_help_with_an_example(path: tuple[str, ...]) -> None:
    result = call(*path, "--help")
    assert result.exit_code == 0
    is_group = isinstance(main.commands[path[0]], click.Group) and len(path) == 1
    assert is_group or "Example" in result.output


def test_help_and_version() -> None:
    assert "grade run SUBMISSIONS" in words(call("--help"))
    assert "Examples" in call("-h").output
    assert call("--version").output == "grade, version 0.1.0\n"


@pytest.mark.parametrize(
    "args",
    [
        ("submissions", "--dry-run"),
        ("run", "submissions", "--dry-run"),
        ("--dry-run", "submissions"),
        ("--only", "ada", "--dry-run", "submissions"),
        ("--traceback", "submissions", "--dry-run"),
    ],
)
def test_submissions_without_a_command_are_graded(course: Path, args: tuple[str, ...]) -> None:
    result = call(*args)
    assert result.exit_code == 0, result.output
    assert "1 to grade, 0 graded already." in result.output
    assert not (course / "grades.db").exists()
    assert not (course / "report").exists()


def test_mistyped_command_is_told_from_a_missing_folder(course: Path) -> None:
    result = call("repport")
    assert result.exit_code == 2
    assert "did you mean `grade report`?" in words(result)
    result = call("homework")
    assert result.exit_code == 2
    assert "homework does not exist" in words(result)


def test_unknown_flag_is_wrong_usage(course: Path) -> None:
    result = call("submissions", "--sed", "1")
    assert result.exit_code == 2
    assert "--seed" in result.output


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (("submissions", "--only", "adda"), "did you mean 'ada'?"),
        (("submissions", "--seed", "-1"), "--seed: expected"),
        (("submissions", "--db", "postgresql://x/y"), "SQLite file"),
        (("submissions", "--db", "/proc/grades.db"), "grades.db cannot be used"),
        (("submissions", "--out", "/proc/report"), "Reports cannot be written to /proc/report"),
        (("submissions", "--reference", "nowhere"), "got is with --exercises"),
        (("submissions", "--exercises", "nowhere"), "nowhere: no such folder. Say where"),
        (("reference/none.txt",), "does not exist"),
        (("report",), "no grade book"),
        (("show", "ada"), "no grade book"),
        (("show", "ada", "--notebook", "x.ipynb"), "needs an EXERCISE"),
        (("rubric", "show", "01_double"), f"did you mean '{ID}'?"),
        (("rubric", "show", "nosuch"), f"No exercise 'nosuch'; there are {ID}."),
        (("rubric", "show"), "Name an EXERCISE"),
    ],
)
def test_errors_are_one_line_with_what_to_do_and_no_traceback(
    course: Path, args: tuple[str, ...], expected: str
) -> None:
    result = call(*args)
    assert result.exit_code == 2, result.output
    assert expected in words(result)
    assert "Traceback" not in result.output


def test_bad_rubric_stops_the_run_with_file_key_and_expectation(course: Path) -> None:
    make_course(course, rubric=RUBRIC.replace("cases = 2", "casse = 2"))
    result = call("submissions")
    assert result.exit_code == 2
    assert "rubric.toml: criteria.double.values.casse: unknown key (did you mean 'cases'?)" in words(result)


def test_bad_rubric_stops_the_run_in_french_where_that_is_the_language(course: Path) -> None:
    make_course(course, rubric=RUBRIC.replace("cases = 2", "casse = 2"))
    result = call("submissions", "--lang", "fr")
    assert result.exit_code == 2
    assert "rubric.toml : criteria.double.values.casse : clé inconnue (vouliez-vous dire « cases » ?)." in (
        words(result)
    )


def test_wrong_usage_is_told_in_the_language_asked_for(course: Path) -> None:
    result = call("rubric", "show", "--lang", "fr")
    assert result.exit_code == 2
    assert "Nommez un EXERCICE, ou une --version." in words(result)


@pytest.mark.parametrize("variable", ["GRADE_LANG=fr", "LC_ALL=fr_FR.UTF-8"])
def test_missing_folder_is_told_in_the_language_of_the_environment(course: Path, variable: str) -> None:
    (course / "grader.toml").write_text('sandbox = "none"\n')
    name, _, value = variable.partition("=")
    program = [sys.executable, "-m", "grader.cli", "run", "submissions", "--reference", "nowhere"]
    result = subprocess.run(
        program,
        env={**os.environ, name: value},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert result.returncode == 2
    assert "nowhere : ce dossier n’existe pas. Indiquez où" in result.stderr.replace("\u202f", " ")


def test_newer_grade_book_is_refused_before_anything_is_graded(course: Path) -> None:
    assert call("submissions", "--dry-run").exit_code == 0
    connection = sqlite3.connect(course / "grades.db")
    connection.executescript(
        "PRAGMA application_id = 1735549284; CREATE TABLE alembic_version (version_num TEXT);"
        "INSERT INTO alembic_version VALUES ('9999')"
    )
    connection.close()
    result = call("submissions")
    assert result.exit_code == 2
    assert "newer version of grade" in words(result)


def test_nothing_to_grade_is_wrong_usage(course: Path) -> None:
    (course / "empty").mkdir()
    result = call("empty")
    assert result.exit_code == 2
    assert "There is no notebook to grade" in words(result)


def test_developers_can_have_the_traceback(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Traceback" in call("--traceback", "submissions", "--seed", "-1").output
    monkeypatch.setenv("GRADE_DEBUG", "1")
    assert "Traceback" in call("submissions", "--seed", "-1").output


def test_typo_in_the_settings_file_is_named(course: Path) -> None:
    with (course / "grader.toml").open("a") as file:
        file.write("seeed = 1\n")
    result = call("submissions")
    assert result.exit_code == 2
    assert "grader.toml: seeed: unknown key; did you mean 'seed'?" in words(result)


def test_help_comes_without_loading_torch_or_the_kernels() -> None:
    code = (
        "import sys, grader.cli; print([m for m in ('torch', 'nbclient', 'sqlalchemy') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "[]\n"
