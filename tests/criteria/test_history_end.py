"""What is said of losses that were left with weights whose loss is another: a cause only where all agrees with it."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
import pytest

from grader.criteria.histories import History
from grader.criteria.history_end import End, cause_of
from grader.criteria.loss_history import LossHistory
from grader.model.execution import CellRun, Ending
from grader.model.judgement import Judgement
from grader.model.verdict import Verdict
from tests.criteria.asking import judged
from tests.criteria.builders import cell_raised, cells, execution, make, words
from tests.criteria.networks import RIGHT

X = [[-0.9], [-0.4], [0.1], [0.3], [0.8], [1.2], [1.7], [1.9]]
Y = [[-2.6], [-2.1], [-0.4], [-0.9], [0.9], [1.1], [2.8], [2.4]]
XOR = {"x": [[0, 0], [0, 1], [1, 0], [1, 1]], "y": [[0], [1], [1], [0]]}
LINE = f"""
x, y = torch.tensor({X}), torch.tensor({Y})
def mse(a, b):
    return ((a - b) ** 2).mean()

def train(x, y, lr=0.1, epochs=200, loss_of=mse, record=float, start=0.0):
    w, b = torch.full((1,), start, requires_grad=True), torch.full((1,), start, requires_grad=True)
    losses = []
    for _ in range(epochs):
        loss = loss_of(w * x + b, y)
        gradients = torch.autograd.grad(loss, (w, b))
        with torch.no_grad():
            w -= lr * gradients[0]
            b -= lr * gradients[1]
        losses.append(record(loss.item()))
    return w.detach(), b.detach(), losses

w, b, losses = train(x, y)
"""
DIFFERS = "The losses do not end at the loss of the weights that the notebook left."
CAUSES = (
    "mean squared error",
    "sums over",
    "divided once",
    "reverse",
    "sign",
    "another training",
    "beginning: it",
)


def line(code: str) -> Judgement:
    """Of the line's weights and losses, after this code."""
    return judged(
        make(
            LossHistory,
            call='return {"losses": losses, "theta": torch.cat([w, b]), "out": query * w + b}',
            requires=["w", "b", "losses"],
            layers=[1, 1],
            activation="none",
            data={"x": X, "y": Y},
            start="zeros",
            batches="full",
            reads_state=True,
        ),
        LINE + textwrap.dedent(code),
    )


NAMED = {
    "root": ("losses = [v ** 0.5 for v in losses]", "root of the mean"),
    "mse_is_the_root": (
        "w, b, losses = train(x, y, lr=0.05, epochs=400, loss_of=lambda a, b: mse(a, b).sqrt())",
        "root of",
    ),
    "mse_is_half": (
        "w, b, losses = train(x, y, epochs=400, loss_of=lambda a, b: mse(a, b) / 2)",
        "half of the mean",
    ),
    "mse_is_twice": ("w, b, losses = train(x, y, loss_of=lambda a, b: mse(a, b) * 2)", "twice the mean"),
    "sum": ("w, b, losses = train(x, y, lr=0.01, loss_of=lambda a, b: mse(a, b) * 8)", "sums over the data"),
    "divided": ("losses = [v / 8 for v in losses]", "divided once too often"),
    "square": ("losses = [v ** 2 for v in losses]", "square of the mean"),
    "sign": ("losses = [-v for v in losses]", "wrong sign"),
    "reversed": ("losses = losses[::-1]", "reverse order"),
}


@pytest.mark.parametrize("name", NAMED)
def test_a_cause_is_named_where_first_and_last_loss_agree_with_it(name: str) -> None:
    code, says = NAMED[name]
    judgement = line(code)
    assert judgement.verdict is Verdict.WRONG_ANSWER
    assert says in words(judgement), words(judgement)


UNNAMED = {
    "quarters_that_are_made_up": "losses = [1.0, 0.75] + [0.5] * 6",
    "rounded_to_hundredths": "losses = [round(min(1.0, v + 0.3), 2) for v in losses]",
    "other_half_of_the_data": "_, _, losses = train(x[4:], y[4:])",
    "first_half_of_the_data": "w, b, losses = train(x[:4], y[:4])",
    "three_points": "w, b, losses = train(x[:3], y[:3])",
    "other_targets": "w, b, losses = train(x, y + 1)",
    "absolute_errors": "losses = [1.3 * v ** 0.7 for v in losses]",
    "three_times": "losses = [3 * v for v in losses]",
    "halved_at_the_end_only": "losses = losses[:100] + [v / 2 for v in losses[100:]]",
    "rooted_of_other_targets": "_, _, losses = train(x, y + 1, record=lambda v: v ** 0.5)",
    "twice_from_another_start": "_, _, losses = train(x, y, record=lambda v: 2 * v, start=1.0)",
    "made_up": "losses = [1 / (k + 1) for k in range(200)]",
    "made_up_that_grows": "losses = [0.1 * k for k in range(200)]",
}


@pytest.mark.parametrize("name", UNNAMED)
def test_else_it_is_said_what_differs(name: str) -> None:
    judgement = line(UNNAMED[name])
    assert judgement.verdict is Verdict.WRONG_ANSWER, judgement.staff_note
    said = words(judgement)
    assert said.startswith(DIFFERS), said
    assert not any(cause in said for cause in CAUSES), said


TRAINED = """
def train(model, x, y, lr=0.05, epochs=300):
    optimizer, losses = torch.optim.Adam(model.parameters(), lr=lr), []
    for _ in range(epochs):
        loss = ((model(x) - y) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

torch.manual_seed(0)
x, y = torch.tensor([[0., 0.], [0., 1.], [1., 0.], [1., 1.]]), torch.tensor([[0.], [1.], [1.], [0.]])
model = XORNet()
losses = train(model, x, y)
"""


def xor(code: str, **how: Any) -> Judgement:
    """Of an XOR network's losses, after this code."""
    spec = make(
        LossHistory,
        call='return {"losses": losses, "theta": get_parameters(model), "out": model(query)}',
        requires=["model", "losses"],
        layers=[2, 2, 1],
        data=XOR,
        reads_state=True,
    )
    return judged(spec, textwrap.dedent(RIGHT["sequential"]) + TRAINED + textwrap.dedent(code), **how)


@pytest.mark.parametrize(
    "code",
    [
        "y = (x.sum(1, keepdim=True) > 0).float(); losses = train(model, x, y)",
        "y = x.prod(1, keepdim=True); losses = train(model, x, y)",
        "losses = train(model, x[:3], y[:3]); model = XORNet()",
        "model = XORNet(); losses = [2 * v for v in train(model, x, y, epochs=20)]",
        "model = XORNet(); losses = [v / 2 for v in train(model, x, y, epochs=20)]",
        "model = XORNet()",
        "losses = [0.25, 0.5, 0.5, 0.75, 0.9]",
        "losses = [0.25, 0.5, 0.5, 0.75, 0.75, 0.75, 0.75]",
    ],
)
def test_without_a_known_start_no_factor_and_no_other_training_is_named(code: str) -> None:
    judgement = xor(code)
    assert judgement.verdict is Verdict.WRONG_ANSWER, judgement.staff_note
    said = words(judgement)
    assert said.startswith(DIFFERS), said
    assert not any(cause in said for cause in (*CAUSES, "accuracies")), said


RISING = np.linspace(0.001, 0.5, 60)


@pytest.mark.parametrize(
    ("recorded", "named"),
    [(None, True), ([RISING[::-1]], True), ([RISING[::-1] ** 2, RISING], False), ([], False)],
)
def test_the_order_is_called_reverse_where_a_training_has_the_other_one(
    recorded: list[np.ndarray] | None, named: bool
) -> None:
    cause = cause_of(End(History(RISING, "floats"), 1e-4, 0.25, 4, False, None, None, recorded))
    assert (cause is not None) is named


def test_accuracies_are_named_where_the_last_is_that_of_the_model() -> None:
    assert "accuracies" in words(xor("losses = [0.25, 0.5, 0.75, 0.75, 1.0]"))


BETWEEN = "losses = train(model, x, y); model = XORNet()"
CELL = """
for attempt in range(10):
    model = XORNet()
    losses = train(model, x, y)
"""


@pytest.mark.parametrize(
    ("ended", "verdict", "says"),
    [
        (
            "time_limit_exceeded",
            Verdict.TIME_LIMIT_EXCEEDED,
            "`model`, `losses` was stopped by its time limit",
        ),
        ("raised", Verdict.RUN_TIME_ERROR, "`model`, `losses` raised an error"),
        ("memory_limit_exceeded", Verdict.MEMORY_LIMIT_EXCEEDED, "`model`, `losses` was stopped"),
    ],
)
def test_a_state_that_an_interrupted_cell_left_is_told_as_such(
    ended: Ending, verdict: Verdict, says: str
) -> None:
    run = cell_raised(1, "KeyError", "'x'") if ended == "raised" else CellRun(index=1, ended=ended)
    ran = execution(CellRun(index=0, ended="completed"), run)
    judgement = xor(BETWEEN, source=cells("import torch", CELL), ran=ran)
    assert judgement.verdict is verdict
    assert judgement.cell == 1
    assert says in words(judgement), words(judgement)
    assert "two trainings" in words(judgement)


@pytest.mark.parametrize(
    ("texts", "endings"),
    [
        (["x = 1", "model = XORNet()\nlosses = train(model, x, y)"], ["time_limit_exceeded", "completed"]),
        (["model = XORNet()\nlosses = []", "plt.plot(losses)"], ["completed", "raised"]),
        (["model = losses = None", CELL], ["raised", "completed"]),
    ],
)
def test_an_interrupted_cell_that_does_not_make_the_names_is_not_to_blame(
    texts: list[str], endings: list[Ending]
) -> None:
    runs = [CellRun(index=index, ended=ended) for index, ended in enumerate(endings)]
    judgement = xor(BETWEEN, source=cells(*texts), ran=execution(*runs))
    assert words(judgement).startswith(DIFFERS), words(judgement)


def test_one_name_made_again_later_leaves_the_other_to_the_interrupted_cell() -> None:
    runs = [CellRun(index=0, ended="time_limit_exceeded"), CellRun(index=1, ended="completed")]
    said = words(xor(BETWEEN, source=cells(CELL, "model = XORNet()"), ran=execution(*runs)))
    assert "makes `losses` was stopped by its time limit" in said, said


def test_a_list_that_an_interrupted_cell_let_grow_is_its_own() -> None:
    texts = ["model, losses = XORNet(), []", "for _ in range(10**9):\n    losses.append(step())"]
    runs = [CellRun(index=0, ended="completed"), CellRun(index=1, ended="time_limit_exceeded")]
    said = words(xor(BETWEEN, source=cells(*texts), ran=execution(*runs)))
    assert "makes `losses` was stopped by its time limit" in said, said


def test_a_state_that_agrees_is_right_though_its_cell_was_interrupted() -> None:
    ran = execution(CellRun(index=0, ended="time_limit_exceeded"))
    assert xor("pass", source=cells(CELL), ran=ran).verdict is Verdict.ACCEPTED
