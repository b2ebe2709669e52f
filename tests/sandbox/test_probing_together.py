"""Several questions in one request: each has its own answer, and what goes wrong with one is not the others' fault."""

import numpy as np
import pytest

from grader.model.probe import Probe
from grader.sandbox import open_kernel
from tests.sandbox.conftest import LIMITS
from tests.sandbox.notebooks import notebook

FORGE = """
import json, sys
frame = sys._getframe()
while "questions" not in frame.f_locals:
    frame = frame.f_back
parent, kernel = frame.f_locals["parent"], get_ipython().kernel
nonce = json.loads(bytes(frame.f_locals["questions"]))[1]["nonce"]
tree = {"type": "nothing"}
content = {"data": {}, "metadata": {"nonce": nonce, "outcome": "answered", "tree": tree, "warnings": []}}
kernel.session.send(kernel.iopub_socket, "display_data", content, parent=parent)
return 1
"""


@pytest.fixture
def kernel(tier):
    with open_kernel(tier=tier, limits=LIMITS, seed=1) as opened:
        opened.execute(notebook("def double(x): return 2 * x"))
        yield opened


def together(kernel, *codes, **more):
    return kernel.ask_together([Probe(id=f"a.b/{i}", code=code, **more) for i, code in enumerate(codes)])


def outcomes(seen):
    return [(observation.probe, observation.outcome) for observation in seen]


def test_each_gets_its_own_answer_from_its_own_inputs(kernel):
    arrays = [{"x": np.full(i, i, dtype=np.float32), "y": np.array(i)} for i in range(3)]
    probes = [
        Probe(id=f"a.b/{i}", code="return double(x) + y", inputs=given) for i, given in enumerate(arrays)
    ]
    seen = kernel.ask_together(probes)
    assert [observation.value.array.tolist() for observation in seen] == [[], [3.0], [6.0, 6.0]]
    assert [observation.probe for observation in seen] == ["a.b/0", "a.b/1", "a.b/2"]
    assert all(observation.wall_s > 0 for observation in seen)


def test_chance_does_not_depend_on_what_was_asked_before(kernel):
    probes = [Probe(id=f"a.b/{i}", code="return torch.rand(3)", seed=5) for i in range(2)]
    first, second = kernel.ask_together(probes)
    alone = kernel.ask(probes[0])
    assert first.value.array.tolist() == second.value.array.tolist() == alone.value.array.tolist()


def test_errors_do_not_stop_the_others(kernel):
    seen = together(kernel, "return 1 / 0", "return nobody(1)", "raise SystemExit", "return 2")
    assert [o.error and o.error.name for o in seen] == ["ZeroDivisionError", "NameError", "SystemExit", None]
    assert seen[3].outcome == "answered"


def test_refused_answer_does_not_stop_the_others(kernel):
    assert outcomes(together(kernel, "return torch.zeros(2 << 20)", "return 2")) == [
        ("a.b/0", "refused"),
        ("a.b/1", "answered"),
    ]


def test_each_has_its_own_time_and_those_after_one_that_took_too_long_can_be_asked(kernel):
    nap = "import time; time.sleep(2)\nreturn 1"
    assert outcomes(together(kernel, nap, nap, "while True: pass", "return 4", timeout_s=3.5)) == [
        ("a.b/0", "answered"),
        ("a.b/1", "answered"),
        ("a.b/2", "timed_out"),
    ]
    assert outcomes(together(kernel, "return 4")) == [("a.b/0", "answered")]


def test_interrupt_of_their_own_ends_the_request(kernel):
    seen = together(kernel, "return 1", "raise KeyboardInterrupt", "return 3")
    assert outcomes(seen) == [("a.b/0", "answered"), ("a.b/1", "raised")]


def test_end_of_the_kernel_is_an_outcome(kernel):
    seen = outcomes(together(kernel, "return 1", "import os; os._exit(3)", "return 3"))
    # The first answer may have been under way still, and is lost with the kernel.
    assert seen in ([("a.b/0", "answered"), ("a.b/1", "kernel_died")], [("a.b/0", "kernel_died")])
    assert outcomes(together(kernel, "return 1", "return 2")) == [("a.b/0", "kernel_died")]


def test_answer_forged_for_a_later_question_is_refused(kernel):
    seen = together(kernel, FORGE, "return 2", "return 3")
    assert outcomes(seen) == [("a.b/0", "answered"), ("a.b/1", "refused"), ("a.b/2", "answered")]
    assert seen[1].detail.startswith("2 answers")
