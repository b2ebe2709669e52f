"""The record of gradients, taken in a process of its own as a kernel would."""

from __future__ import annotations

import json
import textwrap
from typing import Any

from tests.warm_process import WarmProcess

BEFORE = """
import copy, inspect, json, pickle
import torch
from torch import nn
from grader.inkernel import trainings

real = torch.autograd.graph._engine_run_backward
trainings.install()
x = torch.linspace(-1, 1, 8).reshape(-1, 1)
y = 2 * x - 1
"""
AFTER = """
trainings.stop()
assert torch.autograd.graph._engine_run_backward is torch.autograd._engine_run_backward is real

def plain(value):
    return value.tolist() if hasattr(value, "tolist") else value

told = trainings.recorded_trainings(globals(), {names})
told = {{k: {{n: plain(v) for n, v in told[k].items()}} if k == "named" else plain(told[k]) for k in told}}
print(json.dumps(told))
"""


def recorded(warm: WarmProcess, code: str, *names: str) -> dict[str, Any]:
    printed = warm.run(BEFORE + textwrap.dedent(code) + AFTER.format(names=list(names)))
    told: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return told


LOOP = """
def train(model, steps, rate=0.1):
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    for _ in range(steps):
        loss = ((model(x) - y) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
"""


def test_each_model_is_a_set_and_names_tell_which_is_theirs(warm: WarmProcess) -> None:
    told = recorded(
        warm,
        LOOP
        + "one, other = nn.Linear(1, 1), nn.Linear(1, 1)\n"
        + "train(one, 3)\ntrain(other, 2)\ntrain(one, 1)\n"
        + "kept = {'other': [other]}\nw = one.weight.detach()\ncopied = w.clone()\nend = w.item()",
        *("one", "kept", "w", "copied", "losses"),
    )
    assert told["owners"] == [0, 1, 0]
    assert told["runs"] == [3, 2, 1]
    assert told["sizes"] == [2, 2, 2]
    assert len(set(told["kinds"])) == 1
    assert told["named"] == {"one": [0], "kept": [1], "w": [0], "copied": [], "losses": []}
    assert told["of_last"] == [1, 0]
    assert len(told["losses"]) == 6
    assert len(told["weights"]) == 12
    assert told["losses"][0] > told["losses"][2] > told["losses"][5]


def test_weights_are_those_before_each_step_also_where_the_memory_is_replaced(warm: WarmProcess) -> None:
    told = recorded(
        warm,
        """
        w = torch.zeros(1, requires_grad=True)
        for _ in range(3):
            (w - 1).square().sum().backward()
            w.data = w.data - 0.25 * w.grad
            w.grad = None
        """,
    )
    assert told["weights"] == [0, 0.5, 0.75]
    assert told["losses"] == [1, 0.25, 0.0625]
    assert told["last"] == [0.875]


def test_loops_that_make_their_tensors_anew_are_of_one_kind(warm: WarmProcess) -> None:
    told = recorded(
        warm,
        """
        w = torch.zeros(1)
        for _ in range(400):
            leaf = w.clone().requires_grad_()
            (gradient,) = torch.autograd.grad((leaf - 1).square().mean(), leaf)
            w = (leaf - 0.1 * gradient).detach()
        for _ in range(3):
            w = w - 0.1 * torch.func.grad(lambda v: (v + 1).square().mean())(w)
        """,
        "w",
    )
    assert len(told["owners"]) == 403
    assert told["runs"] == [1] * 403
    assert set(told["kinds"]) == {0}
    assert len(told["of_last"]) == 300, "only the newest are kept alive"
    assert told["weights"][:2] == [0, 0.20000000298023224]
    assert told["losses"][400] > 3.9


def test_losses_of_many_numbers_and_of_many_roots_are_added_up(warm: WarmProcess) -> None:
    told = recorded(
        warm,
        """
        w = torch.ones(3, requires_grad=True)
        (2 * w).backward(torch.tensor([1.0, 2.0, 3.0]))
        torch.autograd.backward([w.sum(), 2 * w.sum()])
        (w * w).backward(torch.ones(3), inputs=[w])
        """,
    )
    assert told["losses"] == [12, 9, 3]


def test_nothing_else_changes_for_the_notebook(warm: WarmProcess) -> None:
    told = recorded(
        warm,
        """
        for function in (torch.Tensor.backward, torch.autograd.backward, torch.autograd.grad):
            assert inspect.getmodule(function).__name__.startswith("torch")
            assert pickle.loads(pickle.dumps(torch.autograd.grad)) is torch.autograd.grad
        model = nn.Linear(1, 1)
        loss = model(x).square().mean()
        loss.backward()
        for wrong in (lambda: loss.backward(), lambda: torch.zeros(1).backward()):
            try:
                wrong()
            except RuntimeError:
                pass
            else:
                raise AssertionError
        big = nn.Linear(300, 300)
        big(torch.ones(1, 300)).sum().backward()
        copy.deepcopy(big)
        """,
        "big",
    )
    assert told["sizes"] == [2, 90300]
    assert told["named"] == {"big": [1]}
    assert told["of_last"] == [0], "large ones are not kept alive, and not told"


def test_the_newest_are_kept_where_there_are_too_many(warm: WarmProcess) -> None:
    told = recorded(
        warm,
        """
        trainings.MOST_ROOTS, trainings.MOST_WEIGHTS = 10, 12
        w = torch.zeros(2, requires_grad=True)
        for step in range(13):
            (w.sum() * 0 + step).backward()
            w.data += 1
        """,
    )
    assert told["lost"] == 5
    assert told["losses"] == [5, 6, 7, 8, 9, 10, 11, 12]
    assert len(told["weights"]) <= 12
    assert told["weights"][-2:] == [12, 12]


def test_where_nothing_was_watched_nothing_is_said(warm: WarmProcess) -> None:
    assert (
        warm.run("from grader.inkernel import trainings; print(trainings.recorded_trainings({}, ['w']))")
        == "{}\n"
    )
