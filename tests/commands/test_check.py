"""`grade check`: exit codes, words, JSON, the file to hand in; and all of it where nothing of Linux's own is there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import zipfile

import pytest
from click.testing import CliRunner

from grader.authoring.check_bundle import make_bundle
from grader.cli import main
from grader.model.check_report import CheckReport
from tests.conftest import ROOT
from tests.course import write
from tests.grading import course as squares
from tests.grading.damages import as_markdown, damaged, deleted
from tests.selfcheck.course import ID, RIGHT, TRIPLE, make_course, notebook


def check(path, *more):
    return CliRunner().invoke(
        main, ["check", str(path), "--sandbox", "none", *more], env={"GRADE_LANG": "en"}
    )


def test_a_right_notebook_exits_0_and_is_packed_to_be_handed_in(student):
    file = write(student / "TP1.ipynb", notebook(RIGHT, counts=(1,)))
    result = check(file, "--json", "--bundle")
    assert result.exit_code == 0, result.output
    report = CheckReport.model_validate_json(result.stdout)
    assert (report.exercise, report.passed, report.points, report.out_of) == (ID, True, 3, 3)
    assert (report.hidden_criteria, report.remarks, report.tier) == (1, (), "local")
    assert {c.id for task in report.tasks for c in task.criteria} == {
        "double.runs",
        "double.values",
        "double.plain",
    }
    with zipfile.ZipFile(student / f"{ID}.zip") as archive:
        assert archive.read(f"{ID}.ipynb") == file.read_bytes()


def test_a_mistake_exits_1_and_hidden_state_is_told(student):
    file = write(student / "TP1.ipynb", notebook(TRIPLE, "print(gone)", counts=(4, 9)))
    result = check(file)
    said = " ".join(result.output.split())
    assert result.exit_code == 1, result.output
    assert "✗ The function double: wrong answer (0/2)" in said
    words = (
        "This is the triple. Expected: the reference's values, but for rounding",
        "Got: 3 of 3 values differ, by up to 50 % of their size",
        "Where: `double`, in cell 1 of the notebook Look at: Add x to itself.",
    )
    assert " ".join(words) in said
    assert "Hidden state: cell 2 uses `gone`, which no cell of the notebook defines." in said
    assert "✓ Without a loop" in said
    assert "Something is not right yet. Public criteria: 1 of 3 points." in said
    assert "Hidden criteria remain: 1 (points: 1)." in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere.ipynb"], "does not exist"),
        (["broken.ipynb"], "broken.ipynb: "),
        (["notes.txt"], "is not a notebook"),
        (["TP1.ipynb", "--only", "doubel"], "no task 'doubel'; there are double"),
        (["TP1.ipynb", "--kit", "notes.txt"], "is not the self-check file"),
        (["TP1.ipynb", "--only", "double", "--bundle"], "without --only"),
        (["other.ipynb"], "is of the exercise 09_other"),
    ],
)
def test_wrong_usage_exits_2_and_says_what_to_do(student, monkeypatch, arguments, words):
    monkeypatch.chdir(student)
    write(student / "TP1.ipynb", notebook(RIGHT))
    write(student / "broken.ipynb", notebook(RIGHT)[:-40])
    write(student / "notes.txt", "notes")
    write(student / "other.ipynb", notebook(RIGHT, exercise="09_other"))
    result = check(arguments[0], *arguments[1:])
    assert result.exit_code == 2, result.output
    assert words in " ".join(result.output.split())


def test_without_a_kit_it_says_where_to_find_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = check(write(tmp_path / "TP1.ipynb", notebook(RIGHT)))
    assert result.exit_code == 2
    assert "It is in the kit of your exercise" in " ".join(result.output.split())


@pytest.mark.nightly
def test_whoever_has_the_references_needs_no_kit(tmp_path, monkeypatch):
    monkeypatch.chdir(make_course(tmp_path))
    result = check(write(tmp_path / "inbox" / f"{ID}.ipynb", notebook(TRIPLE)), "--only", "double")
    assert result.exit_code == 1, result.output
    assert "This is the triple." in result.output


ABSENT = ("fcntl", "resource", "termios", "pwd", "grp", "pyseccomp", "landlockpy", "seccomp")
POSIX = (
    (
        "os",
        "pidfd_open fork forkpty O_NOFOLLOW O_NONBLOCK geteuid getegid getuid statvfs killpg setsid memfd_create",
    ),
    ("signal", "SIGKILL pidfd_send_signal SIGHUP"),
    ("socket", "AF_UNIX send_fds recv_fds"),
    ("select", "poll epoll"),
)


def test_nothing_of_linux_own_is_on_the_road_of_a_check(student):
    """As near as Linux comes to macOS and Windows: their missing modules are missing, in the kernel, too.

    While grade is imported, functions and constants that Windows has not are gone as well.
    """
    write(student / "TP1.ipynb", notebook(TRIPLE))
    blocked = "\n".join(f"sys.modules[{name!r}] = None" for name in ABSENT)
    write(student / "sitecustomize.py", f"import sys\n{blocked}\n")
    program = f"""
        import sys, os, signal, socket, select, subprocess, asyncio, multiprocessing.connection
        import IPython, jupyter_client.launcher, nbclient, ipykernel.kernelapp, rich_click, torch, matplotlib
        assert sys.modules["fcntl"] is None
        gone = [(sys.modules[m], n) for m, names in {POSIX!r} for n in names.split()]
        kept = [(m, n, getattr(m, n)) for m, n in gone if hasattr(m, n)]
        for module, name, _ in kept:
            delattr(module, name)
        import grader.selfcheck.live.magic, grader.selfcheck.hand_in, grader.selfcheck.fresh, grader.commands.check
        from grader.cli import main
        for module, name, value in kept:  # Python's own subprocess module needs them to start the kernel here
            setattr(module, name, value)
        sys.platform = "darwin"
        main(["check", "TP1.ipynb", "--bundle", "--lang", "en"])
    """
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(student), str(ROOT)])}
    command = [sys.executable, "-c", textwrap.dedent(program)]
    ended = subprocess.run(
        command, cwd=student, env=env, capture_output=True, text=True, timeout=500, check=False
    )
    assert ended.returncode == 1, ended.stderr
    assert "This is the triple." in ended.stdout
    assert json.loads(zipfile.ZipFile(student / f"{ID}.zip").read(f"{ID}.receipt.json"))["tier"] == "local"


def test_a_damaged_notebook_is_told_and_checked_as_it_is_graded(tmp_path):
    exercise = squares.make_exercise(tmp_path)
    kit = make_bundle(exercise, tier="local", lang="en").model_dump_json(by_alias=True)
    write(tmp_path / f"{squares.ID}.check.json", kit)
    text = damaged(squares.REFERENCE, (as_markdown, 5), (deleted, 3))
    file = write(tmp_path / f"{squares.ID}.ipynb", text)
    result = check(file)
    said = " ".join(result.output.split())
    assert result.exit_code == 0, result.output
    assert "Cell 5, the code cell `square`, is a text cell. It was run as code." in said
    assert "The given cell `data` is missing. It was put back." in said
    assert file.read_text(encoding="utf-8") == text
