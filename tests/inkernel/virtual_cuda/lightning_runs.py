"""Lightning's trainer with each accelerator, right students' code and wrong: where tensors were, or what was raised."""

from __future__ import annotations

import json
import logging
import tempfile
import warnings
from typing import Any

import lightning as L
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from grader.inkernel import virtual_cuda
from tests.inkernel.virtual_cuda.features.checking import X, Y

KINDS: dict[str, dict[str, Any]] = {
    "auto": {"accelerator": "auto"},
    "gpu": {"accelerator": "gpu", "devices": 1},
    "cuda": {"accelerator": "cuda", "devices": [0]},
    "cpu": {"accelerator": "cpu"},
    "16-mixed": {"accelerator": "auto", "precision": "16-mixed"},
    "two devices": {"accelerator": "gpu", "devices": 2},
    "host tensor": {"accelerator": "auto", "mistake": "host tensor"},
    "numpy": {"accelerator": "auto", "mistake": "numpy"},
}


class Module(L.LightningModule):
    """XOR."""

    def __init__(self, mistake: str | None = None) -> None:
        super().__init__()
        self.mistake = mistake
        self.net = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
        self.seen: set[str] = set()
        self.losses: list[float] = []

    def training_step(self, batch: Any, index: int) -> torch.Tensor:
        x, y = batch
        self.seen |= {str(x.device), str(self.device), str(self.net[0].weight.device)}
        if self.mistake == "host tensor":
            x = x + torch.zeros(len(x), 2)
        if self.mistake == "numpy":
            x.numpy()
        loss = nn.functional.binary_cross_entropy_with_logits(self.net(x), y)
        self.losses.append(loss.item())
        return loss

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.Adam(self.parameters(), lr=0.05)


def run(folder: str, mistake: str | None = None, **how: Any) -> dict[str, Any]:
    """One training."""
    L.seed_everything(0, verbose=False)
    module = Module(mistake)
    quiet = dict.fromkeys(("enable_progress_bar", "enable_model_summary", "logger"), False)
    try:
        trainer = L.Trainer(max_epochs=3, default_root_dir=folder, **quiet, **how)
        trainer.fit(module, DataLoader(TensorDataset(X, Y), batch_size=4))
    except Exception as error:  # noqa: BLE001  whatever is raised is the outcome
        return {"raised": f"{type(error).__name__}: {error}"}
    return {
        "seen": sorted(module.seen),
        "losses": module.losses,
        "accelerator": type(trainer.accelerator).__name__,
    }


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    virtual_cuda.install()
    with tempfile.TemporaryDirectory() as folder:
        outcomes = {name: run(folder, **how) for name, how in KINDS.items()}
    print("\n" + json.dumps(outcomes))
