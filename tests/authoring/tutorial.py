"""Does what docs/tutorial-exercise.md says: writes the page's files and runs its commands, in the order of the page.

A block's first line says what it is for: `file=` (write), `add=` (write below what is there) or `run` (commands).
`grade exercise verify` is left to whoever drives, since it grades the exercise some twelve times.
"""

from __future__ import annotations

import contextlib
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from click.testing import CliRunner

from grader.cli import main
from tests.conftest import ROOT

PAGE = ROOT / "docs" / "tutorial-exercise.md"
ID = "05_softmax"

_BLOCK = re.compile(r"^```\w+ (?:(file|add)=(\S+)|run)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """One of the page's blocks."""

    purpose: str
    path: str
    text: str


class Said(NamedTuple):
    """A command and what it printed."""

    command: str
    output: str


def blocks() -> list[Block]:
    found = _BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    return [Block(purpose or "run", path, text) for purpose, path, text in found]


def follow(folder: Path) -> Iterator[Said]:
    """Carry out the page in `folder`; yields after each command, so that what it left can be looked at.

    Raises: AssertionError when a command fails.
    """
    here = folder
    for block in blocks():
        if block.purpose == "run":
            for line in block.text.splitlines():
                words = shlex.split(line)
                if words[0] == "cd":
                    here = here / words[1]
                elif words[:3] == ["grade", "exercise", "verify"]:
                    yield Said(line, "")
                else:
                    yield Said(line, _run(words, here))
            continue
        path = here / block.path
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_text(encoding="utf-8") + "\n" if block.purpose == "add" else ""
        path.write_text(before + block.text, encoding="utf-8")


def _run(words: list[str], here: Path) -> str:
    if words[0] == "grade":
        with contextlib.chdir(here):
            result = CliRunner(env={"COLUMNS": "200"}).invoke(main, words[1:])
        assert result.exit_code == 0, f"{words}: {result.output}"
        return result.output
    program = [sys.executable, "-m", "jupytext"] if words[0] == "jupytext" else words[:1]
    done = subprocess.run([*program, *words[1:]], cwd=here, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words}: {done.stderr}"
    return done.stdout
