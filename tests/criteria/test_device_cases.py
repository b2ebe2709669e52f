"""Notebooks whose functions are called in both worlds: what runs in one alone, computes nothing, or looks wrong."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from grader.catalog import read_catalog
from grader.criteria import KINDS
from grader.i18n import render
from grader.model.exercise import Exercise
from grader.model.judgement import Judgement
from grader.model.verdict import Verdict
from grader.sandbox import choose_tier
from tests.criteria.device_runs import finding, judged

ROOT = Path(__file__).parents[2]
nightly = pytest.mark.nightly

CHOICE = 'device = torch.device("cuda" if torch.cuda.is_available() else "cpu")'
LINE = """
import torch
{choose}
###
def train(x, y, lr, epochs, device="cpu"):
    {first}
    x, y = x.to(device), y.to(device)
    w = torch.zeros(1, requires_grad=True, device=device)
    b = torch.zeros(1, requires_grad=True, device=device)
    losses = []
    for _ in range(epochs):
        loss = ((x * w + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
        losses.append(loss.item())
    return w, b, losses
###
x = torch.linspace(0, 1, 20).reshape(-1, 1)
y = 2 * x
{before}
w, b, losses = train(x, y, 0.1, 100, device=device)
{after}
"""
TRAINS = """
points = torch.tensor([[0.0], [1.0], [2.0]])
slope, intercept, losses = train(points, 2 * points, 0.1, 2, device='cpu')
return slope, intercept, losses
"""
NETWORK = f"""
import torch
from torch import nn
{CHOICE}
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(2, 2), nn.Linear(2, 1)
    def forward(self, x):
        return self.b(torch.sigmoid(self.a(x)))
def train(model, x, y, lr, epochs):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = ((model(x) - y) ** 2).mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
x = torch.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]], device=device)
y = torch.tensor([[0.0], [1], [1], [0]], device=device)
"""


def line(choose: str = CHOICE, first: str = "pass", before: str = "", after: str = "") -> str:
    return LINE.format(choose=choose, first=first, before=before, after=after)


def stub(body: str, choose: str = "", last: str = "") -> str:
    return f'import torch\n{choose}\n###\ndef train(x, y, lr, epochs, device="cpu"):\n    {body}\n###\n{last}'


@pytest.fixture(scope="module")
def exercise() -> Exercise:
    return next(iter(read_catalog(ROOT / "exercises", ROOT / "reference", KINDS)))


@pytest.fixture(scope="module")
def tier() -> str:
    return choose_tier("auto")


def of_line(code: str, exercise: Exercise, tier: str) -> Judgement:
    return judged(
        exercise,
        tier,
        *code.split("###\n"),
        choice="device",
        placed=["w", "b"],
        same=["losses"],
        shorten={"train": {"epochs": 20}},
        calls=[TRAINS],
        fewest_operations=5,
    )


ONLY_WITH_A_GPU = {
    "a device only under if": line('if torch.cuda.is_available(): device = "cuda"'),
    "the accelerator's type": line("device = torch.accelerator.current_accelerator().type"),
    "an assertion": line("assert torch.cuda.is_available()\n" + CHOICE),
    "an event": line(before="begun = torch.cuda.Event(enable_timing=True)"),
    "a generator": line(before="g = torch.Generator(device='cuda')"),
    "a name only under if": line(
        CHOICE + "\nif torch.cuda.is_available():\n    CARD = torch.cuda.get_device_name(0)",
        after="print(CARD)",
    ),
    "a function only under if": line(
        CHOICE + "\nif device.type == 'cuda':\n    def card(): return 1", after="card()"
    ),
    "an exception of one's own": line(
        'if not torch.cuda.is_available():\n    raise OSError("a card!")\n' + CHOICE
    ),
    "the first of no devices": line(
        "found = [torch.device('cuda', i) for i in range(torch.cuda.device_count())]\ndevice = found[0]"
    ),
    "a division by the number": line(before="share = 1 / torch.cuda.device_count()"),
    "a stream in train": line(first="stream = torch.cuda.Stream()"),
    "an exit": line("import sys\nif not torch.cuda.is_available(): sys.exit()\n" + CHOICE),
}
ORDINARY = ("a device only under if", "an assertion", "a name only under if", "a stream in train", "an exit")


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=() if n in ORDINARY else (nightly,)) for n in ONLY_WITH_A_GPU]
)
def test_what_stops_only_without_a_gpu_is_not_paid(name: str, exercise: Exercise, tier: str) -> None:
    judgement = of_line(ONLY_WITH_A_GPU[name], exercise, tier)
    if name in ("an exit", "an exception of one's own", "the first of no devices"):
        assert (judgement.verdict, judgement.score) == (Verdict.NEEDS_REVIEW, None)
        return
    assert (judgement.verdict, judgement.score) == (Verdict.WRONG_ANSWER, 0)
    assert "Without a GPU, the code stops; where there is one, it runs to its end" in render(
        judgement.summary, "en"
    )


@nightly
def test_mistake_of_both_worlds_is_not_told_as_the_gpus(exercise: Exercise, tier: str) -> None:
    judgement = of_line(line(after="1 / 0"), exercise, tier)
    assert judgement.verdict is Verdict.ACCEPTED


NOTHING = {
    "zeros on the device, and no choice": stub(
        "return torch.zeros(1, device=device), torch.zeros(1, device=device), []",
        last="raise NotImplementedError",
    ),
    "zeros on the device that was chosen": stub(
        "return torch.zeros(1, device=device), torch.zeros(1, device=device), []",
        CHOICE,
        "w, b, losses = train(torch.ones(3, 1), torch.ones(3, 1), 0.1, 9, device)",
    ),
    "plain zeros": stub("return 0, 0, []", CHOICE),
    "drawn at random": stub(
        "return torch.randn(1, device=device), torch.rand(1).to(device), [0.0] * epochs", CHOICE
    ),
    "moved and copied": stub(
        "x = x.to(device)\n    return x[0].clone(), torch.zeros_like(x[1]), [1.0]", CHOICE
    ),
    "as handed out": stub("raise NotImplementedError", CHOICE),
    "a sum that does nothing": stub(
        "return torch.zeros(1, device=device) + 0, torch.ones(1).to(device) * 2, [0.5] * epochs", CHOICE
    ),
    "nothing": stub("return None, None, None", CHOICE),
}


@pytest.mark.parametrize("name", [pytest.param(n, marks=() if "zeros" in n else (nightly,)) for n in NOTHING])
def test_where_nothing_is_computed_nothing_is_attempted(name: str, exercise: Exercise, tier: str) -> None:
    judgement = of_line(NOTHING[name], exercise, tier)
    assert (judgement.verdict, judgement.score) == (Verdict.NOT_ATTEMPTED, 0)
    if name != "as handed out":
        assert "returns without computing" in render(judgement.summary, "en")


@nightly
def test_what_computes_outside_of_tensors_goes_to_a_person(exercise: Exercise, tier: str) -> None:
    loop = (
        "w, x, y = 0.0, x.flatten().tolist(), y.flatten().tolist()\n"
        "    for _ in range(epochs):\n"
        "        w -= lr * sum(2 * (a * w - c) * a for a, c in zip(x, y)) / len(x)\n"
        "    return torch.tensor([w], device=device), torch.zeros(1, device=device), []"
    )
    assert of_line(stub(loop, CHOICE), exercise, tier).verdict is Verdict.NEEDS_REVIEW


NOT_HONOURED = {
    "overwritten": line(first='device = "cuda" if torch.cuda.is_available() else "cpu"'),
    "the notebook's own": line(first='device = globals()["device"]'),
    "a default that wins": line(first='device = "cuda" if torch.cuda.is_available() else device'),
}


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=() if n == "overwritten" else (nightly,)) for n in NOT_HONOURED]
)
def test_device_that_is_given_is_honoured(name: str, exercise: Exercise, tier: str) -> None:
    judgement = of_line(NOT_HONOURED[name], exercise, tier)
    assert (finding(judgement), judgement.score) == ("elsewhere", Decimal("0.5"))


@pytest.mark.parametrize(
    "after",
    [
        "def fake(x, y, lr, epochs, device='cpu'):\n"
        "    w = (x.to(device) * 2 + y.to(device) * 3).sum().reshape(1)\n"
        "    return w + 1, w * 2, [w.item()]\n"
        "if torch.cuda.is_available():\n"
        "    for train in [fake]: pass",
        pytest.param(
            "exec(compile('def train(x, y, lr, epochs, device=0):\\n"
            "    return (x.to(device) * 2).sum(), (x.to(device) * 3).mean(), [1.0]', 'f', 'exec'))",
            marks=nightly,
        ),
    ],
)
def test_function_that_is_called_stands_in_the_notebook_and_is_the_same_in_both_worlds(
    after: str, exercise: Exercise, tier: str
) -> None:
    judgement = of_line(line(after=after), exercise, tier)
    assert judgement.score in (None, Decimal("0.5"))
    assert judgement.verdict is not Verdict.ACCEPTED


RIGHT = {
    "as it stands": line(),
    "by hand": line()
    .replace("loss.backward()", "e = x * w + b - y")
    .replace("w.grad\n", "(2 * e * x).mean()\n", 1)
    .replace("b.grad\n", "(2 * e).mean()\n", 1),
    "by autograd.grad": line().replace(
        "loss.backward()", "w.grad, b.grad = torch.autograd.grad(loss, [w, b])"
    ),
    "timed, longer on the CPU": line(
        before='for _ in range(3): train(x, y, 0.1, 15, device="cpu")',
        after="w, b = w.detach().cpu(), b.detach().cpu()",
    ),
    "predictions kept": line(after="predictions = [(p.to(device) * w + b).sum() for p in x[:8]]"),
    "a wrapped train": line(after="import functools\ntrain = functools.partial(train)"),
    "no_grad around it": line().replace("def train", "@torch.enable_grad()\ndef train"),
}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            n, marks=() if n in ("by hand", "timed, longer on the CPU", "predictions kept") else (nightly,)
        )
        for n in RIGHT
    ],
)
def test_right_code_in_odd_ways_gets_all_points(name: str, exercise: Exercise, tier: str) -> None:
    judgement = of_line(RIGHT[name], exercise, tier)
    assert judgement.verdict is Verdict.ACCEPTED, judgement


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        (
            "kept = []\nfor _ in range(6):\n    l = (w ** 2).sum()\n    l.backward()\n    kept.append(l.detach())",
            "loss_kept_on_gpu",
        ),
        pytest.param(
            "losses = [torch.tensor(v, device=device) for v in losses]", "loss_kept_on_gpu", marks=nightly
        ),
        pytest.param("heights = [p.to(device).sum() for p in x[:8]]", "ok", marks=nightly),
    ],
)
def test_history_of_losses_is_told_from_other_lists(
    kept: str, expected: str, exercise: Exercise, tier: str
) -> None:
    assert finding(of_line(line(after=kept), exercise, tier)) == expected


FIRST_TRY = """
model = Net().to(device)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(5):
    optimizer.zero_grad()
    ((model(x) - y) ** 2).mean().backward()
    optimizer.step()
"""
SECOND = "\nmodel = Net().to(device)\nlosses = train(model, x, y, 0.05, 20)\n"
STALE = """
model = Net().to(device)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
model = Net().to(device)
for _ in range(20):
    optimizer.zero_grad()
    ((model(x) - y) ** 2).mean().backward()
    optimizer.step()
"""
SCALE = """
scale = torch.tensor(1.0, requires_grad=True)
model = Net().to(device)
optimizer = torch.optim.SGD([*model.parameters(), scale], lr=0.1)
for _ in range(10):
    optimizer.zero_grad()
    ((scale * model(x) - y) ** 2).mean().backward()
    optimizer.step()
"""


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param(FIRST_TRY + SECOND, "ok", id="optimizer of a first try"),
        pytest.param(STALE, "stale_optimizer", id="optimizer of another model"),
        pytest.param(SCALE, "ok", id="single number of the host in the optimizer"),
    ],
)
def test_optimizers_are_judged_by_what_they_changed(
    code: str, expected: str, exercise: Exercise, tier: str
) -> None:
    judgement = judged(exercise, tier, NETWORK, code, choice="device")
    assert finding(judgement) == expected, judgement.staff_note
