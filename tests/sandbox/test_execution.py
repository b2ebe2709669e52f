"""How notebooks end: real kernels, several stories in each."""

import json

import pytest

from grader.model.rubric import Limits
from grader.sandbox import open_kernel
from grader.sandbox.notebook import IOPUB_S
from tests.sandbox.attacks.attack import preamble
from tests.sandbox.conftest import LIMITS
from tests.sandbox.notebooks import notebook, outputs_of, text_of

ORDINARY = {
    "words": "print('hello')",
    "division": "1 / 0",
    "question": "input('your name? ')",
    "intended": ("raise ValueError('on purpose')", ["raises-exception"]),
    "figure": "import matplotlib.pyplot as plt\nplt.plot([1, 2])",
    "progress": (
        "import sys\n"
        "for i in range(20000):\n"
        "    print(f'\\rEpoch {i}: ' + '=' * 60, end='')\n"
        "    if i % 200 == 0: sys.stdout.flush()\n"
        "print()"
    ),
    "nested": "print('a\\nb' + '\\x1b[A' * 1 + '\\rA')",
    "streams": "import sys\nfor i in range(3):\n    print('out', i)\n    print('err', i, file=sys.stderr)",
    "hungry": "import torch\ntorch.zeros(10**10)",
    "hungrier": "b'x' * 10**11",
    "leave": "exit()",
    "empty": "   ",
    "surrogate": "print('\\ud800')",
    "last": "x = 3\nprint(x)",
}


@pytest.fixture(scope="module")
def ordinary(tier):
    with open_kernel(tier=tier, limits=LIMITS, seed=1) as kernel:
        yield kernel.execute(notebook(*ORDINARY.values(), kernel="julia-1.9"))


def run_of(execution, name):
    index = list(ORDINARY).index(name)
    [run] = [run for run in execution.cells if run.index == index]
    return run


def test_first_failure_tells_how_the_notebook_ended(ordinary):
    assert ordinary.ended == "raised"
    assert ordinary.detail.args == {"cell": 2, "error": "ZeroDivisionError"}


def test_every_code_cell_is_recorded(ordinary):
    assert [run.index for run in ordinary.cells] == list(range(len(ORDINARY)))


def test_saved_outputs_are_gone(ordinary):
    assert "saved by the student" not in ordinary.notebook
    assert text_of(ordinary, 0) == "hello\n"


def test_error_is_kept_and_later_cells_run(ordinary):
    run = run_of(ordinary, "division")
    assert (run.ended, run.error.name, run.error.message) == (
        "raised",
        "ZeroDivisionError",
        "division by zero",
    )
    assert "\x1b" not in run.error.traceback
    assert text_of(ordinary, len(ORDINARY) - 1) == "3\n"


def test_input_raises_and_does_not_wait(ordinary):
    assert run_of(ordinary, "question").error.name == "StdinNotImplementedError"


def test_error_with_the_tag_is_intended(ordinary):
    run = run_of(ordinary, "intended")
    assert run.ended == "raised"
    assert run.intended


def test_figure_appears_without_magic(ordinary):
    shown = outputs_of(ordinary, list(ORDINARY).index("figure"))
    assert any("image/png" in output.get("data", {}) for output in shown)


def test_progress_bar_leaves_its_last_state(ordinary):
    assert run_of(ordinary, "progress").ended == "completed"
    assert text_of(ordinary, list(ORDINARY).index("progress")) == "Epoch 19999: " + "=" * 60 + "\n"


def test_cursor_that_goes_up_overwrites(ordinary):
    assert text_of(ordinary, list(ORDINARY).index("nested")) == "A\nb"


def test_streams_are_merged_in_a_fixed_order(ordinary):
    shown = outputs_of(ordinary, list(ORDINARY).index("streams"))
    assert [output["name"] for output in shown] == ["stdout", "stderr"]


@pytest.mark.parametrize("name", ["hungry", "hungrier"])
def test_memory_limit_is_named(ordinary, name):
    assert run_of(ordinary, name).ended == "memory_limit_exceeded"


def test_exit_does_not_end_the_notebook(ordinary):
    assert run_of(ordinary, "leave").ended == "completed"


def test_times_are_in_the_executed_notebook(ordinary):
    cell = json.loads(ordinary.notebook)["cells"][0]
    assert set(cell["metadata"]["execution"]) >= {"iopub.status.busy", "iopub.status.idle"}
    assert cell["execution_count"] == 1


SMALL = Limits(cell_s=1.5, total_s=60, output_bytes=20_000, memory_bytes=3 << 30)
BEYOND = [
    "while True: pass",
    "print('still here')",
    "for _ in range(25): print('x' * 1000)",
    "def f(): return 3\nprint('not kept')",
    "import time\nwhile True:\n    try:\n        time.sleep(1)\n    except KeyboardInterrupt:\n        pass",
    "print('never')",
]


@pytest.fixture(scope="module")
def beyond(tier):
    with open_kernel(tier=tier, limits=SMALL, seed=1) as kernel:
        yield kernel.execute(notebook(*BEYOND))


def test_endless_cell_is_interrupted_and_the_next_runs(beyond):
    assert beyond.ended == beyond.cells[0].ended == "time_limit_exceeded"
    assert beyond.cells[0].error.name == "KeyboardInterrupt"
    assert beyond.detail.args == {"cell": 1, "seconds": 1.5}
    assert text_of(beyond, 1) == "still here\n"


def test_too_much_output_is_cut_and_the_next_cell_runs(beyond):
    assert beyond.cells[2].ended == "output_limit_exceeded"
    assert len(text_of(beyond, 2)) <= 20_000 + 10_000
    assert beyond.cells[3].ended == "completed"


def test_endless_output_is_cut(tier):
    with open_kernel(tier=tier, limits=SMALL, seed=1) as kernel:
        execution = kernel.execute(notebook("while True: print('x' * 1000)"))
    assert execution.ended == "output_limit_exceeded"
    assert len(text_of(execution, 0)) <= 20_000 + 10_000


def test_cell_that_ignores_the_interrupt_is_killed(beyond):
    assert beyond.cells[4].ended == "time_limit_exceeded"
    assert len(beyond.cells) == 5
    assert outputs_of(beyond, 5) == []


def test_kernel_death_is_an_outcome(tier):
    with open_kernel(tier=tier, limits=LIMITS, seed=1) as kernel:
        execution = kernel.execute(notebook("x = 1", "import os\nos._exit(3)", "x = 2"))
    assert execution.ended == "kernel_died"
    assert [run.ended for run in execution.cells] == ["completed", "kernel_died"]


def test_one_huge_message_is_too_much_output(tier):
    with open_kernel(tier=tier, limits=LIMITS, seed=1) as kernel:
        execution = kernel.execute(notebook("print('x' * 100_000_000)"))
    assert execution.ended == "output_limit_exceeded"


def test_total_limit_stops_the_notebook(tier):
    limits = Limits(cell_s=30, total_s=2, memory_bytes=3 << 30)
    with open_kernel(tier=tier, limits=limits, seed=1) as kernel:
        execution = kernel.execute(notebook("import time\ntime.sleep(30)", "print('never')"))
    assert execution.ended == "time_limit_exceeded"
    assert len(execution.cells) == 1
    assert execution.detail.args["seconds"] == 2


@pytest.mark.nightly
def test_cell_that_replies_before_its_end_is_not_done(tier):
    """Beyond the patience that nbclient has with outputs after a reply."""
    limits = Limits(cell_s=IOPUB_S + 4, total_s=100, memory_bytes=3 << 30)
    early = "replier()({'status': 'ok', 'execution_count': 2})\ntime.sleep(90)"
    with open_kernel(tier=tier, limits=limits, seed=1) as kernel:
        execution = kernel.execute(notebook(preamble("early"), early))
    assert execution.ended == "time_limit_exceeded"
    assert execution.detail.args["cell"] == 2


CHANCE = [
    "import random, numpy as np, torch\nprint(random.random(), np.random.rand(), torch.rand(2))",
    "print({'a', 'b', 'c'}, hash('word'))",
    "torch.nn.Linear(3, 2).weight",
    "import warnings\nwarnings.warn('careful')",
    "undefined",
]


def test_same_seed_gives_the_same_notebook_to_the_byte(tier):
    def executed(seed):
        with open_kernel(tier=tier, limits=LIMITS, seed=seed) as kernel:
            cells = json.loads(kernel.execute(notebook(*CHANCE)).notebook)["cells"]
        for cell in cells:
            del cell["metadata"]["execution"]
        return cells

    first = executed(5)
    assert first == executed(5)
    assert first[0]["outputs"] != executed(6)[0]["outputs"]
