"""Nothing is left, however a kernel is left; and what reaches a kernel that could not start."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from grader.errors import KernelStartError
from grader.model.rubric import Limits
from grader.sandbox import open_kernel
from tests.sandbox.conftest import LIMITS
from tests.sandbox.notebooks import descendants, gone, notebook, processes_of_kernels


def nothing_remains():
    return not processes_of_kernels() and not list(Path(tempfile.gettempdir()).iterdir())


def test_exception_in_the_grader_leaves_nothing(tier):
    with (
        pytest.raises(KeyError, match="ours"),
        open_kernel(tier=tier, limits=LIMITS, seed=1),
    ):
        raise KeyError("ours")
    assert nothing_remains()


def test_ctrl_c_during_a_cell_leaves_nothing(tier):
    wake = "import time\ntime.sleep(60)"
    with (
        subprocess.Popen(["/bin/sh", "-c", f"sleep 3; kill -INT {os.getpid()}"]),
        pytest.raises(KeyboardInterrupt),
        open_kernel(tier=tier, limits=LIMITS, seed=1) as kernel,
    ):
        kernel.execute(notebook(wake))
    assert nothing_remains()


def test_kernel_without_memory_to_start_in_is_an_error_of_ours(tier):
    limits = Limits(memory_bytes=100 << 20)
    with (
        pytest.raises(KernelStartError),
        open_kernel(tier=tier, limits=limits, seed=1),
    ):
        pass
    assert nothing_remains()


GRADER = """
import sys
from grader.model.rubric import Limits
from grader.sandbox import open_kernel
with open_kernel(tier=sys.argv[1], limits=Limits(), seed=1) as kernel:
    print("up", flush=True)
    kernel.execute(sys.argv[2])
"""


def test_killed_grader_takes_its_kernels_along(tier, tmp_path):
    cells = notebook("import subprocess\nsubprocess.run(['sleep', '600'])")
    line = [sys.executable, "-c", GRADER, tier, cells]
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(line, stdout=subprocess.PIPE, env=environment) as grader:
        assert grader.stdout.readline() == b"up\n"
        time.sleep(1)
        left = descendants(grader.pid)
        assert len(left) > 3
        grader.send_signal(signal.SIGKILL)
    assert gone(left)
