"""Optimizers with a closure, loops that take no notice of what they are given, and what late epochs leave out."""

from __future__ import annotations

import tomllib

import pytest

from grader.criteria.loop_order import clears_gradients, unread_arguments
from grader.criteria.update_step import UpdateStep
from grader.model.verdict import Verdict
from tests.conftest import ROOT
from tests.criteria.builders import words
from tests.criteria.kernel import judged
from tests.criteria.training_loops import STEP, loop, with_optimizer

RUBRIC = tomllib.loads((ROOT / "reference/03_XOR_pytorch/rubric.toml").read_text(encoding="utf-8"))
STEPS = UpdateStep.model_validate(next(c for c in RUBRIC["criteria"] if c["id"] == "train.steps"))
NOTEBOOK = """
X = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
Y = torch.tensor([[0.0], [1.0], [1.0], [0.0]])
net = nn.Sequential(nn.Linear(2, 2), nn.Sigmoid(), nn.Linear(2, 1))
"""


def closure(
    made: str, loss: str = "nn.functional.mse_loss(model(x), y)", zero: str = "optimizer.zero_grad()"
) -> str:
    return loop(
        f"""
        def closure():
            {zero}
            loss = {loss}
            loss.backward()
            return loss
        losses.append(optimizer.step(closure).item())
        """,
        f"optimizer = torch.optim.{made}",
    )


LBFGS = "LBFGS(model.parameters(), lr=lr)"
RIGHT = {
    "lbfgs": closure(LBFGS),
    "line_search": closure('LBFGS(model.parameters(), lr=lr, line_search_fn="strong_wolfe")'),
    "few_evaluations": closure("LBFGS(model.parameters(), lr=lr, max_iter=5)"),
    "many_evaluations": closure("LBFGS(model.parameters(), lr=lr, max_iter=50, history_size=5)"),
}
WRONG = {
    "part_of_the_data": (closure(LBFGS, "nn.functional.mse_loss(model(x[:3]), y[:3])"), "part of the data"),
    "rate_written_down": (closure("LBFGS(model.parameters(), lr=0.5)"), "`lr` changes nothing"),
    "output_layer_only": (closure("LBFGS(model[-1].parameters(), lr=lr)"), "the weights of layer 1"),
    "data_of_the_notebook": (
        closure(LBFGS, "nn.functional.mse_loss(model(X), Y)"),
        "`x` and `y` are not used",
    ),
    "data_of_the_notebook_with_adam": (
        with_optimizer("Adam(model.parameters(), lr=lr)", STEP.replace("(model(x), y)", "(model(X), Y)")),
        "`x` and `y` are not used",
    ),
    "targets_of_the_notebook": (
        with_optimizer("Rprop(model.parameters(), lr=lr)", STEP.replace("(model(x), y)", "(model(x), Y)")),
        "`y` is not used",
    ),
    "model_of_the_notebook": (
        with_optimizer("Adam(net.parameters(), lr=lr)", STEP.replace("model", "net")),
        "never reads its argument `model`",
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_closure_that_goes_down_the_loss_of_all_the_data_is_accepted(name: str) -> None:
    judgement = judged(STEPS, [NOTEBOOK, RIGHT[name]], seed=1)
    assert judgement.verdict is Verdict.ACCEPTED, (words(judgement), judgement.staff_note)


@pytest.mark.parametrize("name", WRONG)
def test_wrong_loop_is_named(name: str) -> None:
    code, said = WRONG[name]
    judgement = judged(STEPS, [NOTEBOOK, code], seed=1)
    assert judgement.verdict is Verdict.WRONG_ANSWER, (words(judgement), judgement.staff_note)
    assert said in words(judgement), judgement.staff_note


@pytest.mark.parametrize(
    "code",
    [
        closure(LBFGS, "nn.functional.l1_loss(model(x), y)"),
        closure(LBFGS, zero="pass"),
    ],
    ids=["another_loss", "gradients_kept"],
)
def test_closure_that_does_something_else_is_not_accepted(code: str) -> None:
    assert judged(STEPS, [NOTEBOOK, code], seed=1).verdict is not Verdict.ACCEPTED


@pytest.mark.parametrize("name", ["adam", "rprop"])
def test_optimizer_whose_first_step_knows_only_signs_is_not_said_to_ignore_its_data(name: str) -> None:
    made = {"adam": "Adam(model.parameters(), lr=lr)", "rprop": "Rprop(model.parameters(), lr=lr)"}[name]
    late = with_optimizer(made).replace("range(epochs)", "range(epochs + 1)")
    assert "not used" not in words(judged(STEPS, [NOTEBOOK, late], seed=1))


def own_layers(first: str, second: str) -> str:
    """A network with two named layers, in this order."""
    return f"""
class XORNet(nn.Module):
    def __init__(self):
        super().__init__()
        {first}
        {second}

    def forward(self, x):
        return self.output(torch.sigmoid(self.hidden(x)))
"""


SHUFFLED = """
order = torch.randperm(4)
for start in range(0, {least}, 2):
    chosen = order[start : start + 2]
    optimizer.zero_grad()
    ((model(x[chosen]) - y[chosen]) ** 2).mean().backward()
    optimizer.step()
"""
ADAM = "optimizer = torch.optim.Adam(model.parameters(), lr=lr)"
LATE = {
    "a_row_less": (loop("if epoch == 6: x, y = x[:3], y[:3]\n" + STEP, ADAM), "later some are left out"),
    "one_batch_less": (loop(SHUFFLED.format(least="4 if epoch < 6 else 2"), ADAM), "later some are left out"),
    "ten_epochs_at_most": (
        with_optimizer("SGD(model.parameters(), lr=lr)").replace("range(epochs)", "range(min(epochs, 10))"),
        "of 24 epochs, 10 are done",
    ),
}
FUNCTIONAL = """
from torch.func import functional_call, grad
weights = {name: p.detach() for name, p in model.named_parameters()}
gradients = grad(lambda w: ((functional_call(model, w, (x,)) - y) ** 2).mean())(weights)
with torch.no_grad():
    for name, p in model.named_parameters():
        p -= lr * gradients[name]
"""
ALL_ROWS = {
    "batches_of_two": loop(SHUFFLED.format(least="4"), ADAM),
    "row_by_row": loop(
        "model.zero_grad()\n"
        "(sum(((model(x[i]) - y[i]) ** 2).sum() for i in range(4)) / 4).backward()\n"
        "with torch.no_grad():\n    for p in model.parameters(): p -= lr * p.grad"
    ),
    "functional": loop(FUNCTIONAL),
}


@pytest.mark.parametrize("name", LATE)
def test_rows_and_epochs_that_are_left_out_late_are_found(name: str) -> None:
    code, said = LATE[name]
    judgement = judged(STEPS, [NOTEBOOK, code], seed=1)
    assert judgement.verdict is Verdict.WRONG_ANSWER, (words(judgement), judgement.staff_note)
    assert said in words(judgement)


@pytest.mark.parametrize("name", ALL_ROWS)
def test_rows_may_go_through_the_model_in_any_way(name: str) -> None:
    judgement = judged(STEPS, [NOTEBOOK, ALL_ROWS[name]], seed=1)
    assert judgement.verdict is Verdict.ACCEPTED, (words(judgement), judgement.staff_note)


HIDDEN, OUTPUT = "self.hidden = nn.Linear(2, 2)", "self.output = nn.Linear(2, 1)"
BY_LAYERS = loop(
    """
    model.zero_grad()
    ((model(x) - y) ** 2).mean().backward()
    with torch.no_grad():
        for layer in model.children():
            layer.weight -= lr * layer.weight.grad
            layer.bias -= lr * layer.bias.grad
    """
)
BY_NAME = with_optimizer("SGD([*model.hidden.parameters(), *model.output.parameters()], lr=lr)")


@pytest.mark.parametrize("train", [BY_LAYERS, BY_NAME], ids=["children", "names"])
def test_loop_that_rests_on_its_own_network_is_asked_with_it(train: str) -> None:
    judgement = judged(STEPS, [own_layers(HIDDEN, OUTPUT), train], seed=1)
    assert judgement.verdict is Verdict.ACCEPTED, (words(judgement), judgement.staff_note)


@pytest.mark.parametrize("train", [BY_LAYERS, BY_NAME], ids=["children", "names"])
def test_missing_attribute_of_the_questions_model_is_no_fault_of_spelling(train: str) -> None:
    shown = words(judged(STEPS, [own_layers(OUTPUT, HIDDEN), train], seed=1))
    assert "a model of another class than yours" in shown
    assert "`model.parameters()`" in shown


@pytest.mark.parametrize(
    ("train", "kind"),
    [
        (BY_NAME.replace("model.hidden", "model.hiden"), "XORNet"),
        (BY_NAME.replace("model.hidden.parameters()", "y.weight"), "Tensor"),
        (BY_NAME.replace("model.hidden.parameters()", "nn.Linear(2, 2).weights"), "Linear"),
    ],
)
def test_missing_attribute_of_the_students_own_is_said_of_it(train: str, kind: str) -> None:
    shown = words(judged(STEPS, [own_layers(HIDDEN, OUTPUT), train], seed=1))
    assert "another class" not in shown
    assert f"A `{kind}` has no attribute" in shown


def test_code_that_clears_gradients_is_seen() -> None:
    assert clears_gradients(["optimizer.zero_grad()"])
    assert clears_gradients(["for p in ps:\n    p.grad = None"])
    assert clears_gradients(["torch.autograd.grad(loss, ps)"])
    assert not clears_gradients(["loss.backward()  # optimizer.zero_grad()"])


def test_arguments_that_are_never_read_are_seen() -> None:
    code = "def train(model, x, y):\n    x = X\n    return net(x), y"
    assert unread_arguments([code], ["train"]) == ("model",)
    assert unread_arguments(["def train(model):\n    return locals()"], ["train"]) == ()
