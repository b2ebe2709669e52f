"""The virtual device is like a real one: the same verdicts and the same messages for every program of the catalogue."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.catalog import read_catalog
from grader.criteria import KINDS
from grader.errors import SandboxUnavailableError
from grader.model.exercise import Exercise
from grader.sandbox import choose_tier, gpu_behind_walls
from tests.criteria.device_programs import CUT, PROGRAMS
from tests.criteria.device_programs.program import Program
from tests.criteria.device_runs import finding, judged

ROOT = Path(__file__).parents[2]
OF_EACH_FINDING = {p.finding: p.name for p in reversed(PROGRAMS)}.values()


@pytest.fixture(scope="module")
def tier() -> str:
    """Walls behind which the GPU of this machine computes."""
    found = choose_tier("auto")
    try:
        gpu_behind_walls(found)
    except SandboxUnavailableError as error:
        pytest.skip(f"nothing to compare the virtual device with: {error}")
    return found


@pytest.fixture(scope="module")
def exercise() -> Exercise:
    return next(iter(read_catalog(ROOT / "exercises", ROOT / "reference", KINDS)))


@pytest.mark.parametrize(
    "program",
    [
        pytest.param(p, id=p.name, marks=() if p.name in OF_EACH_FINDING else (pytest.mark.nightly,))
        for p in PROGRAMS
    ],
)
def test_both_devices_give_the_same_verdict_and_message(
    program: Program, exercise: Exercise, tier: str
) -> None:
    cells = program.code.split(f"\n{CUT}\n")
    virtual, real = (judged(exercise, tier, *cells, real_gpu=gpu, same=["losses"]) for gpu in (False, True))
    assert "on a real GPU: " in real.staff_note
    assert finding(real) == finding(virtual), real
    assert (real.verdict, real.score) == (virtual.verdict, virtual.score)
    assert (real.got, real.where, real.look_at) == (virtual.got, virtual.where, virtual.look_at)


def test_both_devices_raise_the_same_letter_by_letter(tier: str) -> None:
    line = [sys.executable, "-m", "tests.criteria.device_programs.two_worlds", "virtual", "real"]
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    run = subprocess.run(line, capture_output=True, text=True, check=True, timeout=580, env=env)
    raised = json.loads(run.stdout.splitlines()[-1])
    assert {name: found for name, found in raised.items() if found["real"] != found["virtual"]} == {}
