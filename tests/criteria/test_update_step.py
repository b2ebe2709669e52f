"""Real training loops with real torch, beside the simulated ones."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from grader.criteria.update_step import UpdateStep
from grader.model.verdict import Verdict
from tests.criteria.builders import make, words
from tests.criteria.kernel import collected, judged
from tests.criteria.training_loops import (
    BATCHES,
    RIGHT,
    STEP,
    UNKNOWN,
    WRONG,
    loop,
    loss_of,
    with_loader,
    with_optimizer,
)

XOR = {"values": [[0, 0], [0, 1], [1, 0], [1, 1]]}
CALL = """
model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Sigmoid(), torch.nn.Linear(2, 1))
set_parameters(model, theta)
losses = train(model, x, y, lr, epochs)
return {"theta": get_parameters(model), "losses": losses}
"""
LINEAR_CALL = """
model = torch.nn.Sequential(torch.nn.Linear(1, 1))
set_parameters(model, theta)
train(model, x, y, lr, epochs)
return {"theta": get_parameters(model)}
"""


def xor(**parameters: Any) -> UpdateStep:
    given = {
        "call": CALL,
        "layers": [2, 2, 1],
        "inputs": {"x": XOR, "y": {"shape": [4, 1]}},
        "batches": "any",
        "requires": ["train"],
    }
    return make(UpdateStep, **(given | parameters))


def linear(**parameters: Any) -> UpdateStep:
    given = {
        "call": LINEAR_CALL,
        "layers": [1, 1],
        "start": "zeros",
        "inputs": {"x": {"shape": ["n", 1]}, "y": {"shape": ["n", 1], "low": 0.5, "high": 2.0}},
        "sizes": {"n": [12]},
        "optimizers": ["SGD"],
        "requires": ["train"],
    }
    return make(UpdateStep, **(given | parameters))


@pytest.mark.parametrize("name", RIGHT)
def test_right_loop_is_accepted(name: str) -> None:
    judgement = judged(xor(batches="full"), [RIGHT[name]], seed=len(name) % 5)
    assert judgement.verdict is Verdict.ACCEPTED, (words(judgement), judgement.staff_note)


@pytest.mark.parametrize("name", BATCHES)
def test_mini_batches_are_accepted_where_allowed(name: str) -> None:
    batch, code = BATCHES[name]
    judgement = judged(xor(), [code], seed=len(name) % 5)
    assert judgement.verdict is Verdict.ACCEPTED, (words(judgement), judgement.staff_note)
    assert f"mini-batches of {batch}" in words(judgement)


def test_mini_batches_are_half_right_where_the_full_batch_was_asked() -> None:
    judgement = judged(xor(batches="full"), [BATCHES["loader_of_2_shuffled"][1]])
    assert (judgement.verdict, judgement.score) == (Verdict.PARTIALLY_ACCEPTED, Decimal("0.5"))
    assert "full batch" in words(judgement)


@pytest.mark.parametrize("name", UNKNOWN)
def test_unknown_descent_waits_for_a_person(name: str) -> None:
    judgement = judged(xor(), [UNKNOWN[name]], seed=3)
    assert judgement.verdict is Verdict.NEEDS_REVIEW, (words(judgement), judgement.staff_note)


@pytest.mark.parametrize("name", WRONG)
def test_wrong_loop_is_named(name: str) -> None:
    code, said = WRONG[name]
    with pytest.warns() if "broadcast" in name and "mse_loss" in code else _nothing():
        judgement = judged(xor(), [code], seed=len(name) % 5)
    assert judgement.verdict is Verdict.WRONG_ANSWER, (words(judgement), judgement.staff_note)
    assert said in words(judgement), judgement.staff_note
    assert judgement.score == 0


SGD_MADE = "SGD(model.parameters(), lr=lr)"
NEAR = {
    "not_quite_half": (with_optimizer(SGD_MADE, loss_of("0.53 * ((model(x) - y) ** 2).mean()")), "1/2"),
    "not_quite_the_sum": (with_optimizer(SGD_MADE, loss_of("3.8 * ((model(x) - y) ** 2).mean()")), "sum"),
    "rows_weighted": (
        with_optimizer(
            SGD_MADE, loss_of("(torch.tensor([[0.4], [0.3], [0.2], [0.1]]) * (model(x) - y) ** 2).sum()")
        ),
        "part of the data",
    ),
    "rows_left_out_in_the_third_epoch": (
        with_optimizer(SGD_MADE, "if epoch == 2: x, y = x[1:], y[1:]\n" + STEP),
        "Only a part of the data",
    ),
    "cleared_in_every_other_epoch": (
        with_optimizer(
            SGD_MADE, STEP.replace("optimizer.zero_grad()", "if epoch % 2: optimizer.zero_grad()")
        ),
        "sum of all gradients so far",
    ),
    "one_update_more_in_the_third_epoch": (
        with_optimizer(SGD_MADE).replace("range(epochs)", "range(epochs + (epochs > 2))"),
        "one update too many",
    ),
    "turned_round_in_the_third_epoch": (
        with_optimizer(SGD_MADE, loss_of("(-1 if epoch == 2 else 1) * ((model(x) - y) ** 2).mean()")),
        "up the loss instead of down",
    ),
    "a_rate_that_falls_a_little": (
        with_optimizer(SGD_MADE, "optimizer.param_groups[0]['lr'] = lr * 0.99**epoch\n" + STEP),
        "weight decay",
    ),
}
"""Loops that are nearly those of a mistake, and the words that must not be said of them."""


@pytest.mark.parametrize("name", NEAR)
def test_mistake_is_not_named_where_it_does_not_explain_every_epoch(name: str) -> None:
    code, unsaid = NEAR[name]
    judgement = judged(xor(batches="full"), [code], seed=1)
    assert unsaid not in words(judgement), judgement.staff_note


class _nothing:
    def __enter__(self) -> None: ...
    def __exit__(self, *_: object) -> None: ...


LINEAR = ["sgd", "by_hand_in_no_grad", "by_hand_with_autograd_grad", "with_a_closure"]


@pytest.mark.parametrize("name", LINEAR)
def test_plain_descent_is_accepted_where_it_is_asked(name: str) -> None:
    judgement = judged(linear(), [RIGHT[name]])
    assert judgement.verdict is Verdict.ACCEPTED, (words(judgement), judgement.staff_note)


@pytest.mark.parametrize(("name", "family"), [("adam", "Adam"), ("momentum_of_0_37", "momentum")])
def test_another_optimizer_is_wrong_where_plain_descent_is_asked(name: str, family: str) -> None:
    judgement = judged(linear(), [RIGHT[name]])
    assert judgement.verdict is Verdict.WRONG_ANSWER
    assert family in words(judgement)


LINEAR_WRONG = [
    "gradients_never_zeroed",
    "gradients_zeroed_of_some_parameters_only",
    "zeroed_between",
    "no_step",
    "step_before_backward",
    "sum",
    "half",
    "divided_twice",
    "ascent",
    "fixed_lr",
    "one_epoch_too_few",
    "starts_elsewhere",
    "one_epoch_too_many",
    "return_in_the_loop",
    "last_sample_left_out",
    "first_sample_only",
    "broadcast_loss",
]


@pytest.mark.parametrize("name", LINEAR_WRONG)
def test_wrong_linear_loop_is_named(name: str) -> None:
    code, said = WRONG[name]
    judgement = judged(linear(), [code], seed=len(name) % 5)
    assert judgement.verdict is Verdict.WRONG_ANSWER, (words(judgement), judgement.staff_note)
    assert said in words(judgement), judgement.staff_note


def test_stale_gradient_is_named() -> None:
    body = """
    loss = nn.functional.mse_loss(model(x), y)
    optimizer.step()
    optimizer.zero_grad()
    loss.backward()
    """
    judgement = judged(linear(), [with_optimizer("SGD(model.parameters(), lr=lr)", body)])
    assert "`step()` stands before `backward()`" in words(judgement)


def test_step_before_backward_is_named_even_where_torch_raises() -> None:
    body = """
    loss = nn.functional.mse_loss(model(x), y)
    optimizer.step()
    optimizer.zero_grad()
    loss.backward()
    """
    judgement = judged(xor(), [with_optimizer("SGD(model.parameters(), lr=lr)", body)])
    assert judgement.verdict is Verdict.WRONG_ANSWER
    assert "`step()` stands before `backward()`" in words(judgement)


def test_loop_that_raises_is_a_run_time_error() -> None:
    judgement = judged(xor(), [loop("raise ValueError('no')")])
    assert judgement.verdict is Verdict.RUN_TIME_ERROR


def test_part_not_filled_in_is_not_attempted() -> None:
    judgement = judged(xor(), [loop("raise NotImplementedError")])
    assert judgement.verdict is Verdict.NOT_ATTEMPTED


def test_missing_function_is_not_attempted() -> None:
    assert judged(xor(), ["x = 1"]).verdict is Verdict.NOT_ATTEMPTED


def test_loop_up_the_loss_that_nobody_knows_is_wrong() -> None:
    body = """
    with torch.no_grad():
        for p in model.parameters():
            p += lr * torch.sign(p.grad) if p.grad is not None else 0.0
    model.zero_grad()
    ((model(x) - y) ** 2).mean().backward()
    with torch.no_grad():
        for p in model.parameters():
            p += 3 * lr * p.grad
    """
    judgement = judged(xor(), [loop(body)])
    assert judgement.verdict is Verdict.WRONG_ANSWER
    assert "sign of the update" in words(judgement)


def test_wrong_number_of_weights_is_wrong() -> None:
    call = CALL.replace('"theta": get_parameters(model)', '"theta": get_parameters(model)[:3]')
    judgement = judged(xor(call=call), [RIGHT["sgd"]])
    assert judgement.verdict is Verdict.WRONG_ANSWER
    assert "9 numbers" in words(judgement)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("name", ["sgd", "adam", "rmsprop", "momentum_of_0_37"])
def test_right_loop_is_accepted_for_any_seed(name: str, seed: int) -> None:
    judgement = judged(xor(batches="full"), [RIGHT[name]], seed=seed)
    assert judgement.verdict is Verdict.ACCEPTED, judgement.staff_note


def descent(**parameters: Any) -> UpdateStep:
    given: dict[str, Any] = {"check": "descent", "inputs": {"x": XOR, "y": {"values": [[0], [1], [1], [0]]}}}
    return xor(**(given | parameters))


FREE = "model, x, y, lr=None, epochs=1"
DESCENTS = {
    "sgd": with_optimizer("SGD(model.parameters(), lr=0.02)"),
    "adam": with_optimizer("Adam(model.parameters())"),
    "adamw": with_optimizer("AdamW(model.parameters(), lr=0.1)"),
    "rmsprop": with_optimizer("RMSprop(model.parameters())"),
    "loader_of_1": with_loader("Adam(model.parameters(), lr=0.05)", 1, True),
    "sgd_with_momentum": with_optimizer("SGD(model.parameters(), lr=0.5, momentum=0.9)"),
    "loader_of_1_and_large_steps": with_loader("Adam(model.parameters(), lr=0.2)", 1, True),
    "loader_of_1_plain": with_loader("SGD(model.parameters(), lr=0.3)", 1, True),
    "loader_of_2": with_loader("SGD(model.parameters(), lr=0.5)", 2, True),
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", DESCENTS)
def test_descent_with_unknown_optimizer_is_accepted(name: str, seed: int) -> None:
    judgement = judged(descent(), [DESCENTS[name]], seed=seed)
    assert judgement.verdict is Verdict.ACCEPTED, judgement.staff_note


@pytest.mark.parametrize(
    "name",
    [
        "no_step",
        "zeroed_between",
        "ascent",
        "ascent_with_adam",
        "hidden_layer_frozen",
        "biases_frozen",
    ],
)
def test_wrong_descent_is_named(name: str) -> None:
    code, said = WRONG[name]
    judgement = judged(descent(batches="full"), [code])
    assert judgement.verdict is Verdict.WRONG_ANSWER
    assert said in words(judgement)


def test_expected_weights_never_reach_the_student() -> None:
    criterion = xor()
    asked = collected(criterion, [RIGHT["sgd"]])
    others = {"other_lr", "other_x", "other_y"}
    assert {key.rpartition("/")[2] for key in asked.answers} == {"epochs1", "epochs2", "epochs3"} | others
    assert all(key.startswith("task.word/") for key in asked.reference)


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [({"inputs": {"x": XOR}}, "x and y"), ({"epochs": [1, 3]}, "1, 2, 3"), ({"layers": [2]}, "layers")],
)
def test_bad_parameters_are_refused(parameters: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValidationError, match=expected):
        xor(**parameters)
