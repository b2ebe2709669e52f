"""Histories that notebooks left, compared with the trainings of their own kernels."""

from __future__ import annotations

import textwrap

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grader.criteria.loss_history import LossHistory
from grader.criteria.loss_threshold import LossThreshold
from grader.model.judgement import Judgement
from grader.model.rubric import Limits
from grader.model.verdict import Verdict
from grader.sandbox import open_kernel
from tests.criteria.builders import evidence, make, words

GIVEN = """
import copy
import torch
from torch import nn

torch.manual_seed(1)
generator = torch.Generator().manual_seed(4)
x = 3 * torch.rand(40, 1, generator=generator) - 1
y = 2 * x - 1 + 0.3 * torch.randn(40, 1, generator=generator)


def train(x, y, lr=0.1, epochs=200):
    w, b = (torch.zeros(1, requires_grad=True) for _ in range(2))
    losses = []
    for _ in range(epochs):
        loss = ((w * x + b - y) ** 2).mean()
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w.detach(), b.detach(), losses


_ = train(x, y, epochs=5)
"""
LINE = make(
    LossHistory,
    call="""
        slope, intercept = (torch.as_tensor(p, dtype=torch.float32).detach().reshape(-1) for p in (w, b))
        return {"losses": losses, "theta": torch.cat([slope, intercept]), "out": query * slope + intercept}
    """,
    requires=["w", "b", "losses"],
    layers=[1, 1],
    activation="none",
    reads_state=True,
    data_call="x, y",
)
OPTIMUM = make(
    LossThreshold,
    call="""
        slope, intercept = (torch.as_tensor(p, dtype=torch.float32).detach().reshape(-1) for p in (w, b))
        return {"theta": torch.cat([slope, intercept]), "out": query * slope + intercept, "losses": losses}
    """,
    requires=["w", "b"],
    layers=[1, 1],
    activation="none",
    reads_state=True,
    trained=True,
    data_call="x, y",
    baseline="least_squares",
    full_marks=1.05,
    no_marks=2.0,
)
XOR = make(
    LossHistory,
    call='return {"losses": losses, "theta": get_parameters(model), "out": model(query)}',
    requires=["model", "losses"],
    layers=[2, 2, 1],
    data={"x": [[0, 0], [0, 1], [1, 0], [1, 1]], "y": [[0], [1], [1], [0]]},
    reads_state=True,
)
NETWORK = """
import copy
import torch
from torch import nn

torch.manual_seed(3)
x = torch.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]])
y = torch.tensor([[0.0], [1], [1], [0]])


def network():
    return nn.Sequential(nn.Linear(2, 2), nn.Sigmoid(), nn.Linear(2, 1))


def train(model, lr=0.1, epochs=400, size=4, record=lambda model, losses: sum(losses) / len(losses)):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    history = []
    for _ in range(epochs):
        losses = []
        for chosen in torch.randperm(4).split(size):
            loss = ((model(x[chosen]) - y[chosen]) ** 2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        history.append(record(model, losses))
    return history


@torch.no_grad()
def over_all(model, losses):
    return ((model(x) - y) ** 2).mean().item()


def trained_well(**more):
    while True:
        model = network()
        losses = train(model, **more)
        if over_all(model, losses) < 1e-4:
            return model, losses
"""


def judged(criterion: LossHistory | LossThreshold, tier: str, *cells: str) -> Judgement:
    texts = [textwrap.dedent(cell).strip() for cell in cells]
    notebook = nbformat.writes(new_notebook(cells=[new_code_cell(text) for text in texts]))
    probes = criterion.probes(np.random.default_rng(5))
    with open_kernel(tier=tier, limits=Limits(), seed=1) as kernel:
        execution = kernel.execute(notebook)
        assert execution.ended == "completed", execution.first_failure
        answers = [kernel.ask(probe) for probe in probes if probe.ask != "reference"]
        reference = [kernel.ask(probe) for probe in probes if probe.ask != "student"]
    return criterion.judge(evidence(answers, reference))


RIGHT_LINES = {
    "as_asked": "w, b, losses = train(x, y)",
    "after_others": "train(x, y, 0.02)\nw, b, losses = train(x, y)\ntrain(x, y, 0.3, 50)",
    "the_best_of_several": """
        tried = [train(x, y, lr) for lr in (0.01, 0.03, 0.1, 0.3)]
        w, b, losses = min(tried, key=lambda one: one[2][-1])
    """,
    "copied_and_rounded": """
        w, b, losses = train(x, y)
        w, b, losses = w.clone(), b.item(), [round(loss, 4) for loss in losses]
    """,
    "the_same_once_more": "w, b, _ = train(x, y)\n_, _, losses = train(x, y)",
    "by_the_formulas": """
        w, b, losses = torch.zeros(1), torch.zeros(1), []
        for _ in range(200):
            error = w * x + b - y
            losses.append((error**2).mean().item())
            w, b = w - 0.2 * (error * x).mean(0), b - 0.2 * error.mean(0)
    """,
    "by_transformed_functions": """
        w, b, losses = torch.zeros(1), torch.zeros(1), []
        step = torch.func.grad_and_value(lambda w, b: ((w * x + b - y) ** 2).mean(), argnums=(0, 1))
        for _ in range(60):
            (dw, db), loss = step(w, b)
            losses.append(loss.item())
            w, b = w - 0.1 * dw, b - 0.1 * db
    """,
    "by_new_tensors": """
        w, b, losses = torch.zeros(1, requires_grad=True), torch.zeros(1, requires_grad=True), []
        for _ in range(500):
            loss = ((w * x + b - y) ** 2).mean()
            losses.append(loss.item())
            dw, db = torch.autograd.grad(loss, (w, b))
            w, b = ((p - 0.05 * d).detach().requires_grad_() for p, d in ((w, dw), (b, db)))
    """,
    "by_a_module": """
        line = nn.Linear(1, 1)
        optimizer, losses = torch.optim.LBFGS(line.parameters(), lr=0.3), []

        def closure():
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(line(x), y)
            loss.backward()
            return loss

        for _ in range(12):
            losses.append(optimizer.step(closure).item())
        w, b = line.weight.detach()[0], line.bias.detach()
    """,
}
RIGHT_NETWORKS = {
    "as_asked": "model, losses = trained_well()",
    "batches": "model, losses = trained_well(size=2)",
    "uneven_batches": """
        model, losses = trained_well(size=3, record=lambda model, losses: (3 * losses[0] + losses[1]) / 4)
    """,
    "single_cases_and_the_loss_over_all": "model, losses = trained_well(lr=0.03, size=1, record=over_all)",
    "continued": "model, losses = trained_well()\nlosses = losses + train(model, lr=0.01, epochs=100)",
    "copied": "found, losses = trained_well()\nmodel = copy.deepcopy(found)",
    "put_back": """
        found, losses = trained_well()
        model = network()
        model.load_state_dict(found.state_dict())
    """,
    "the_best_weights_of_all": """
        best = []
        def record(model, losses):
            best[:] = min(best or [9, None], [losses[0], copy.deepcopy(model.state_dict())], key=lambda one: one[0])
            return losses[0]
        found, losses = trained_well(record=record)
        model = network()
        losses = train(model, record=record)
        while min(losses) > 1e-4:
            best.clear()
            model = network()
            losses = train(model, record=record)
        model.load_state_dict(best[1])
    """,
}


@pytest.mark.parametrize("name", RIGHT_LINES)
def test_history_of_the_training_that_made_the_line_is_accepted(name: str, tier: str) -> None:
    judgement = judged(LINE, tier, GIVEN, RIGHT_LINES[name])
    assert judgement.verdict is Verdict.ACCEPTED, words(judgement) + judgement.staff_note


@pytest.mark.parametrize("name", RIGHT_NETWORKS)
def test_history_of_the_training_that_made_the_network_is_accepted(name: str, tier: str) -> None:
    judgement = judged(XOR, tier, NETWORK, RIGHT_NETWORKS[name])
    assert judgement.verdict is Verdict.ACCEPTED, words(judgement) + judgement.staff_note


OF_ANOTHER = {
    "another_rate": (LINE, GIVEN, "w, b, _ = train(x, y)\n_, _, losses = train(x, y, 0.02, 900)"),
    "copied": (
        LINE,
        GIVEN,
        "w, b = (p.clone() for p in train(x, y)[:2])\nlosses = train(x, y, 0.02, 900)[2]",
    ),
    "other_data": (LINE, GIVEN, "w, b, _ = train(x, y)\n_, _, losses = train(x[:30], y[:30])"),
    "another_network": (XOR, NETWORK, "_, losses = trained_well()\nmodel, _ = trained_well()"),
}


@pytest.mark.parametrize("name", OF_ANOTHER)
def test_history_of_another_training_is_wrong_though_both_came_to_an_end(name: str, tier: str) -> None:
    judgement = judged(OF_ANOTHER[name][0], tier, *OF_ANOTHER[name][1:])
    assert judgement.verdict is Verdict.WRONG_ANSWER
    assert "another training than the one that made these weights" in words(judgement)


SQUARES = (
    "solution = torch.linalg.lstsq(torch.cat([x, torch.ones_like(x)], 1), y).solution\nw, b = solution\n"
)
DOUBTFUL = {
    "typed_in": (LINE, GIVEN, "w, b, losses = torch.tensor([2.0]), -1.0, [4.0, 2.0, 1.0, 0.5, 0.12]"),
    "invented": (
        LINE,
        GIVEN,
        SQUARES
        + "end = ((w * x + b - y) ** 2).mean().item()\nlosses = [end + 4 * 0.95**k for k in range(200)]",
    ),
    "true_weights": (
        LINE,
        GIVEN,
        "w, b, losses = train(x, y)\nlosses = [losses[-1] + 4 * 0.9**k for k in range(200)]",
    ),
    "true_network": (
        XOR,
        NETWORK,
        "model, losses = trained_well()\nlosses = [0.3 * (losses[-1] / 0.3) ** (k / 399) for k in range(400)]",
    ),
}


@pytest.mark.parametrize("name", DOUBTFUL)
def test_history_that_no_training_has_waits_for_a_person(name: str, tier: str) -> None:
    judgement = judged(DOUBTFUL[name][0], tier, *DOUBTFUL[name][1:])
    assert judgement.verdict is Verdict.NEEDS_REVIEW
    assert judgement.score is None
    assert "No training that was seen in the notebook has these losses" in words(judgement)
    assert "trainings in cells" in judgement.staff_note or "5 losses from" in judgement.staff_note


def test_where_nothing_was_trained_the_staff_reads_so(tier: str) -> None:
    given = GIVEN.replace("_ = train(x, y, epochs=5)", "")
    judgement = judged(LINE, tier, given, SQUARES + "losses = [4.0, 2.0, 1.0, 0.5, 0.2, 0.11]")
    assert judgement.verdict is Verdict.NEEDS_REVIEW
    assert "no gradient of any loss was computed in any cell" in judgement.staff_note


@pytest.mark.parametrize("name", RIGHT_LINES)
def test_weights_that_a_training_made_are_accepted(name: str, tier: str) -> None:
    judgement = judged(OPTIMUM, tier, GIVEN, RIGHT_LINES[name])
    assert judgement.verdict is Verdict.ACCEPTED, words(judgement) + judgement.staff_note


@pytest.mark.parametrize("name", ["typed_in", "invented"])
def test_weights_that_no_training_made_wait_for_a_person(name: str, tier: str) -> None:
    judgement = judged(OPTIMUM, tier, GIVEN, DOUBTFUL[name][2])
    assert judgement.verdict is Verdict.NEEDS_REVIEW
    assert "No training that was seen in the notebook leads to these values" in words(judgement)
    assert "5 losses from" in judgement.staff_note


def test_weights_that_are_not_good_enough_are_judged_whoever_made_them(tier: str) -> None:
    judgement = judged(OPTIMUM, tier, GIVEN, "w, b, losses = torch.tensor([9.0]), 4.0, []")
    assert judgement.verdict is Verdict.WRONG_ANSWER
