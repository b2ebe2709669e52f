"""Loaders of data, with and without workers and pinned memory."""

from __future__ import annotations

from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset, TensorDataset

from tests.inkernel.virtual_cuda.features.checking import DEVICE, X, Y, feature, on_device, raises

FORKED = (
    "Cannot re-initialize CUDA in forked subprocess. To use CUDA with multiprocessing, you must use the "
    "'spawn' start method"
)


def _load(**how: Any) -> None:
    pinned = how.get("pin_memory", False)
    for x, y in DataLoader(TensorDataset(X, Y), batch_size=2, **how):
        assert str(x.device) == "cpu"
        assert x.is_pinned() == pinned
        assert on_device(x.to(DEVICE, non_blocking=True) + y.to(DEVICE))


@feature
def loaders() -> None:
    _load()
    _load(shuffle=True)


@feature
def loaders_that_pin() -> None:
    _load(pin_memory=True)


@feature
def loaders_with_workers() -> None:
    _load(num_workers=1)


@feature
def loaders_with_workers_that_pin() -> None:
    _load(num_workers=1, pin_memory=True)


@feature
def loaders_of_device_tensors() -> None:
    for (x,) in DataLoader(TensorDataset(X.cuda()), batch_size=2):
        assert on_device(x)


class Moving(Dataset[torch.Tensor]):
    """Moves each sample to the device, wherever it is asked."""

    def __len__(self) -> int:
        return 4

    def __getitem__(self, place: int) -> torch.Tensor:
        return torch.ones(2).to("cuda")


class Computing(Moving):
    """Computes with a tensor that was on the device before the fork."""

    def __init__(self) -> None:
        self.values = torch.ones(4, 2, device=DEVICE)

    def __getitem__(self, place: int) -> torch.Tensor:
        return self.values.sum(1) + place


@feature
def forked_workers_that_touch_the_device_are_refused() -> None:
    for data in (Moving(), Computing()):
        raises(RuntimeError, FORKED, lambda data=data: next(iter(DataLoader(data, num_workers=1))))


@feature
def pinned_tensors() -> None:
    pinned = X.pin_memory()
    assert pinned.is_pinned()
    assert not X.is_pinned()
    assert on_device(pinned.to(DEVICE, non_blocking=True))
