"""Trainings that begin right: what long ones, large ones and other data show of them, on code and on weights."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from pydantic import ValidationError

from grader.criteria.loop_plans import Floats
from grader.criteria.network import mlp
from grader.criteria.update_step import UpdateStep
from grader.criteria.walks import Problem
from grader.criteria.whole_trainings import Training, descended, deviation_of
from grader.model.verdict import Verdict
from tests.criteria.builders import make, words
from tests.criteria.kernel import judged

CALL = """
slope, intercept = train(x, y, lr, epochs)
return {"theta": torch.cat([slope, intercept])}
"""
X = {"shape": ["n", 1], "low": -1.0, "high": 2.0}
Y = {"shape": ["n", 1], "low": 0.5, "high": 3.0}
LINE = make(
    UpdateStep,
    call=CALL,
    layers=[1, 1],
    activation="none",
    start="zeros",
    optimizers=["SGD"],
    requires=["train"],
    inputs={"x": X, "y": Y},
    sizes={"n": [6, 1, 2, 3, 17, 64, 301]},
    cases=7,
    scales=[1.0, 1.0, 10.0, 0.01, 1.0, 30.0, 1.0],
    followed=8,
    later=[20, 100],
)


def train(step: str = "lr", *, first: str = "", before: str = "", cut: str = "", after: str = "") -> str:
    """A `train(x, y, lr, epochs)` with lines of its own in four places, and its own rate."""

    def lines(text: str, depth: int) -> str:
        return textwrap.indent(text or "pass", "    " * depth)

    return f"""
def train(x, y, lr, epochs):
{lines(first, 1)}
    w, b = torch.zeros(1, requires_grad=True), torch.zeros(1, requires_grad=True)
    losses = []
    for i in range(epochs):
{lines(before, 2)}
        loss = ((w * x + b - y) ** 2).mean()
        losses.append(loss.item())
        loss.backward()
{lines(cut, 2)}
        with torch.no_grad():
            w -= ({step}) * w.grad
            b -= ({step}) * b.grad
        w.grad = b.grad = None
{lines(after, 2)}
    return w.detach(), b.detach()
"""


RIGHT = {
    "plain": train(),
    "an_optimizer": """
def train(x, y, lr, epochs):
    line = nn.Linear(1, 1)
    nn.init.zeros_(line.weight), nn.init.zeros_(line.bias)
    optimizer = torch.optim.SGD(line.parameters(), lr)
    for _ in range(epochs):
        optimizer.zero_grad()
        nn.functional.mse_loss(line(x), y).backward()
        optimizer.step()
    return line.weight[0].detach(), line.bias.detach()
""",
    "gradients_gathered_in_pieces": """
def train(x, y, lr, epochs):
    theta = torch.zeros(2, requires_grad=True)
    for _ in range(epochs):
        for xs, ys in zip(x.split(16), y.split(16)):
            (((theta[0] * xs + theta[1] - ys) ** 2).sum() / len(x)).backward()
        theta = (theta - lr * theta.grad).detach().requires_grad_()
    return theta[:1].detach(), theta[1:].detach()
""",
}
WRONG = {
    "rate_falls": (train("lr / (1 + 0.1 * i)"), "that of epoch 2 is 0.9091 times"),
    "rate_falls_a_little": (train("lr * 0.999**i"), "that of epoch 2 is 0.999 times"),
    "rate_halved_after_epoch_5": (train("lr if i < 5 else lr / 2"), "that of epoch 6 is 0.5 times"),
    "rate_halved_after_epoch_10": (train("lr if i < 10 else lr / 2"), "first 8 updates are right"),
    "rate_halved_after_epoch_60": (train("lr if i < 60 else lr / 2"), "training of 100 epochs"),
    "rate_at_least": (train(first="lr = max(lr, 0.05)"), "right for some data, but not for others"),
    "ten_rows": (train(first="x, y = x[:10], y[:10]"), "Of 301 rows, only the first 10 count"),
    "hundred_rows": (train(first="x, y = x[:100], y[:100]"), "Of 301 rows, only the first 100 count"),
    "last_ten_rows": (train(first="x, y = x[-10:], y[-10:]"), "Of 301 rows, only the last 10 count"),
    "a_row_less_later": (train(before="if i == 5: x, y = x[1:], y[1:]"), "only 5 of the 6 rows"),
    "any_32_rows": (
        train(first="X, Y = x, y", before="k = torch.randperm(len(X))[:32]; x, y = X[k], Y[k]"),
        "right for up to 17 rows",
    ),
    "stops_at_ten": (train(first="epochs = min(epochs, 10)"), "of 12 epochs, 10 are done"),
    "stops_at_fifty": (train(first="epochs = min(epochs, 50)"), "of 100 epochs, 50 are done"),
    "stops_when_it_is_good_enough": (train(after="if loss < 1e-2: break"), "stops too early"),
    "stops_on_a_plateau": (
        train(after="if i and losses[-2] - losses[-1] < 1e-3: break"),
        "stops too early",
    ),
    "clipped_by_norm": (
        train(cut="torch.nn.utils.clip_grad_norm_([w, b], 20.0)"),
        "an update is only",
    ),
    "gradients_kept_later": (
        train().replace("w.grad = b.grad = None", "if i < 4: w.grad = b.grad = None"),
        "The update of epoch 6 is not one of gradient descent any more",
    ),
    "large_inputs_are_cut": (train(first="x = x.clamp(-2, 2)"), "right for some data, but not for others"),
    "weights_decay": (train().replace("* w.grad", "* (w.grad + 1e-3 * w)"), "first 8 updates are right"),
    "data_of_the_notebook": (
        "X = torch.linspace(-1, 1, 50).reshape(-1, 1); Y = 2 * X + 1" + train(first="x, y = X, Y"),
        "arguments `x` and `y` are not used",
    ),
    "targets_of_the_notebook": (
        "Y = torch.linspace(1, 3, 400).reshape(-1, 1)" + train(first="y = Y[: len(x)]"),
        "argument `y` is not used",
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_training_is_accepted_on_all_data(name: str) -> None:
    judgement = judged(LINE, [RIGHT[name]])
    assert judgement.verdict is Verdict.ACCEPTED, (words(judgement), judgement.staff_note)


@pytest.mark.parametrize("name", WRONG)
def test_training_that_begins_right_is_wrong_and_named(name: str) -> None:
    code, said = WRONG[name]
    judgement = judged(LINE, [code])
    assert judgement.verdict is Verdict.WRONG_ANSWER, (words(judgement), judgement.staff_note)
    assert said in words(judgement), judgement.staff_note
    assert judgement.score == 0


def test_mini_batches_of_many_rows_are_half_right() -> None:
    code = """
def train(x, y, lr, epochs):
    theta = torch.zeros(2, requires_grad=True)
    for _ in range(epochs):
        for xs, ys in zip(x.split(16), y.split(16)):
            gradient, = torch.autograd.grad(((theta[0] * xs + theta[1] - ys) ** 2).mean(), theta)
            theta = (theta - lr * gradient).detach().requires_grad_()
    return theta[:1].detach(), theta[1:].detach()
"""
    judgement = judged(LINE, [code])
    assert (judgement.verdict, judgement.score) == (Verdict.PARTIALLY_ACCEPTED, Decimal("0.5"))
    assert "after each 16 samples" in words(judgement)


def test_other_data_are_for_plain_gradient_descent_alone() -> None:
    with pytest.raises(ValidationError, match="followed"):
        make(UpdateStep, call=CALL, layers=[1, 1], inputs={"x": X, "y": Y}, sizes={"n": [3]}, cases=2)


RNG = np.random.default_rng(3)
Walker = Callable[[Problem, int], Floats]


def problem(rows: int) -> Problem:
    x, y = RNG.uniform(-1, 2, (rows, 1)), RNG.uniform(0.5, 3, (rows, 1))
    return Problem(mlp((1, 1), "none"), x, y, np.zeros(2), 0.1)


PROBLEMS = {rows: problem(rows) for rows in (1, 5, 40, 200)}


def seen(walk: Walker, odd: Walker | None = None) -> str | None:
    """The key that is found of trainings that go so; `odd` is how the one with 200 rows and 12 epochs goes."""
    followed = [Training(PROBLEMS[5], n, walk(PROBLEMS[5], n)) for n in range(1, 9)]
    whole = [Training(p, n, walk(p, n)) for p in PROBLEMS.values() for n in (1, 12, 30)]
    if odd is not None:
        whole = [
            replace(t, after=odd(t.problem, t.epochs)) if (len(t.problem.x), t.epochs) == (200, 12) else t
            for t in whole
        ]
    found = deviation_of(followed, whole)
    return None if found is None else found.key


def rows(first: int) -> Walker:
    return lambda at, epochs: descended(replace(at, x=at.x[:first], y=at.y[:first]), epochs)


def last_rows(last: int) -> Walker:
    return lambda at, epochs: descended(replace(at, x=at.x[-last:], y=at.y[-last:]), epochs)


def stops(limit: int) -> Walker:
    return lambda at, epochs: descended(at, min(epochs, limit))


def batches(size: int) -> Walker:
    def walk(at: Problem, epochs: int) -> Floats:
        theta = at.start
        for _ in range(epochs):
            for start in range(0, len(at.x), size):
                part = replace(at, x=at.x[start : start + size], y=at.y[start : start + size])
                theta = theta - at.lr * part.gradient(theta)
        return theta

    return walk


def rated(rate: Callable[[int], float]) -> Walker:
    def walk(at: Problem, epochs: int) -> Floats:
        theta = at.start
        for epoch in range(epochs):
            theta = theta - rate(epoch) * at.lr * at.gradient(theta)
        return theta

    return walk


def shorter(at: Problem, epochs: int) -> Floats:
    """Gradients of many rows count half."""
    return rated(lambda _: 0.5 if len(at.x) > 20 else 1.0)(at, epochs)


def astray(at: Problem, epochs: int) -> Floats:
    return descended(at, epochs) + 0.1


SAID: dict[str, Walker] = {
    "first_rows": rows(30),
    "last_rows": last_rows(30),
    "stops": stops(10),
    "mini_batches": batches(16),
}


@pytest.mark.parametrize("key", SAID)
def test_mistake_is_named_where_it_explains_every_training(key: str) -> None:
    assert seen(SAID[key]) == key


@pytest.mark.parametrize("key", SAID)
def test_mistake_is_not_named_where_one_training_is_otherwise(key: str) -> None:
    assert seen(SAID[key], odd=astray) in ("late", "many_rows", "other")


def test_plain_descent_is_no_mistake() -> None:
    assert seen(descended) is None
    assert seen(descended, odd=astray) is not None


def test_change_of_the_rate_is_named_where_every_later_update_goes_along_the_gradient() -> None:
    assert seen(rated(lambda epoch: 0.5 if epoch > 4 else 1.0)) == "rate"

    def turns(at: Problem, epochs: int) -> Floats:
        halved = rated(lambda epoch: 0.5 if epoch > 4 else 1.0)(at, epochs)
        return halved + (0.01 * np.array([1.0, -1.0]) if epochs > 6 else 0.0)

    assert seen(turns) == "changes"


def test_short_updates_are_named_where_all_that_differ_go_along_the_gradient() -> None:
    assert seen(shorter) == "shorter"

    def turned(at: Problem, epochs: int) -> Floats:
        return shorter(at, epochs) + (0.01 * np.array([1.0, -1.0]) if len(at.x) == 200 else 0.0)

    assert seen(turned) == "many_rows"


def test_left_out_rows_are_named_where_they_explain_every_later_update() -> None:
    def less(at: Problem, epochs: int) -> Floats:
        first = descended(at, min(epochs, 5))
        if epochs <= 5 or len(at.x) == 1:
            return descended(at, epochs)
        return descended(replace(at, x=at.x[1:], y=at.y[1:], start=first), epochs - 5)

    assert seen(less) == "rows_later"
    assert seen(lambda at, epochs: less(at, epochs) + (0.01 if epochs > 6 else 0.0)) == "changes"


def test_late_change_is_said_where_all_early_updates_are_right() -> None:
    assert seen(rated(lambda epoch: 0.5 if epoch > 9 else 1.0)) == "late"
    assert seen(lambda at, epochs: descended(at, epochs) + (0.1 if len(at.x) == 40 else 0.0)) == "other"
