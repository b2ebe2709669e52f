"""Layers of neural networks, forward and backward, against the host's."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import nn

from tests.inkernel.virtual_cuda.features.checking import DEVICE, feature


def assert_same(compute: Callable[[str], list[torch.Tensor]]) -> None:
    """The same numbers on the device and on the host."""
    ours, theirs = compute(DEVICE), compute("cpu")
    for a, b in zip(ours, theirs, strict=True):
        torch.testing.assert_close(a.detach().cpu(), b.detach(), rtol=1e-5, atol=1e-5)


@feature
def convolutions() -> None:
    def compute(device: str) -> list[torch.Tensor]:
        torch.manual_seed(0)
        model = nn.Sequential(
            nn.Conv2d(1, 4, 3, padding=1),
            nn.BatchNorm2d(4),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(4, 4, 3, groups=4),
            nn.ConvTranspose2d(4, 2, 2),
            nn.AdaptiveAvgPool2d(2),
            nn.Flatten(),
            nn.Dropout(0.3),
            nn.Linear(8, 3),
        ).to(device)
        images = torch.randn(5, 1, 12, 12).to(device)
        loss = F.cross_entropy(model(images), torch.arange(5).to(device) % 3)
        loss.backward()
        return [loss, model[0].weight.grad]

    assert_same(compute)


@feature
def recurrent_layers() -> None:
    def compute(device: str) -> list[torch.Tensor]:
        found: list[torch.Tensor] = []
        for kind in (nn.RNN, nn.LSTM, nn.GRU):
            torch.manual_seed(0)
            model = kind(3, 5, num_layers=2, batch_first=True, bidirectional=True).to(device)
            y, _ = model(torch.randn(2, 4, 3).to(device))
            y.pow(2).sum().backward()
            found += [y, model.weight_hh_l0.grad, model.bias_ih_l0.grad]
        return found

    assert_same(compute)


@feature
def recurrent_cells() -> None:
    def compute(device: str) -> list[torch.Tensor]:
        found: list[torch.Tensor] = []
        for kind in (nn.RNNCell, nn.LSTMCell, nn.GRUCell):
            torch.manual_seed(0)
            model = kind(3, 5).to(device)
            made = model(torch.randn(2, 3).to(device))
            y = made[0] if isinstance(made, tuple) else made
            y.sum().backward()
            found += [y, model.weight_ih.grad, model.bias_hh.grad]
        return found

    assert_same(compute)


@feature
def packed_sequences() -> None:
    packed = nn.utils.rnn.pack_padded_sequence(
        torch.zeros(2, 3, 1).cuda(), torch.tensor([3, 2]), batch_first=True
    )
    assert packed.data.is_cuda
    y, _ = nn.LSTM(1, 2, batch_first=True).cuda()(packed)
    assert nn.utils.rnn.pad_packed_sequence(y, batch_first=True)[0].shape == (2, 3, 2)


@feature
def transformers() -> None:
    def compute(device: str) -> list[torch.Tensor]:
        torch.manual_seed(0)
        layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True)
        model = nn.TransformerEncoder(layer, 2).to(device)
        x = torch.randn(3, 5, 8).to(device)
        y = model(x)
        y.pow(2).mean().backward()
        gradient = model.layers[0].linear1.weight.grad
        model.eval()
        return [y, gradient, model(x)]

    assert_same(compute)


@feature
def losses_of_sequences() -> None:
    def compute(device: str) -> list[torch.Tensor]:
        torch.manual_seed(0)
        scores = torch.randn(12, 2, 5).to(device).requires_grad_()
        targets, lengths = torch.randint(1, 5, (2, 4)).to(device), torch.tensor([12, 12])
        loss = F.ctc_loss(scores.log_softmax(2), targets, lengths.to(device), torch.tensor([4, 3]).to(device))
        loss.backward()
        return [loss, scores.grad]

    assert_same(compute)


@feature
def normalisations() -> None:
    def compute(device: str) -> list[torch.Tensor]:
        torch.manual_seed(0)
        x = torch.randn(4, 6).to(device).requires_grad_()
        found: list[torch.Tensor] = []
        for model in (nn.LayerNorm(6), nn.GroupNorm(2, 6), nn.BatchNorm1d(6), nn.RMSNorm(6)):
            y = model.to(device)(x)
            y.pow(3).sum().backward()
            found += [y, x.grad.clone(), model.weight.grad]
        return found

    assert_same(compute)
