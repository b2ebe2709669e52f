"""Floods while a probe is answered end the kernel, and nothing else. Forged answers are among the attacks."""

from importlib.util import find_spec

import pytest

from grader.model.probe import Probe
from grader.sandbox import open_kernel
from tests.sandbox.conftest import LIMITS
from tests.sandbox.notebooks import notebook, text_of

FLOODS = {
    "a message too large for its frame": "kernel.session.send(kernel.iopub_socket, 'stream', "
    "{'name': 'stdout', 'text': 'x' * 100_000_000}, parent=kernel.get_parent())",
    "malformed messages": "for _ in range(1000): kernel.iopub_socket.send_multipart([b'a', b'b'])\n"
    "import time; time.sleep(30)",
}


def ask(kernel, code):
    return kernel.ask(Probe(id="task.word/0", code=code, timeout_s=10))


@pytest.mark.parametrize("flood", FLOODS)
def test_flood_while_answering_ends_the_kernel_and_not_the_grader(tier, flood):
    with open_kernel(tier=tier, limits=LIMITS, seed=1) as kernel:
        kernel.execute(notebook("kernel = get_ipython().kernel"))
        observation = ask(kernel, FLOODS[flood])
        assert observation.outcome in ("refused", "kernel_died")
        assert ask(kernel, "return 1").outcome == "kernel_died"


@pytest.mark.skipif(find_spec("ipywidgets") is None, reason="ipywidgets is not installed")
def test_a_progress_bar_that_is_a_widget_floods_nothing(tier):
    cells = [
        "from tqdm.notebook import trange\nfor _ in trange(20000, mininterval=0):\n    pass",
        "import ipywidgets\nslider = ipywidgets.IntSlider()\n"
        "for value in range(20000):\n    slider.value = value % 100\n"
        "slider.observe(print, 'value')\nslider",
        "print('reached', slider.value)",
    ]
    with open_kernel(tier=tier, limits=LIMITS, seed=7) as kernel:
        execution = kernel.execute(notebook(*cells))
    assert (execution.ended, text_of(execution, 2).strip()) == ("completed", "reached 99")
