"""Warm kernels: the same walls, the same results; and zygotes that come and go."""

import json
import os
import signal
import subprocess
import sys

import pytest

from grader.inkernel.zygote import WORTH_IT
from grader.model.probe import Probe
from grader.sandbox import open_kernel, selftest
from grader.sandbox.grown import GrownZygote
from grader.sandbox.nursery import NURSERY
from grader.sandbox.pidfds import has_ended, pid_of
from tests.sandbox.conftest import LIMITS
from tests.sandbox.notebooks import descendants, gone, notebook, text_of

STORY = [
    "import random, numpy as np, torch\nprint(random.random(), np.random.rand(), torch.rand(2))",
    "import matplotlib.pyplot as plt\nplt.plot([1, 2, 1])\nplt.title('losses')\nplt.show()",
    "plt.scatter([1, 2], [3, 4])",
    "model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Sigmoid(), torch.nn.Linear(2, 1))\n"
    "optimizer = torch.optim.Adam(model.parameters(), lr=0.05)\n"
    "for _ in range(20):\n    optimizer.zero_grad()\n    loss = model(torch.rand(8, 2)).square().mean()\n"
    "    loss.backward()\n    optimizer.step()\nprint(loss.item())",
    "torch.manual_seed(3)\ntorch.rand(2), torch.initial_seed()",
    "import warnings\nwarnings.warn('careful')",
    "import logging\nlogging.warning('logged')",
    "1 / 0",
    "!echo from the shell",
    "import os\n_ = os.system('echo from a process')",
    "os.getpid() < 10, os.getcwd(), os.environ['HOME']",
    "from torch.utils.data import DataLoader\nlen(list(DataLoader(torch.zeros(4, 2), num_workers=1)))",
]


def told(**more):
    with open_kernel(tier="strong", limits=LIMITS, seed=7, **more) as kernel:
        execution = kernel.execute(notebook(*STORY))
        figures = kernel.ask(Probe(id="a.b/0", code="return figures()"))
    cells = json.loads(execution.notebook)["cells"]
    for cell in cells:
        cell["metadata"].pop("execution", None)
    return cells, figures.model_copy(update={"wall_s": 0}).model_dump_json()


@pytest.fixture(scope="module")
def warm_is_there(tier):
    if NURSERY.get(()) is None:
        pytest.skip(f"no warm kernels on this machine: {NURSERY.weakness(())}")


@pytest.mark.parametrize("preload", [(), ("json", "lightning")], ids=["fewest", "grown"])
def test_warm_and_cold_tell_the_same(warm_is_there, preload):
    warm, cold = told(preload=preload), told(warm=False)
    for one, other in zip(warm[0], cold[0], strict=True):
        assert one == other
    assert warm[1] == cold[1]


def test_the_hundredth_kernel_tells_what_the_first_did(warm_is_there):
    first = told()
    for _ in range(WORTH_IT):
        with open_kernel(tier="strong", limits=LIMITS, seed=1):
            pass
    assert told() == first


def test_walls_of_a_fork_hold(warm_is_there):
    assert selftest.weakness("strong", zygote=NURSERY.get(())) is None


def test_kernels_know_nothing_of_each_other(warm_is_there):
    look = (
        "import os, pathlib\nprint(sorted(p.name for p in pathlib.Path('/proc').glob('[0-9]*')), os.listdir('.'),"
        " os.listdir('/tmp'), os.listdir('/dev/shm'))"
    )
    litter = "for p in ('mine', '/tmp/mine', '/dev/shm/mine'): open(p, 'w').write('x')"
    with open_kernel(tier="strong", limits=LIMITS, seed=1) as one:
        one.execute(notebook(litter))
        with open_kernel(tier="strong", limits=LIMITS, seed=1) as other:
            text = text_of(other.execute(notebook(look)), 0)
    assert "mine" not in text
    assert text.count("'") <= 8


def test_zygote_with_more_modules_grows_out_of_the_one_with_the_fewest(warm_is_there):
    look = notebook("import sys\nprint('imaplib' in sys.modules)")
    with open_kernel(tier="strong", limits=LIMITS, seed=1, preload=("imaplib",)) as kernel:
        assert text_of(kernel.execute(look), 0) == "True\n"
    with open_kernel(tier="strong", limits=LIMITS, seed=1) as kernel:
        assert text_of(kernel.execute(look), 0) == "False\n"
    base, grown = NURSERY.get(()), NURSERY.get(("imaplib",))
    assert isinstance(grown, GrownZygote)
    NURSERY.discard(base)
    assert NURSERY.get(("imaplib",)) is grown
    os.kill(pid_of(grown.descriptors[1]), signal.SIGKILL)
    assert has_ended(grown.descriptors[1], 20)
    again = NURSERY.get(("imaplib",))
    assert isinstance(again, GrownZygote)
    assert again.alive()


@pytest.mark.parametrize("tier_", ["strong", "mid"])
def test_zygote_that_died_is_replaced(warm_is_there, tier_):
    first = NURSERY.get((), tier_, LIMITS)
    os.killpg(first._popen.pid, signal.SIGKILL)
    first._popen.wait()
    with open_kernel(tier=tier_, limits=LIMITS, seed=1) as kernel:
        assert text_of(kernel.execute(notebook("print(1)")), 0) == "1\n"
        second = kernel._process._zygote
        assert second is not None
    assert second is NURSERY.get((), tier_, LIMITS)
    assert second is not first
    assert second.alive()


def test_dying_kernel_leaves_the_zygote_alone(warm_is_there):
    zygote = NURSERY.get(())
    with open_kernel(tier="strong", limits=LIMITS, seed=1) as kernel:
        assert kernel.execute(notebook("import os\nos._exit(1)")).ended == "kernel_died"
    with open_kernel(tier="strong", limits=LIMITS, seed=1) as kernel:
        code = "import os, signal\nos.kill(1, signal.SIGKILL)\nos.kill(-1, signal.SIGKILL)"
        assert text_of(kernel.execute(notebook(code, "print('alive')")), 1) == "alive\n"
    assert NURSERY.get(()) is zygote
    assert zygote.alive()


GRADER = """
import sys
from grader.sandbox.nursery import NURSERY
assert NURSERY.get(()) is not None
print("up", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("how", ["end", "kill"])
def test_zygote_ends_with_its_grader(warm_is_there, how, tmp_path):
    line = [sys.executable, "-c", GRADER]
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as grader:
        assert grader.stdout.readline() == b"up\n"
        left = descendants(grader.pid)
        assert left
        if how == "kill":
            grader.kill()
        else:
            grader.stdin.close()
    assert gone(left)


def test_fork_of_the_grader_does_not_share_its_zygotes(warm_is_there):
    NURSERY.get(())
    child = os.fork()
    if child == 0:
        os._exit(0 if not NURSERY._zygotes else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert NURSERY.get(()).alive()
