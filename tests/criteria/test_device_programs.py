"""The catalogue of notebooks about the GPU says of each what torch says, without a GPU and with the virtual one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter

import pytest

from tests.criteria.device_programs import CUT, FINDINGS, PROGRAMS

Raised = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def raised() -> Raised:
    """What each program raised in each world."""
    line = [sys.executable, "-m", "tests.criteria.device_programs.two_worlds"]
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    run = subprocess.run(line, capture_output=True, text=True, check=False, timeout=300, env=env)
    assert run.returncode == 0, run.stderr[-3000:]
    found: Raised = json.loads(run.stdout.splitlines()[-1])
    return found


def test_names_are_unique_and_every_finding_occurs() -> None:
    assert [name for name, times in Counter(p.name for p in PROGRAMS).items() if times > 1] == []
    assert {p.finding for p in PROGRAMS} == set(FINDINGS)


def test_programs_fall_into_whole_cells() -> None:
    for program in PROGRAMS:
        cells = program.code.split(f"\n{CUT}\n")
        assert 1 <= len(cells) <= 4, program.name
        for index, cell in enumerate(cells):
            assert cell.strip(), program.name
            compile(cell, f"{program.name}, cell {index + 1}", "exec")


def test_every_program_meets_the_message_it_names(raised: Raised) -> None:
    wrong = {
        p.name: raised[p.name]
        for p in PROGRAMS
        if p.says and not any(p.says in message for message in raised[p.name].values())
    }
    assert wrong == {}


def test_programs_that_name_no_message_end_well_in_both_worlds(raised: Raised) -> None:
    well = {"host": "", "virtual": ""}
    assert {p.name: raised[p.name] for p in PROGRAMS if not p.says and raised[p.name] != well} == {}
    assert all(not p.says for p in PROGRAMS if p.finding == "ok")


def test_tensors_left_behind_fail_only_where_there_is_a_gpu(raised: Raised) -> None:
    only_there = ("mixed:", "numpy_on_cuda", "hardcoded_index")
    failed = {p.name: raised[p.name]["host"] for p in PROGRAMS if p.finding.startswith(only_there)}
    assert {name: message for name, message in failed.items() if message} == {}
