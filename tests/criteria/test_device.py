"""Notebooks that handle the GPU rightly and wrongly, run in both worlds and judged."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from grader.catalog import read_catalog
from grader.criteria import KINDS
from grader.i18n import render
from grader.model.exercise import Exercise
from grader.model.verdict import Verdict
from grader.sandbox import choose_tier
from tests.criteria.device_programs import CUT, PROGRAMS
from tests.criteria.device_programs.program import Program
from tests.criteria.device_runs import finding, judged

ROOT = Path(__file__).parents[2]
OF_EACH_FINDING = {p.finding: p.name for p in reversed(PROGRAMS)}.values()
SCORES: dict[str, set[Decimal]] = {
    "ok": {Decimal(1)},
    "hardcoded_cuda": {Decimal(0)},
    "stale_optimizer": {Decimal("0.5")},
    "elsewhere": {Decimal("0.5")},
    "gpu_unused": {Decimal(0), Decimal("0.5")},
    "checkpoint_not_portable": {Decimal("0.25"), Decimal("0.75")},
    "loss_kept_on_gpu": {Decimal("0.75")},
}


WORDS = {
    "ok": ("computes on the GPU where there is one",),
    "hardcoded_cuda": (
        "without asking whether there is one",
        "named, but not called",
        "asks for one all the same",
    ),
    "mixed:model": ("the model's parameters (or some of them) are not",),
    "mixed:input": ("what it is given is not", "thrown away"),
    "mixed:target": ("the target is not on the same device", "thrown away"),
    "mixed:forward": ("a tensor that is made or kept there",),
    "mixed:loss": ("stops where the loss is computed",),
    "mixed:other": ("combines tensors of the GPU with tensors of the CPU",),
    "numpy_on_cuda": ("NumPy and Matplotlib cannot read a tensor of the GPU",),
    "hardcoded_index": ("asks for a device number",),
    "stale_optimizer": ("parameters that the model no longer uses",),
    "gpu_unused": (
        *("The CPU is written down", "thrown away", "Nothing in the code chooses a GPU", "never uses it"),
        *(
            "nothing is ever moved to it",
            "never takes place on the GPU",
            "the optimizer changes are on the CPU",
        ),
    ),
    "checkpoint_not_portable": ("read again without `map_location`",),
    "moved_after_requires_grad": ("of a tensor that requires a gradient gives a copy",),
    "lengths_on_gpu": ("the lengths of packed sequences must stay on the CPU",),
    "pinned_on_gpu": ("memory is pinned on the CPU",),
    "mixed_precision": ("tensors of two dtypes meet",),
    "integer_product": ("CUDA multiplies no matrices and vectors of integers",),
    "results_differ": ("is not what it is without",),
    "loss_kept_on_gpu": ("a list of tensors of the GPU",),
}
"""What the student reads: one of these."""


@pytest.fixture(scope="module")
def exercise() -> Exercise:
    return next(iter(read_catalog(ROOT / "exercises", ROOT / "reference", KINDS)))


@pytest.fixture(scope="module")
def tier() -> str:
    return choose_tier("auto")


@pytest.mark.parametrize(
    "program",
    [
        pytest.param(p, id=p.name, marks=() if p.name in OF_EACH_FINDING else (pytest.mark.nightly,))
        for p in PROGRAMS
    ],
)
def test_program_gets_its_finding(program: Program, exercise: Exercise, tier: str) -> None:
    judgement = judged(exercise, tier, *program.code.split(f"\n{CUT}\n"), same=["losses"])
    assert finding(judgement) == program.finding, judgement
    said = render(judgement.summary, "en")
    assert any(words in said for words in WORDS[program.finding]), said
    if program.says and judgement.got is not None:
        assert program.says in render(judgement.got, "en")
    if program.finding in ("results_differ", "could_not_tell"):
        assert judgement.verdict is Verdict.NEEDS_REVIEW
        assert judgement.score is None
    else:
        assert judgement.score in SCORES.get(program.finding, {Decimal("0.25")})
        assert (judgement.verdict is Verdict.ACCEPTED) == (program.finding == "ok")


def test_notebook_that_speaks_of_no_device_gets_nothing_and_is_not_run_twice(
    exercise: Exercise, tier: str
) -> None:
    judgement = judged(exercise, tier, "import torch\nmodel = torch.nn.Linear(1, 1)")
    assert judgement.score == Decimal(0)
    assert "no second run" in judgement.staff_note


def test_what_the_virtual_device_refuses_goes_to_a_person(exercise: Exercise, tier: str) -> None:
    device = 'import torch\ndevice = "cuda" if torch.cuda.is_available() else "cpu"\n'
    graph = "if device == 'cuda':\n    g = torch.cuda.CUDAGraph()\n    g.capture_begin()"
    judgement = judged(exercise, tier, device + graph)
    assert (judgement.verdict, judgement.score) == (Verdict.NEEDS_REVIEW, None)
    assert finding(judgement) == "could_not_tell"


def test_calls_that_compute_otherwise_on_the_gpu_lose_points(exercise: Exercise, tier: str) -> None:
    code = (
        "import torch\n"
        "def double(x, device):\n"
        "    x = x.to(device)\n"
        "    return 3 * x if x.is_cuda else 2 * x\n"
    )
    judgement = judged(
        exercise, tier, code, trains=False, calls=['return double(torch.ones(3), device="cpu")']
    )
    assert finding(judgement) == "calls_differ"
    assert judgement.score == Decimal("0.5")


def test_call_whose_tensors_stay_on_the_cpu_is_told(exercise: Exercise, tier: str) -> None:
    code = "import torch\ndef double(x, device):\n    return 2 * x.to(device).cpu()\n"
    judgement = judged(
        exercise, tier, code, trains=False, calls=['return double(torch.ones(3), device="cpu")']
    )
    assert finding(judgement) == "elsewhere"


@pytest.mark.parametrize("precision", ['"16-mixed"', "16", '"32-true"'])
def test_trainer_of_any_precision_is_right(precision: str, exercise: Exercise, tier: str) -> None:
    code = f"""
import torch
import lightning as L
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
x = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
y = torch.tensor([[0.0], [1.0], [1.0], [0.0]])

class Lit(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(2, 2), nn.Sigmoid(), nn.Linear(2, 1))
        self.kept = []

    def training_step(self, batch, batch_idx):
        loss = nn.functional.mse_loss(self.net(batch[0]), batch[1])
        self.kept.append(loss.item())
        return loss

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=0.05)

model = Lit()
quiet = dict(logger=False, enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False)
trainer = L.Trainer(max_epochs=30, precision={precision}, **quiet)
trainer.fit(model, DataLoader(TensorDataset(x, y), batch_size=4))
losses = model.kept
"""
    judgement = judged(exercise, tier, code, mode="lightning", same=["losses"])
    assert finding(judgement) == "ok", judgement.staff_note


def test_short_run_compares_histories_as_far_as_it_goes(exercise: Exercise, tier: str) -> None:
    code = """
import torch
device = "cuda" if torch.cuda.is_available() else "cpu"
def train(epochs, device):
    w = torch.zeros(1, device=device, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.1)
    losses = []
    for _ in range(epochs):
        loss = ((w - 1) ** 2).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
"""
    call = "losses = train(400, device)\n"
    short = judged(exercise, tier, code, call, same=["losses"], shorten={"train": {"epochs": 20}})
    assert short.verdict is Verdict.ACCEPTED
    assert "shortened run" in short.staff_note
    turned_round = call + "losses = losses[::-1]\n"
    whole = judged(exercise, tier, code, turned_round, same=["losses"], shorten={"train": {"epochs": 20}})
    assert whole.verdict is Verdict.ACCEPTED, "a history that was turned round is compared with a run in full"
    assert "shortened run" not in whole.staff_note


@pytest.mark.parametrize(
    ("leaf", "told"),
    [
        ("torch.zeros(1, requires_grad=True).to(device)", "moved_after_requires_grad"),
        ("torch.zeros(1, device=device, requires_grad=True)", None),
    ],
)
def test_lost_gradient_is_told_of_devices_only_where_the_cpu_keeps_it(
    leaf: str, told: str | None, exercise: Exercise, tier: str
) -> None:
    loss = (
        "((w * x - x) ** 2).mean()"
        if told
        else "torch.tensor(((w * x - x) ** 2).mean().item(), requires_grad=True)"
    )
    code = f"""
import torch
device = "cuda" if torch.cuda.is_available() else "cpu"
def train(x, device):
    x = x.to(device)
    w = {leaf}
    {loss}.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
    return w
"""
    calls = ['return train(torch.ones(3), device="cpu")']
    found = finding(judged(exercise, tier, code, trains=False, calls=calls))
    assert found == told if told else found != "moved_after_requires_grad"
