"""The benchmarks' own parts: what they measure with must be the same for the same seed, and must see every process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import overhead
from benchmarks.measuring import Cost, descendants, measure, spread
from benchmarks.peer_checks import CHECKS
from benchmarks.peers import OURS, START, Figure, table
from benchmarks.sample_class import EXERCISES, ROOT, class_of, reference_of, write_class
from grader.catalog import read_catalog
from grader.criteria import KINDS
from grader.grading import running
from grader.intake import read_submissions
from grader.model.probe import Probe
from grader.model.rubric import Limits
from tests.sandbox.notebooks import notebook

FORKS = """
import contextlib, os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system's own account of waited-for processes misses the child
child = os.fork()
if child == 0:
    while time.process_time() < 0.6:
        pass
    os._exit(0)
with contextlib.suppress(ChildProcessError):
    os.waitpid(child, 0)
"""


def test_a_class_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    first, again, other = class_of(6, seed=1), class_of(6, seed=1), class_of(6, seed=2)
    assert first == again
    assert first != other


def test_three_in_five_are_right_and_none_comes_twice_before_all_came_once() -> None:
    for exercise in EXERCISES:
        variants = [n.variant for n in class_of(20, seed=0, exercises=(exercise,))]
        wrong = [v.name for v in variants if v is not None and not v.is_right]
        assert len(wrong) == len(set(wrong)) == 8


def test_what_is_written_is_taken_in_as_that_class(tmp_path: Path) -> None:
    notebooks = class_of(3, seed=0)
    write_class(notebooks, tmp_path)
    exercises = read_catalog(ROOT / "exercises", ROOT / "reference", KINDS)
    found = read_submissions([tmp_path], exercises)
    assert {(s.student, s.exercise) for s in found.submissions} == {
        (n.student, n.exercise) for n in notebooks
    }
    assert found.set_aside == ()


@pytest.mark.parametrize("exercise", EXERCISES)
def test_what_other_graders_test_is_python_and_named_once(exercise: str) -> None:
    checks = CHECKS[exercise]
    assert len({check.name for check in checks}) == len(checks)
    for check in checks:
        compile(check.code, check.name, "exec")
        assert check.name.isidentifier()
        assert reference_of(exercise)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_computing_of_a_process_that_nobody_waits_for_is_counted(tmp_path: Path) -> None:
    cost = measure([sys.executable, "-c", FORKS], cwd=tmp_path, env=os.environ, log=tmp_path / "log")
    assert cost.code == 0, (tmp_path / "log").read_text()
    assert cost.cpu_s > 0.5


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_descendants_are_found_below_other_processes() -> None:
    with subprocess.Popen(["sh", "-c", "sh -c 'read x; :' ; :"], stdin=subprocess.PIPE) as process:
        try:
            while len(descendants(process.pid)) < 2:
                pass
        finally:
            process.communicate()
    assert descendants(process.pid) == [process.pid]


def test_the_table_says_how_many_times_our_time_another_takes() -> None:
    figures = [
        Figure(START, 2, 0, 4, Cost(8.0, 6.0, 10**8, 0)),
        Figure(OURS, 2, 0, 40, Cost(100.0, 50.0, 10**9, 0)),
        Figure("nbgrader", 1, 0, 10, Cost(100.0, 100.0, 5 * 10**8, 0)),
    ]
    rows = {line.split("|")[1].strip(): line for line in table(figures).splitlines()[2:]}
    assert rows["nbgrader"].endswith("| 8.0 |")
    assert rows[OURS].endswith("| 1.0 |")
    assert rows[START].endswith("|  |")


def test_a_spread_is_the_median_between_least_and_most() -> None:
    assert spread([3.0, 1.0, 2.0]) == "2.0 (1.0 to 3.0)"


BURN = "import time\nbegan = time.process_time()\nwhile time.process_time() < began + {s}: pass\n"


def test_what_a_kernel_computes_is_put_down_to_its_part(tier: str) -> None:
    meter, opener = overhead.Meter(), running.open_kernel
    meter.trained = ("learns/",)
    trained, asked = (
        Probe(id=f"{name}/0", code=BURN.format(s=s)) for name, s in (("learns", 1), ("is", 0.5))
    )
    with (
        overhead.metered(meter),
        running.open_kernel(tier=tier, limits=Limits(), seed=1) as kernel,
    ):
        kernel.execute(notebook(BURN.format(s=2)))
        for probe in (trained, asked):
            assert kernel.ask_together((probe,))[0].outcome == "answered"
    assert running.open_kernel is opener
    assert meter.asked == [asked]
    computed = {overhead.CELLS: 2, overhead.STARTS: 1, overhead.QUESTIONS: 0.5}
    rest = {name: meter.parts[name] - s for name, s in computed.items()}
    assert all(s >= 0 for s in rest.values()), rest
    assert meter.parts[overhead.QUESTIONS] < meter.parts[overhead.STARTS] < meter.parts[overhead.CELLS]
    assert meter.parts[overhead.START] > 0
