"""A grader ended at any moment: nothing of it is left, and the same command brings the same grade book."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.course import RIGHT, WRONG, hand_in, make_course, write

COMMAND = [sys.executable, "-m", "grader", "submissions", "--sandbox", "auto", "--jobs", "2"]
ANSWERS = {
    "ada": RIGHT,
    "bob": WRONG,
    "carl": "1 / 0",
    "dora": "double = 3",
    "eve": f"{RIGHT}\nprint(double(2))",
}
WARDEN = """
import ctypes, json, os, signal, subprocess, sys, time
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER: orphans become this process's children
run = subprocess.Popen(json.loads(sys.argv[2]), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
try:
    _, errors = run.communicate(timeout=float(sys.argv[1]))
except subprocess.TimeoutExpired:
    run.send_signal(int(sys.argv[3]))
    _, errors = run.communicate()
deadline = time.monotonic() + 60
while time.monotonic() < deadline:
    try:
        if os.waitpid(-1, os.WNOHANG) == (0, 0):
            time.sleep(0.02)
    except ChildProcessError:
        break
left = []
for folder in os.listdir("/proc"):
    if folder.isdigit():
        try:
            stat = open(f"/proc/{folder}/stat").read()
        except OSError:
            continue
        if int(stat.rpartition(")")[2].split()[1]) == os.getpid():
            left.append(stat)
print(json.dumps({"status": run.returncode, "left": left, "errors": errors.decode()[-50_000:]}))
"""
"""Runs a command, sends it a signal after so many seconds, and tells which of its descendants do not end."""


class Ended(NamedTuple):
    """How a run ended, and which of its processes did not."""

    status: int
    left: list[str]


def graded(course: Path, after_s: float = 500.0, number: int = signal.SIGKILL) -> Ended:
    """Run the grader in a course, with temporary files of its own; send it a signal when it takes longer."""
    (course / "tmp").mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-c", WARDEN, str(after_s), json.dumps(COMMAND), str(int(number))],
        cwd=course,
        env={**os.environ, "TMPDIR": str(course / "tmp")},
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout)
    assert "Traceback" not in told["errors"]
    return Ended(told["status"], told["left"])


def grade_book(course: Path) -> object:
    """What was reported, but for times."""
    text = (course / "report" / "results.json").read_text(encoding="utf-8")
    return json.loads(re.sub(r'"(wall_s|graded_at)": [^,\n]+', r'"\1": 0', text))


def class_in(folder: Path) -> Path:
    make_course(folder)
    for student, answer in ANSWERS.items():
        hand_in(folder, student, answer)
    write(folder / "submissions" / "finn" / "01_doubles.ipynb", "{")
    return folder


class Whole(NamedTuple):
    """A run that nobody disturbed."""

    book: object
    wall_s: float


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that kernels of root may pass through too, so that no temporary file of a run is elsewhere."""
    with tempfile.TemporaryDirectory(prefix="killed-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    course = class_in(tmp_path_factory.mktemp("whole"))
    began = time.monotonic()
    assert graded(course) == (0, [])
    return Whole(grade_book(course), time.monotonic() - began)


def check(course: Path, whole: Whole, *ends: tuple[signal.Signals, float]) -> None:
    """End runs in a course one after the other, each at its share of the whole; see the next through."""
    class_in(course)
    for number, share in ends:
        ended = graded(course, after_s=share * whole.wall_s, number=number)
        assert ended.left == []
        if number is signal.SIGINT:
            # -2, for which a shell says 130: Python does not mind the signal in its first moments.
            assert ended.status in (130, -signal.SIGINT, 0), "0: it had ended"
            assert list((course / "tmp").iterdir()) == []
    again = graded(course)
    failed = [
        r
        for r in json.loads((course / "report" / "results.json").read_text())["reports"]
        if r["verdict"] == "judge_error"
    ]
    assert failed == []
    assert again == (0, [])
    assert grade_book(course) == whole.book
    assert list((course / "tmp").iterdir()) == []
    assert list(course.rglob("*.part")) == []
    assert str(course) not in Path("/proc/self/mounts").read_text()


def test_run_that_is_interrupted_and_then_killed_is_finished_by_the_next(place: Path, whole: Whole) -> None:
    """Kernels are at work between about 0.6 and 0.85 of a run."""
    check(place, whole, (signal.SIGINT, 0.7), (signal.SIGKILL, 0.6))


@pytest.mark.nightly
@pytest.mark.timeout(0)
@pytest.mark.parametrize("moment", range(50))
def test_run_killed_at_any_moment_is_finished_by_the_next(place: Path, whole: Whole, moment: int) -> None:
    check(place, whole, (signal.SIGKILL, random.Random(moment).random()))


@pytest.mark.nightly
@pytest.mark.timeout(0)
@pytest.mark.parametrize("moment", range(20))
def test_run_interrupted_at_any_moment_is_finished_by_the_next(
    place: Path, whole: Whole, moment: int
) -> None:
    check(place, whole, (signal.SIGINT, random.Random(100 + moment).random()))
