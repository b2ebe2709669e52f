from __future__ import annotations

import textwrap
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from grader.criteria.histories import ends_at
from grader.criteria.loss_history import LossHistory
from grader.model.execution import CellError, CellRun
from grader.model.judgement import Judgement
from grader.model.verdict import Verdict
from tests.criteria.asking import SEED, answer, judged, names_of
from tests.criteria.builders import cells, evidence, execution, make, words
from tests.criteria.networks import RIGHT

XOR = {"x": [[0, 0], [0, 1], [1, 0], [1, 1]], "y": [[0], [1], [1], [0]]}
CALL = """
model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Sigmoid(), torch.nn.Linear(2, 1))
set_parameters(model, theta)
losses = train(model, x, y, lr=lr, epochs=epochs)
return {"losses": losses, "theta": get_parameters(model), "out": model(query)}
"""
WATCHED = """
seen = []
class Network(torch.nn.Sequential):
    def forward(self, given):
        if torch.is_grad_enabled():
            seen.append(len(given))
        return super().forward(given)
model = Network(torch.nn.Linear(2, 2), torch.nn.Sigmoid(), torch.nn.Linear(2, 1))
set_parameters(model, theta)
losses = train(model, x, y, lr=lr, epochs=epochs)
full = float(seen == [len(x)] * epochs)
return {"losses": losses, "theta": get_parameters(model), "out": model(query), "full": full}
"""
STATE = 'return {"losses": losses, "theta": get_parameters(model), "out": model(query)}'


def called(train: str, *, seed: int = SEED, **parameters: Any) -> Judgement:
    given = {"call": CALL, "requires": ["train"], "layers": [2, 2, 1], "data": XOR}
    return judged(make(LossHistory, **(given | parameters)), train, seed=seed)


def left(code: str, network: str = "sequential") -> Judgement:
    spec = make(
        LossHistory,
        call=STATE,
        requires=["model", "losses"],
        layers=[2, 2, 1],
        data=XOR,
        reads_state=True,
    )
    return judged(spec, textwrap.dedent(RIGHT[network]) + code)


def loop(
    record: str = "losses.append(loss.item())",
    *,
    start: str = "losses = []",
    optimizer: str = "SGD(model.parameters(), lr=lr)",
    after: str = "pass",
    end: str = "return losses",
) -> str:
    return f"""
def train(model, x, y, lr=0.05, epochs=300):
    optimizer = torch.optim.{optimizer}
    {start}
    for epoch in range(epochs):
        loss = nn.functional.mse_loss(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        {record}
        optimizer.step()
        {after}
    {end}
"""


MINI_BATCHES = """
def train(model, x, y, lr=0.05, epochs=300):
    optimizer = torch.optim.{optimizer}(model.parameters(), lr=lr)
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size={size}, shuffle=True)
    losses = []
    for epoch in range(epochs):
        total = 0.0
        for a, b in loader:
            loss = ((model(a) - b) ** 2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(a)
        losses.append(total / {divisor})
    return losses
"""

UNWEIGHTED = """
def train(model, x, y, lr=0.05, epochs=300):
    optimizer, losses = torch.optim.SGD(model.parameters(), lr=lr), []
    for epoch in range(epochs):
        total = []
        for chosen in torch.randperm(len(x)).split({size}):
            loss = ((model(x[chosen]) - y[chosen]) ** 2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total.append(loss.item())
        losses.append({record})
    return losses
"""

RIGHT_LOOPS = {
    "before_the_update": loop(),
    "after_the_update": loop("pass", after="losses.append(((model(x) - y) ** 2).mean().item())"),
    "adam": loop(optimizer="Adam(model.parameters(), lr=lr)"),
    "momentum": loop(optimizer="SGD(model.parameters(), lr=lr, momentum=0.9)"),
    "array": loop(end="return np.array(losses)").replace("def train", "import numpy as np\ndef train"),
    "numpy_scalars": loop("losses.append(loss.detach().numpy()[()])"),
    "tuple": loop(end="return tuple(losses)"),
    "weights_do_not_move": loop(optimizer="SGD(model.parameters(), lr=0.0)"),
    "batches_of_two": MINI_BATCHES.format(optimizer="SGD", size=2, divisor=4),
    "batches_of_three_and_one": MINI_BATCHES.format(optimizer="SGD", size=3, divisor=4),
    "mean_of_unequal_batches": UNWEIGHTED.format(size=3, record="sum(total) / len(total)"),
    "batches_of_one": MINI_BATCHES.format(optimizer="SGD", size=1, divisor=4),
    "batches_of_one_adam": MINI_BATCHES.format(optimizer="Adam", size=1, divisor=4),
}


@pytest.mark.parametrize("name", RIGHT_LOOPS)
def test_true_history_is_accepted(name: str) -> None:
    judgement = called(RIGHT_LOOPS[name])
    assert judgement.verdict is Verdict.ACCEPTED, words(judgement) + judgement.staff_note


@pytest.mark.parametrize("seed", range(8))
def test_mean_over_single_cases_is_true_however_far_the_weights_leap(seed: int) -> None:
    loop = MINI_BATCHES.format(optimizer="SGD", size=1, divisor=4).replace("lr=lr", "lr=3 * lr, momentum=0.9")
    judgement = called(loop, seed=seed)
    assert judgement.verdict is Verdict.ACCEPTED, words(judgement) + judgement.staff_note


WRONG_LOOPS = {
    "graph": (loop("losses.append(loss)"), "hang on the graph"),
    "stacked_graph": (loop("losses.append(loss)", end="return torch.stack(losses)"), "hang on the graph"),
    "one_too_many": (loop(start="losses = [((model(x) - y) ** 2).mean().item()]"), "one loss too many"),
    "one_too_few": (loop("if epoch: losses.append(loss.item())"), "one loss too few"),
    "last_only": (loop(end="return losses[-1:]"), "Only one loss"),
    "single_number": (loop(end="return loss.item()"), "no history"),
    "one_per_batch": (
        loop("losses.append(loss.item()); losses.append(loss.item())"),
        "2 losses for each epoch",
    ),
    "nothing_returned": (loop(end="pass"), "not a list of numbers"),
    "empty": (loop("pass"), "empty"),
    "texts": (loop("losses.append(str(loss.item()))"), "not a list of numbers"),
    "first_one_repeated": (loop(end="return losses[:1] * epochs"), "same number"),
    "zeros": (loop(end="return [0.0] * epochs"), "same number"),
    "made_up": (loop(end="return [1 / (k + 1) for k in range(epochs)]"), "not those of the training"),
    "sum": (loop("losses.append(loss.item() * 4)"), "sums over the data"),
    "half": (loop("losses.append(loss.item() / 2)"), "half of the mean squared error"),
    "root": (loop("losses.append(loss.item() ** 0.5)"), "root of the mean squared error"),
    "sign": (loop("losses.append(-loss.item())"), "wrong sign"),
    "reversed": (
        loop("losses.insert(0, loss.item())", optimizer="SGD(model.parameters(), lr=3 * lr)"),
        "reverse",
    ),
    "summed_batches": (MINI_BATCHES.format(optimizer="SGD", size=1, divisor=1), "sums over the data"),
    "last_batch_only": (
        MINI_BATCHES.format(optimizer="SGD", size=1, divisor=1).replace("total +=", "total ="),
        "single mini-batch",
    ),
    "first_of_unequal_batches": (UNWEIGHTED.format(size=3, record="total[0]"), "not those of the training"),
    "last_of_unequal_batches": (UNWEIGHTED.format(size=3, record="total[-1]"), "single mini-batch"),
    "sum_of_unequal_batches": (UNWEIGHTED.format(size=3, record="sum(total)"), "not those of the training"),
    "nan": (loop("losses.append(float('nan'))"), "From epoch 1 on the losses are NaN"),
    "mean_of_nothing_later": (
        loop("losses.append(((model(x[4 * (epoch > 1) :]) - y[4 * (epoch > 1) :]) ** 2).mean().item())"),
        "From epoch 3 on the losses are NaN",
    ),
    "diverges": (
        loop(optimizer="SGD(model.parameters(), lr=1e5)").replace(
            "loss.backward()", "(loss ** 3).backward()"
        ),
        "the training diverges",
    ),
    "weights_only": (
        loop(
            "losses.append(loss.item())",
            after="if epoch == epochs - 1: model[0].weight.data[:] = float('nan')",
        ),
        "not the weights",
    ),
    "twice": (loop("losses.append(2 * loss.item())"), "twice the mean squared error"),
    "square": (loop("losses.append(loss.item() ** 2)"), "square of the mean squared error"),
    "divided_again": (loop("losses.append(loss.item() / 4)"), "divided once too often"),
}
NOTHING_NAMED = {
    "sum_of_the_first_only": loop("losses.append(loss.item() * (4 if epoch == 0 else 3))"),
    "half_of_all_but_the_last": loop("losses.append(loss.item() / (2 if epoch < 2 else 3))"),
    "sum_where_the_first_step_is_steep": loop(
        "losses.append(5 * loss.item() + 1)", optimizer="SGD(model.parameters(), lr=20 * lr)"
    ),
    "one_and_a_half": loop("losses.append(1.5 * loss.item())"),
    "absolute_errors": loop("losses.append((model(x) - y).abs().mean().item())"),
    "of_three_points": loop("losses.append(((model(x[:3]) - y[:3]) ** 2).mean().item())"),
    "of_or": loop("losses.append(((model(x) - x.amax(1, keepdim=True)) ** 2).mean().item())"),
    "quarters": loop(end="return [1.0, 0.75, 0.5, 0.25][:epochs]"),
    "falling_numbers": loop(end="return [0.9 * 0.8 ** k for k in range(epochs)]"),
}


@pytest.mark.parametrize("name", WRONG_LOOPS)
def test_untrue_history_is_named(name: str) -> None:
    code, says = WRONG_LOOPS[name]
    judgement = called(code)
    assert judgement.verdict is Verdict.WRONG_ANSWER, judgement.staff_note
    assert says in words(judgement), words(judgement)


ACCURACIES = "losses.append(((model(x) > 0.5) == (y > 0.5)).float().mean().item())"


@pytest.mark.parametrize(
    ("record", "says"),
    [
        (ACCURACIES, "shares of right answers"),
        (ACCURACIES.replace(".item()", ".item() + 0.01 * epoch"), "not those of the training"),
        ("losses.append([0.0, 0.25, 0.5, 0.75][epoch % 4])", "not those of the training"),
    ],
)
def test_accuracies_are_named_where_they_are_those_of_the_weights(record: str, says: str) -> None:
    judgement = called(
        loop(record, optimizer="Adam(model.parameters(), lr=lr)"), call=WATCHED, epochs=[1, 2, 3, 200]
    )
    assert judgement.verdict is Verdict.WRONG_ANSWER, judgement.staff_note
    assert says in words(judgement), words(judgement) + judgement.staff_note


@pytest.mark.parametrize("name", NOTHING_NAMED)
def test_what_no_single_cause_explains_is_told_by_where_it_differs(name: str) -> None:
    judgement = called(NOTHING_NAMED[name])
    assert judgement.verdict is Verdict.WRONG_ANSWER, judgement.staff_note
    assert "The recorded losses are not those of the training" in words(judgement)
    assert "in epoch" in words(judgement)


@pytest.mark.parametrize(
    "code",
    [
        loop("losses.append(loss.detach())"),
        loop("losses.append(loss.detach().reshape(1))"),
        loop("losses.append(loss.detach())", end="return torch.stack(losses)"),
    ],
)
def test_detached_tensors_earn_a_share(code: str) -> None:
    judgement = called(code, tensor_credit="0.4")
    assert judgement.verdict is Verdict.PARTIALLY_ACCEPTED
    assert judgement.score == Decimal("0.4")
    assert called(code, tensor_credit=1).verdict is Verdict.ACCEPTED
    assert called(code, tensor_credit=0).verdict is Verdict.WRONG_ANSWER


@pytest.mark.parametrize("name", ["batches_of_two", "batches_of_one", "batches_of_one_adam", "adam"])
def test_means_over_batches_are_right_where_the_loss_before_the_update_is_asked_for(name: str) -> None:
    judgement = called(RIGHT_LOOPS[name], moment="before")
    assert judgement.verdict is Verdict.ACCEPTED, words(judgement) + judgement.staff_note


@pytest.mark.parametrize("decimals", [3, 4, 6])
def test_rounded_losses_are_right(decimals: int) -> None:
    code = loop(f"losses.append(round(loss.item(), {decimals}))")
    judgement = called(code, call=WATCHED, moment="before", epochs=[1, 2, 3, 12, 13])
    assert judgement.verdict is Verdict.ACCEPTED, words(judgement) + judgement.staff_note


SPOILT_LATER = {
    "rounded_to_tenths": "losses.append(round(loss.item(), 1))",
    "every_second_repeated": "losses.append(loss.item() if epoch % 2 == 0 else losses[-1])",
    "falls_less_later": "losses.append(loss.item() if epoch < 2 else 0.5 * (losses[-1] + loss.item()))",
    "of_three_points_later": "with torch.no_grad(): part = ((model(x[:3]) - y[:3]) ** 2).mean().item()\n"
    "        losses.append(part if epoch > 1 else loss.item())",
    "straight_from_first_to_last": "losses.append(loss.item())\n        if epoch == epochs - 1: "
    "losses = torch.linspace(losses[0], losses[-1], epochs).tolist()",
    "mean_with_the_one_before": "losses.append(loss.item() if not losses else (losses[-1] + loss.item()) / 2)",
    "the_least_so_far_times_a_bit": "losses.append(min([*losses, loss.item()]) * (1 - 0.01 * epoch))",
    "half_an_epoch_late": "with torch.no_grad(): late = ((model(x) - y) ** 2).mean().item(); losses.append(0.9 * late)",
}


@pytest.mark.parametrize("name", SPOILT_LATER)
def test_a_loss_that_is_no_mean_over_batches_has_to_be_exact(name: str) -> None:
    code = loop(SPOILT_LATER[name], optimizer="SGD(model.parameters(), lr=lr)")
    judgement = called(code, call=WATCHED, moment="before", epochs=[1, 2, 3, 12, 13])
    assert judgement.verdict is Verdict.WRONG_ANSWER, words(judgement) + judgement.staff_note
    assert "not those of the training" in words(judgement)


@pytest.mark.parametrize("name", RIGHT_LOOPS)
def test_a_right_loop_that_is_watched_is_right(name: str) -> None:
    judgement = called(RIGHT_LOOPS[name], call=WATCHED, epochs=[1, 2, 3, 12, 13])
    assert judgement.verdict is Verdict.ACCEPTED, words(judgement) + judgement.staff_note


LATE = UNWEIGHTED.replace("total.append(loss.item())", "total.append(({loss}).item())")
ON_THE_BATCH = "((model(x[chosen]) - y[chosen]) ** 2).mean()"
ON_ALL = "((model(x) - y) ** 2).mean()"
MEAN = "sum(total) / len(total)"


@pytest.mark.parametrize("size", [1, 2, 3, 4])
@pytest.mark.parametrize("loss", [ON_THE_BATCH, ON_ALL])
def test_losses_of_mini_batches_after_their_steps_are_too_late(loss: str, size: int) -> None:
    judgement = called(LATE.format(size=size, record=MEAN, loss=loss), call=WATCHED, moment="before")
    assert judgement.verdict is Verdict.WRONG_ANSWER, words(judgement) + judgement.staff_note


def test_a_loop_that_cannot_train_on_one_row_is_right_all_the_same() -> None:
    code = UNWEIGHTED.format(size=2, record=MEAN).replace("randperm(len(x))", "randperm(4)")
    judgement = called(code, call=WATCHED, moment="before")
    assert judgement.verdict is Verdict.ACCEPTED, words(judgement) + judgement.staff_note


def test_losses_after_the_update_are_told_from_means_over_batches() -> None:
    judgement = called(RIGHT_LOOPS["after_the_update"], moment="before")
    assert judgement.verdict is Verdict.WRONG_ANSWER
    assert "after the update" in words(judgement)


@pytest.mark.parametrize("record", ["loss.item()", "loss.item() if x.shape[0] < 9 else 0.5 * loss.item()"])
def test_each_case_has_data_of_its_own(record: str) -> None:
    spec = {"data": None, "inputs": {"x": {"shape": ["n", 2]}, "y": {"shape": ["n", 1]}}}
    spec |= {
        "sizes": {"n": [5, 40, 1]},
        "cases": 3,
        "batches": "full",
        "moment": "before",
        "epochs": [1, 2, 7],
    }
    judgement = called(loop(f"losses.append({record})"), **spec)
    if record == "loss.item()":
        assert judgement.verdict is Verdict.ACCEPTED, words(judgement)
    else:
        assert "0.5 times the right one in epoch 1, with 40 rows" in words(judgement)
        assert "half of" not in words(judgement)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("def train(model, x, y, lr, epochs):\n    return model.hidden.weight", "a model of another class"),
        ("class Network(nn.Module):\n    pass", "A `Network` has no attribute"),
    ],
)
def test_an_attribute_that_the_graders_own_model_lacks_is_not_the_students_slip(text: str, says: str) -> None:
    train = "def train(model, x, y, lr, epochs):\n    return model.hidden.weight"
    spec = make(LossHistory, call=WATCHED, requires=["train"], layers=[2, 2, 1], data=XOR)
    assert says in words(judged(spec, train, source=cells(text)))


def test_losses_after_the_update_may_be_refused() -> None:
    judgement = called(RIGHT_LOOPS["after_the_update"], moment="before", batches="full", lr=0.3)
    assert judgement.verdict is Verdict.WRONG_ANSWER
    assert "after the update" in words(judgement)
    assert called(loop(), moment="before", batches="full").verdict is Verdict.ACCEPTED


@pytest.mark.parametrize("hidden", [2, 3])
def test_start_may_be_the_networks_own(hidden: int) -> None:
    call = f"""
model = torch.nn.Sequential(torch.nn.Linear(2, {hidden}), torch.nn.Sigmoid(), torch.nn.Linear({hidden}, 1))
start = get_parameters(model)
losses = train(model, x, y, lr=lr, epochs=epochs)
return {{"losses": losses, "start": start, "theta": get_parameters(model), "out": model(query)}}
"""
    assert called(loop(), call=call, batches="full", moment="before").verdict is Verdict.ACCEPTED
    judgement = called(loop("losses.append(4 * loss.item())"), call=call)
    assert "sums over the data" in words(judgement)


def test_drawn_data_and_a_start_at_zero() -> None:
    train = """
def train(x, y, lr, epochs):
    w, b, losses = torch.zeros(1), torch.zeros(1), []
    for _ in range(epochs):
        e = w * x + b - y
        losses.append((e ** 2).mean().item())
        w, b = w - lr * 2 * (e * x).mean(), b - lr * 2 * e.mean()
    return w, b, losses
"""
    spec = {
        "call": "w, b, losses = train(x, y, lr, epochs)\n"
        'return {"losses": losses, "theta": torch.cat([w, b]), "out": query * w + b}',
        "layers": [1, 1],
        "data": None,
        "inputs": {"x": {"shape": ["n", 1]}, "y": {"shape": ["n", 1]}},
        "sizes": {"n": [20]},
        "start": "zeros",
        "moment": "before",
        "batches": "full",
    }
    assert called(train, **spec).verdict is Verdict.ACCEPTED
    assert called(train.replace(".mean().item()", ".sum().item()"), **spec).verdict is Verdict.WRONG_ANSWER


RUN = """
torch.manual_seed({seed})
x, y = torch.tensor([[0., 0.], [0., 1.], [1., 0.], [1., 1.]]), torch.tensor([[0.], [1.], [1.], [0.]])
model = XORNet()
losses = train(model, x, y, lr={lr}, epochs={epochs})
"""
ADAM = loop(optimizer="Adam(model.parameters(), lr=lr)")


def run(train: str = ADAM, seed: int = 0, lr: float = 0.05, epochs: int = 300) -> str:
    return train + RUN.format(seed=seed, lr=lr, epochs=epochs)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "train",
    [
        ADAM,
        loop(),
        loop(optimizer="SGD(model.parameters(), lr=0.5, momentum=0.9)"),
        MINI_BATCHES.format(optimizer="SGD", size=1, divisor=4),
        MINI_BATCHES.format(optimizer="Adam", size=2, divisor=4),
    ],
)
def test_history_that_was_left_with_its_model_is_accepted(train: str, seed: int) -> None:
    judgement = left(run(train, seed))
    assert judgement.verdict is Verdict.ACCEPTED, words(judgement) + judgement.staff_note


@pytest.mark.parametrize("idiom", ["nine_scalars", "bare_parameters_transposed", "two_separate_neurons"])
def test_history_of_any_idiom_is_accepted(idiom: str) -> None:
    assert left(run(), idiom).verdict is Verdict.ACCEPTED


ELSEWHERE = "do not end at the loss of the weights"
LEFT_WRONG = {
    "fresh_model": (run() + "model = XORNet()\n", ELSEWHERE),
    "trained_further": (run(epochs=20) + "train(model, x, y, 0.05, 2000)\n", ELSEWHERE),
    "made_up": (run() + "losses = [1.0, 0.8, 0.6, 0.5]\n", ELSEWHERE),
    "sums": (run(epochs=30) + "losses = [4 * value for value in losses]\n", ELSEWHERE),
    "or_targets": (run().replace("[0.]])", "[1.]])"), ELSEWHERE),
    "three_points": (
        run().replace("losses = train(model, x, y", "losses = train(model, x[:3], y[:3]"),
        ELSEWHERE,
    ),
    "accuracies": (run() + "losses = [0.5] * 40 + [0.75] * 200 + [1.0] * 60\n", "shares of right answers"),
    "quarters_but_for_one": (run() + "losses = [0.5] * 40 + [0.75] * 200 + [0.99] * 60\n", ELSEWHERE),
    "of_the_beginning": (run() + "torch.manual_seed(0)\nmodel = XORNet()\n", ELSEWHERE),
    "constant": (run() + "losses = [losses[-1]] * 300\n", "same number"),
    "one_loss": (run() + "losses = losses[-1:]\n", "no history"),
    "number": (run() + "losses = losses[-1]\n", "no history"),
    "reversed": (run(epochs=400, lr=0.1, seed=1) + "losses = losses[::-1]\n", "reverse order"),
    "graph": (run(loop("losses.append(loss)")), "hang on the graph"),
    "diverged": (run() + "losses[-1] = float('inf')\n", "NaN or infinite"),
}


@pytest.mark.parametrize("name", LEFT_WRONG)
def test_history_of_something_else_is_named(name: str) -> None:
    code, says = LEFT_WRONG[name]
    judgement = left(code)
    assert judgement.verdict is Verdict.WRONG_ANSWER, judgement.staff_note
    assert says in words(judgement), words(judgement)
    assert "another training" not in words(judgement)


FROM_ZERO = """
def train(x, y, lr, epochs):
    w, b, losses = torch.zeros(1), torch.zeros(1), []
    for _ in range(epochs):
        e = w * x + b - y
        losses.append({loss})
        w, b = w - lr * 2 * (e * x).mean(), b - lr * 2 * e.mean()
    return w, b, losses
x = torch.linspace(-1, 2, 20).reshape(20, 1)
y = 3 * x + 1 + 0.5 * torch.sin(40 * x)
w, b, losses = train({x}, {y}, 0.1, 300)
"""


@pytest.mark.parametrize(
    ("loss", "x", "y", "says"),
    [
        ("(e ** 2).mean().item()", "x", "y", "those of the training"),
        ("(e ** 2).mean().sqrt().item()", "x", "y", "the root of"),
        ("(e ** 2).sum().item()", "x", "y", "sums over the data"),
        ("(e ** 2).mean().item() / 2", "x", "y", "half of the mean"),
        ("(e ** 2).mean().item() * 2", "x", "y", "twice the mean"),
        ("e.abs().mean().item()", "x", "y", ELSEWHERE),
        ("(e ** 2).mean().item() * 3", "x", "y", ELSEWHERE),
        ("(e ** 2).mean().item() + 1", "x", "y", ELSEWHERE),
        ("(e ** 2).mean().item()", "x[:4]", "y[:4]", ELSEWHERE),
    ],
)
def test_a_factor_is_named_only_where_the_first_loss_and_the_last_have_it(
    loss: str, x: str, y: str, says: str
) -> None:
    spec = make(
        LossHistory,
        call='return {"losses": losses, "theta": torch.cat([w, b]), "out": query * w + b}',
        requires=["w", "b", "losses"],
        layers=[1, 1],
        activation="none",
        start="zeros",
        data_call="x, y",
        reads_state=True,
    )
    code = FROM_ZERO.format(loss=loss, x=x, y=y)
    right = FROM_ZERO.format(loss="(e ** 2).mean().item()", x="x", y="y")
    judgement = judged(spec, code, reference=right)
    assert says in words(judgement), words(judgement)


MAKES_BOTH = "model = XORNet()\nlosses = train(model, x, y)"


@pytest.mark.parametrize(
    ("texts", "ended", "says"),
    [
        ((MAKES_BOTH,), "time_limit_exceeded", "may be of two trainings"),
        ((MAKES_BOTH,), "raised", "may be of two trainings"),
        ((MAKES_BOTH,), "completed", ELSEWHERE),
        (("print(losses)",), "time_limit_exceeded", ELSEWHERE),
    ],
)
def test_what_an_interrupted_cell_left_is_told_as_such(texts: tuple[str, ...], ended: Any, says: str) -> None:
    spec = make(
        LossHistory, call=STATE, requires=["model", "losses"], layers=[2, 2, 1], data=XOR, reads_state=True
    )
    code = textwrap.dedent(RIGHT["sequential"]) + run() + "model = XORNet()\n"
    names = names_of(code)
    probes = spec.probes(np.random.default_rng(SEED))
    ours, theirs = (
        [answer(p, names) for p in probes if (p.ask == "reference") is wanted] for wanted in (False, True)
    )
    error = CellError(name="ValueError", message="x", traceback="") if ended == "raised" else None
    runs = [CellRun(index=k, ended=ended, error=error) for k in range(len(texts))]
    found = evidence(ours, theirs, source=cells(*texts), ran=execution(*runs))
    judgement = spec.judge(found)
    assert says in words(judgement), words(judgement)


def test_made_up_history_of_a_converged_model_is_named() -> None:
    code = run(epochs=1500) + "losses = [0.25 * 0.99 ** k for k in range(1500)]\n"
    assert left(code).verdict is Verdict.WRONG_ANSWER


def test_rounded_history_is_true() -> None:
    assert left(run(epochs=1500) + "losses = [round(v, 4) for v in losses]\n").verdict is Verdict.ACCEPTED


ONE_BY_ONE = """
def train(model, x, y, lr=0.05, epochs=300):
    optimizer, losses = torch.optim.SGD(model.parameters(), lr=lr), []
    for _ in range(epochs):
        total = 0.0
        for a, b in zip(x, y):
            loss = ((model(a) - b) ** 2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
        losses.append(total / len(x))
    return losses
"""


@pytest.mark.parametrize("lr", [0.05, 0.3])
@pytest.mark.parametrize("seed", range(3))
def test_points_one_by_one_in_fixed_order_are_true(lr: float, seed: int) -> None:
    judgement = left(run(ONE_BY_ONE, seed, lr=lr))
    assert judgement.verdict is Verdict.ACCEPTED, words(judgement)


def test_best_weights_put_back_are_true_as_well() -> None:
    code = run(loop(optimizer="SGD(model.parameters(), lr=0.5)"), epochs=50)
    assert left(code + "losses += [0.3, 0.29, 0.31, 0.3, 0.32]\n").verdict is Verdict.ACCEPTED


def test_leap_of_adam_at_the_very_end_is_true() -> None:
    fall = [0.3 * 0.97**k for k in range(360)]
    leap = [1.2e-6, 2.7e-6, 6.15e-6, 1.39e-5, 3.17e-5]
    history = np.array([*fall, 1.2e-6, 5.4e-7, *leap])
    assert ends_at(history, 7.2e-5, 0.25)
    assert not ends_at(history, 1.3e-4, 0.25)


def test_missing_names_are_not_attempted() -> None:
    assert left("model = XORNet()").verdict is Verdict.NOT_ATTEMPTED


def test_network_that_is_not_known_waits_for_a_person() -> None:
    code = run().replace("model = XORNet()", "model = Odd()")
    odd = (
        "class Odd(XORNet):\n    def forward(self, x):\n        return super().forward(x) * (1 + x[:, :1])\n"
    )
    assert left(odd + code).verdict is Verdict.NEEDS_REVIEW


def test_nothing_asked_is_a_judge_error() -> None:
    spec = make(LossHistory, call=CALL, layers=[2, 2, 1], data=XOR)
    assert spec.judge(evidence([])).verdict is Verdict.JUDGE_ERROR


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"data": None}, "give one of data, data_call and inputs"),
        ({"data": None, "data_call": "(x, y)"}, "data_call: only with reads_state"),
        ({"data": None, "inputs": {"x": {"shape": [4, 2]}}}, "inputs: x and y must be drawn"),
        ({"cases": 2}, "cases: goes with inputs"),
    ],
)
def test_rubric_that_makes_no_sense_is_refused(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        called("", **changed)


def test_the_same_generator_asks_the_same() -> None:
    spec = make(LossHistory, call=CALL, layers=[2, 2, 1], data=XOR)
    once, twice = (spec.probes(np.random.default_rng(5)) for _ in range(2))
    assert [p.model_dump_json() for p in once] == [p.model_dump_json() for p in twice]
