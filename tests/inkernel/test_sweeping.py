"""Emptying folders that do not want to be emptied, and ending processes that fork away."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.inkernel import sweeping

DEEP = 300
NAME = "x" * 200


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def test_folder_deeper_than_any_path_is_emptied(folder: Path) -> None:
    here = os.open(folder, os.O_RDONLY)
    for _ in range(DEEP):
        os.mkdir(NAME, dir_fd=here)
        inner = os.open(NAME, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    assert sweeping.empty([str(folder)])
    assert list(folder.iterdir()) == []


def test_modes_names_and_links_do_not_matter(folder: Path) -> None:
    outside = folder / "outside"
    inside = folder / "inside"
    (outside / "kept").mkdir(parents=True)
    (inside / ".swept-0-0" / "full" / "er").mkdir(parents=True)
    (inside / "a" / "b").mkdir(parents=True)
    (inside / "a" / "link").symlink_to(outside)
    (inside / "link").symlink_to(outside)
    os.mkfifo(inside / "pipe")
    (inside / "a" / "b").chmod(0)
    (inside / "a").chmod(0)
    inside.chmod(0)
    assert sweeping.empty([str(inside)])
    assert (outside / "kept").is_dir()


def test_folder_itself_can_be_removed(folder: Path) -> None:
    (folder / "one" / "two").mkdir(parents=True)
    sweeping.remove(str(folder / "one"))
    sweeping.remove(str(folder / "never there"))
    assert list(folder.iterdir()) == []


REAPER = """
import os, subprocess, sys
from grader.inkernel import calls, sweeping
calls.prctl(calls.PR_SET_CHILD_SUBREAPER, 1)
line = [sys.executable, "-I", "-S", "-c", sys.argv[1]]
first = subprocess.Popen(line, stdout=subprocess.PIPE)
first.stdout.readline()
print(len(sweeping.descendants(os.getpid())) > 0, sweeping.end_descendants(), sweeping.descendants(os.getpid()))
"""
FORK_AWAY = """
import os, time
end = time.monotonic() + 20
print(flush=True)
while time.monotonic() < end:
    if os.fork(): os._exit(0)
"""
RUNAWAYS = {
    "daemon": "import os, time\nif os.fork(): os._exit(0)\nos.setsid()\nprint(flush=True)\ntime.sleep(99)",
    "moving target": FORK_AWAY,
    "moving target in ever new sessions": FORK_AWAY + "    os.setsid()",
    "moving targets": FORK_AWAY.replace("while", "os.fork()\nwhile"),
    "deaf": "import signal, time\nsignal.signal(15, signal.SIG_IGN)\nprint(flush=True)\ntime.sleep(99)",
}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has reapers of orphans")
@pytest.mark.parametrize("kind", RUNAWAYS)
def test_descendants_are_ended(kind: str) -> None:
    line = [sys.executable, "-c", REAPER, RUNAWAYS[kind]]
    run = subprocess.run(line, capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout.split() == ["True", "True", "{}"], run.stderr
