"""Each limit ends in a verdict of its own, which names the limit and the cell."""

import pytest

from grader.errors import MachineFullError
from grader.model.probe import Probe
from grader.model.rubric import Limits
from grader.sandbox import open_kernel, watch
from tests.sandbox.notebooks import notebook, processes_of_kernels

SMALL = Limits(
    cell_s=60,
    total_s=180,
    output_bytes=200_000,
    memory_bytes=2 << 30,
    disk_bytes=8 << 20,
    files=200,
    processes=48,
)
TIGHT = SMALL.model_copy(update={"memory_bytes": 1536 << 20})
FORKS = """
import subprocess
started = []
try:
    while True: started.append(subprocess.Popen(["sleep", "60"]))
finally:
    for process in started: process.kill(); process.wait()
"""
CELLS = {
    "processes": FORKS,
    "threads": "import threading\ngo = threading.Event()\ntry:\n"
    "    for _ in range(1000): threading.Thread(target=go.wait).start()\nfinally:\n    go.set()",
    "bytes": "import numpy\nnumpy.save('large.npy', numpy.zeros(10**7))",
    "empty it": "import os\nos.remove('large.npy')",
    "files": "for number in range(1000): open(f'/tmp/{number}', 'w').close()",
    "one large file": "with open('/dev/shm/large', 'wb') as large: large.truncate(1 << 40)",
    "torch": "import torch\ntorch.save(torch.zeros(10**7), 'large.pt')",
    "one output": "print('x' * 3_000_000)",
    "after all": "x = 1",
}
ENDINGS = {
    "processes": "process_limit_exceeded",
    "threads": "process_limit_exceeded",
    "bytes": "disk_limit_exceeded",
    "files": "disk_limit_exceeded",
    "one large file": "disk_limit_exceeded",
    "torch": "disk_limit_exceeded",
    "one output": "output_limit_exceeded",
}


def ask(kernel, code):
    return kernel.ask(Probe(id="task.word/0", code=code, timeout_s=30))


@pytest.fixture(scope="module")
def told(tier):
    with open_kernel(tier=tier, limits=SMALL, seed=1) as kernel:
        execution = kernel.execute(notebook(*CELLS.values()))
        outcomes = [ask(kernel, code).outcome for code in (FORKS, "open('large', 'wb').write(bytes(10**8))")]
    return execution, outcomes


@pytest.mark.parametrize("name", CELLS)
def test_cell_that_meets_a_limit_has_its_verdict_and_the_next_cell_runs(told, name):
    assert told[0].cells[list(CELLS).index(name)].ended == ENDINGS.get(name, "completed")


def test_limit_and_cell_are_named(told):
    assert told[0].detail.msgid.startswith("Cell {cell} started more than the {count} processes")
    assert told[0].detail.args == {"cell": 1, "count": 48}


def test_output_above_the_limit_is_not_kept(told):
    assert len(told[0].notebook) < 2 * SMALL.output_bytes


def test_display_is_weighed_wherever_it_is_shown(tier):
    shows = (
        "from IPython.display import display, update_display\nfor _ in range(3): display('x', display_id='a')"
    )
    grows = "update_display('y' * 150_000, display_id='a')"
    with open_kernel(tier=tier, limits=SMALL, seed=1) as kernel:
        execution = kernel.execute(notebook(shows, grows, "1"))
    assert [run.ended for run in execution.cells] == ["completed", "output_limit_exceeded", "completed"]
    assert len(execution.notebook) < SMALL.output_bytes


def test_probes_meet_the_same_limits(told):
    assert told[1] == ["out_of_processes", "out_of_disk"]


def test_many_processes_share_the_limit_on_memory(tier):
    hungry = (
        "import os, time\nfor _ in range(8):\n    if os.fork() == 0:\n        taken = b'x' * (300 << 20)\n"
        "        time.sleep(60)\n        os._exit(0)\ntime.sleep(60)"
    )
    with open_kernel(tier=tier, limits=TIGHT, seed=1) as kernel:
        execution = kernel.execute(notebook("x = 1", hungry, "x = 2"))
        assert not processes_of_kernels()
    assert [run.ended for run in execution.cells] == ["completed", "memory_limit_exceeded"]
    assert execution.detail.args == {"cell": 2, "size": 1536}


def test_probe_whose_processes_take_too_much_memory_is_stopped(tier):
    hungry = (
        "import os, time\nfor _ in range(8):\n    if os.fork() == 0:\n        taken = b'x' * (300 << 20)\n"
        "        time.sleep(60)\ntime.sleep(60)"
    )
    with open_kernel(tier=tier, limits=TIGHT, seed=1) as kernel:
        assert ask(kernel, hungry).outcome == "out_of_memory"
        assert ask(kernel, "return 1").outcome == "kernel_died"


def test_full_machine_is_no_fault_of_the_notebook(tier, monkeypatch):
    monkeypatch.setattr(watch, "LEAST_AVAILABLE", 1 << 50)
    monkeypatch.setattr(watch, "WORTH_STOPPING", 1)
    with (
        pytest.raises(MachineFullError, match="--jobs"),
        open_kernel(tier=tier, limits=TIGHT, seed=1) as kernel,
    ):
        kernel.execute(notebook("import time\ntime.sleep(60)"))
    assert not processes_of_kernels()
