"""The list of features, and what their checks share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

FEATURES: dict[str, Callable[[], None]] = {}
REFUSED = {"sparse tensors", "CUDA graphs", "quantized tensors", "nested tensors"}
"""What is known not to work, and must say so."""
DEVICE = "cuda"
X = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
Y = torch.tensor([[0.0], [1.0], [1.0], [0.0]])


def feature(check: Callable[[], None]) -> Callable[[], None]:
    """Put a check in the list, under its own name in words."""
    FEATURES[check.__name__.strip("_").replace("_", " ").replace("cuda graphs", "CUDA graphs")] = check
    return check


def raises(kind: type[Exception], words: str, *attempts: Callable[[], Any]) -> None:
    """Each attempt must raise an error of that kind with those words in it."""
    for attempt in attempts:
        try:
            attempt()
        except kind as error:
            if words not in str(error):
                raise AssertionError(f"other words: {str(error)[:200]!r}") from error
        else:
            raise AssertionError("nothing was raised")


def on_device(*tensors: Any) -> bool:
    """Whether they are where they should be."""
    return all(str(tensor.device) == "cuda:0" for tensor in tensors)


def network() -> nn.Sequential:
    """The same small network every time."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
