"""The kernel without walls: the same outcomes as behind them, and nothing left behind."""

from __future__ import annotations

import os
from pathlib import Path

import torch

from grader.model.probe import Probe
from grader.model.rubric import Limits
from grader.sandbox import LOCAL, open_kernel
from tests.sandbox.notebooks import notebook, text_of


def test_cells_limits_probes_and_its_end_are_told_as_behind_walls():
    cells = notebook(
        "import os, torch\nprint(torch.rand(1).item())\nhere = os.getcwd()\npid = os.getpid()",
        "def f(x):\n    return x / 0",
        "gone",
    )
    heard: list[object] = []
    with open_kernel(tier=LOCAL, limits=Limits(cell_s=60, total_s=180), seed=3) as kernel:
        execution = kernel.execute(cells, heard.append)
        assert [run.ended for run in execution.cells] == ["completed", "completed", "raised"]
        assert execution.tier == LOCAL
        assert (
            float(text_of(execution, 0)) == torch.rand(1, generator=torch.Generator().manual_seed(3)).item()
        )
        assert [index for index in heard if isinstance(index, int)] == [0, 1, 2]
        raised = kernel.ask(Probe(id="a/0", code="return f(1)", requires=("f",)))
        assert (raised.error.name, raised.error.cell, raised.error.line) == ("ZeroDivisionError", 1, 2)
        assert kernel.ask(Probe(id="a/1", code="return g(1)", requires=("g",))).outcome == "missing"
        place = Path(kernel.ask(Probe(id="a/2", code="return here")).value.text)
        assert os.listdir(place) == []
        slow = Probe(id="a/5", code="import time; time.sleep(60)\nreturn 1", timeout_s=1)
        assert kernel.ask(slow).outcome == "timed_out"
        assert kernel.ask(Probe(id="a/3", code="import os; os._exit(3)\nreturn 1")).outcome == "kernel_died"
        assert kernel.ask(Probe(id="a/4", code="return 1")).outcome == "kernel_died"
    assert not place.exists()
