"""Lightning in a kernel, as notebooks use it when nobody asks for silence: bars, logs, checkpoints."""

import json
from importlib.util import find_spec

import pytest

from grader.sandbox import open_kernel
from grader.sandbox.nursery import NURSERY
from tests.sandbox.conftest import LIMITS
from tests.sandbox.notebooks import notebook, text_of

EPOCHS = 20
FIT = [
    "import lightning as L\nimport torch\nfrom torch import nn\n"
    "from torch.utils.data import DataLoader, TensorDataset",
    "class Net(L.LightningModule):\n"
    "    def __init__(self):\n        super().__init__()\n        self.losses = []\n"
    "        self.layers = nn.Sequential(nn.Linear(2, 2), nn.Sigmoid(), nn.Linear(2, 1))\n"
    "    def training_step(self, batch, index):\n        x, y = batch\n"
    "        loss = nn.functional.mse_loss(self.layers(x), y)\n"
    "        self.log('train_loss', loss, prog_bar=True)\n        self.losses.append(loss.item())\n"
    "        return loss\n"
    "    def configure_optimizers(self):\n        return torch.optim.Adam(self.parameters(), lr=0.1)",
    "x = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])\n"
    "y = torch.tensor([[0.0], [1.0], [1.0], [0.0]])\n"
    "loader = DataLoader(TensorDataset(x, y), batch_size=1, shuffle=True)",
    "def fit(**more):\n    model = Net()\n"
    f"    trainer = L.Trainer(max_epochs={EPOCHS}, log_every_n_steps=1, **more)\n"
    "    trainer.fit(model, loader)\n    return trainer, model.losses",
    "trainer, losses = fit()",
    "import sys, tqdm\nfrom lightning.pytorch.callbacks import TQDMProgressBar\n"
    "class TextBar(TQDMProgressBar):\n    def init_train_tqdm(self):\n        return tqdm.tqdm(file=sys.stdout)\n"
    "_, again = fit(callbacks=[TextBar()])",
    "print(*losses, *again)",
    "import pathlib\nprint(*sorted(p.suffix for p in pathlib.Path(trainer.log_dir).rglob('*') if p.is_file()))",
]
USUAL_BAR, TEXT_BAR, LOSSES, FILES = 4, 5, 6, 7
"""Cells. Lightning's usual bar is one of widgets where Rich or ipywidgets is; the other one rewrites a line."""

pytestmark = pytest.mark.skipif(find_spec("lightning") is None, reason="Lightning is not installed")


def fitted(*, warm):
    with open_kernel(tier="strong", limits=LIMITS, seed=7, preload=("lightning",), warm=warm) as kernel:
        return kernel.execute(notebook(*FIT))


@pytest.fixture(scope="module")
def warm(tier):
    zygote = NURSERY.get(("lightning",))
    if zygote is None:
        pytest.skip(f"no warm kernels on this machine: {NURSERY.weakness(('lightning',))}")
    execution = fitted(warm=True)
    assert NURSERY.get(("lightning",)) is zygote  # no cold kernel had to stand in
    return execution


@pytest.fixture(scope="module")
def cold(tier):
    return fitted(warm=False)


@pytest.fixture(params=["warm", "cold"])
def either(request):
    return request.getfixturevalue(request.param)


def outputs(execution):
    return [json.dumps(cell["outputs"]) for cell in json.loads(execution.notebook)["cells"]]


def test_fit_with_bar_and_logger_completes(either):
    assert either.ended == "completed", either.detail
    assert {".ckpt", ".csv"} <= set(text_of(either, FILES).split())
    assert "max_epochs" in outputs(either)[USUAL_BAR]


def test_bar_that_rewrites_its_line_is_kept_once(either):
    assert text_of(either, TEXT_BAR).count(f"Epoch {EPOCHS - 1}:") == 1
    assert "Epoch 0:" not in text_of(either, TEXT_BAR)


def test_outputs_of_a_fit_stay_far_below_the_cap(either):
    assert sum(map(len, outputs(either))) < LIMITS.output_bytes / 4


def test_warm_and_cold_fits_lose_the_same(warm, cold):
    losses = text_of(warm, LOSSES).split()
    assert len(losses) == 2 * 4 * EPOCHS
    assert losses == text_of(cold, LOSSES).split()
