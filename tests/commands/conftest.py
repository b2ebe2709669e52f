"""A class that was graded once, on real kernels without walls, and whose course each test gets a copy of."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import main
from tests.course import ID, RIGHT, WRONG, hand_in, make_course, write
from tests.once import made_once


@pytest.fixture(scope="session")
def graded_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ada is right, Bob is wrong, and Carl's file is no notebook; only to be read."""
    return made_once(tmp_path_factory, "graded-course", make_graded_course)


def make_graded_course(folder: Path) -> None:
    make_course(folder)
    hand_in(folder, "ada", RIGHT)
    hand_in(folder, "bob", WRONG)
    write(folder / "submissions" / "carl" / f"{ID}.ipynb", "{")
    with contextlib.chdir(folder):
        result = CliRunner().invoke(main, ["submissions"])
    assert result.exit_code == 0, result.output
    assert "No walls" in result.output
    assert "Report: " in result.output


@pytest.fixture
def graded(graded_course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the graded course, as the current folder."""
    folder = Path(shutil.copytree(graded_course, tmp_path / "course"))
    monkeypatch.chdir(folder)
    return folder
