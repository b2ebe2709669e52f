"""However a grader ends while notebooks run: no worker, client or kernel is left, and no temporary file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.executors.test_local import is_alive, wait_until
from tests.sandbox.notebooks import descendants

GRADER = """
import json, sys
from pathlib import Path
from grader.executors import LocalExecutor
from grader.model.rubric import Limits
from grader.sandbox import open_kernel

CELL = "import pathlib, subprocess\\npathlib.Path({path!r}).touch()\\nsubprocess.run(['sleep', '600'])"

def run(path):
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "source": CELL.format(path=path)}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    with open_kernel(tier="none", limits=Limits(), seed=1) as kernel:
        kernel.execute(json.dumps(notebook))

def main():
    with LocalExecutor(1) as executor:
        try:
            list(executor.run(run, [sys.argv[1]] * 3))
        except KeyboardInterrupt:
            print("interrupted")
"""


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, -15), (signal.SIGKILL, -9)]
)
def test_nothing_is_left_of_a_grader_that_ends_in_a_cell(
    tmp_path_factory: pytest.TempPathFactory, number: signal.Signals, code: int
) -> None:
    folder = tmp_path_factory.mktemp("t")  # a short name: those of sockets are limited
    started, scratch = folder / "started", folder / "scratch"
    (folder / "class_run.py").write_text(GRADER, encoding="utf-8")
    scratch.mkdir()
    environment = {**os.environ, "TMPDIR": str(scratch), "PYTHONPATH": f"{folder}:{ROOT}"}
    start = [sys.executable, "-c", "import class_run; class_run.main()", str(started)]
    with subprocess.Popen(start, env=environment) as grader:
        wait_until(lambda: started.exists() or grader.poll() is not None)
        below = descendants(grader.pid)
        commands = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in below]
        assert any(b"client_worker" in command for command in commands)
        assert any(b"launch.py" in command for command in commands)
        grader.send_signal(number)
    assert grader.returncode == code
    wait_until(lambda: not any(is_alive(pid) for pid in below))
    wait_until(lambda: not list(scratch.iterdir()))
