"""Programs whose messages were recorded on machines with a GPU, and what the device says to them.

Source: public issue threads and notebooks on GitHub, by torch's version: `OLD` up to 2.7, `NEW` from 2.8. The names of
arguments and kernels are the same in both.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import nn

from grader.inkernel import virtual_cuda
from grader.inkernel.virtual_cuda import device_checks

D = "cuda"
NEW = device_checks.SAME_DEVICE
OLD = (
    "Expected all tensors to be on the same device, but found at least two devices, {common} and {device}! "
    "(when checking argument for argument {name} in method {method})"
)
_randn = torch.randn


class Recorded(NamedTuple):
    """One message of a real GPU."""

    template: str
    message: str
    program: Callable[[], Any]


def _same(first: str, second: str) -> str:
    return f"Expected all tensors to be on the same device, but found at least two devices, {first} and {second}!"


def _old(first: str, second: str, name: str, method: str, program: Callable[[], Any]) -> Recorded:
    where = f"(when checking argument for argument {name} in method wrapper_CUDA_{method})"
    return Recorded(OLD, f"{_same(first, second)} {where}", program)


def _new(name: str, device: str, common: str, method: str, program: Callable[[], Any]) -> Recorded:
    words = (
        f"Expected all tensors to be on the same device, but got {name} is on {device}, different from other "
        f"tensors on {common} (when checking argument in method wrapper_CUDA_{method})"
    )
    return Recorded(NEW, words, program)


def _any(message: str, program: Callable[[], Any]) -> Recorded:
    return Recorded(NEW, message, program)


GPU, CPU = "cuda:0", "cpu"
MIXED_TYPES = "Input type (torch.cuda.FloatTensor) and weight type (torch.FloatTensor) should be the same"
OTHER_TYPES = (
    "Input type (torch.FloatTensor) and weight type (torch.cuda.FloatTensor) should be the same or input "
    "should be a MKLDNN tensor and weight is a dense tensor"
)
RECURRENT = (
    "Input and {} tensors are not at the same device, found input tensor at {} and {} tensor at {}".format
)
NUMPY = "can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host memory first."
GRADIENT = "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead."

RECORDED = {
    "difference": _any(_same(GPU, CPU), lambda: _randn(2, 4, device=D) - torch.rand(4)),
    "sum of integers": _any(
        _same(GPU, CPU), lambda: _randn(2, 2, device=D).int() + torch.full([2, 2], 1, dtype=torch.int32)
    ),
    "linear, model on the host": _old(
        CPU, GPU, "mat1", "addmm", lambda: F.linear(_randn(3, 5, device=D), *nn.Linear(5, 5).parameters())
    ),
    "linear, batch on the host": _old(GPU, CPU, "mat1", "addmm", lambda: nn.Linear(5, 5).to(D)(_randn(3, 5))),
    "concatenation, host first": _old(
        CPU, GPU, "tensors", "cat", lambda: torch.cat([_randn(1, 1), _randn(1, 8, device=D)], dim=1)
    ),
    "concatenation, device first": _old(
        GPU, CPU, "tensors", "cat", lambda: torch.cat((_randn(2, 3, device=D), torch.zeros(2, 3)), dim=1)
    ),
    "product, host first": _old(
        CPU, GPU, "mat2", "mm", lambda: torch.mm(torch.zeros(4, 4), _randn(4, 4, device=D))
    ),
    "product of wrong shapes": _old(
        GPU, CPU, "mat2", "mm", lambda: torch.mm(_randn(2, 2, device=D), _randn(3, 2))
    ),
    "matmul": _old(GPU, CPU, "mat2", "mm", lambda: torch.matmul(_randn(3, 3, device=D), _randn(3, 2))),
    "layer norm": _old(
        GPU, CPU, "weight", "_native_layer_norm", lambda: nn.LayerNorm([4, 3])(_randn(2, 4, 3, device=D))
    ),
    "batch norm": _old(
        GPU, CPU, "weight", "_cudnn_batch_norm", lambda: nn.BatchNorm2d(8)(_randn(1, 8, 5, 5, device=D))
    ),
    "cross entropy": _old(
        GPU,
        CPU,
        "target",
        "nll_loss_forward",
        lambda: F.cross_entropy(_randn(3, 2, device=D), torch.tensor([0, 1, 0])),
    ),
    "convolution of one pixel": _old(
        CPU, GPU, "weight", "__slow_conv2d_forward", lambda: nn.Conv2d(4, 8, 1).to(D)(_randn(1, 4, 5, 5))
    ),
    "convolution, model on the host": _any(
        MIXED_TYPES, lambda: F.conv2d(_randn(1, 3, 6, 6, device=D), torch.rand(3, 3, 3, 3))
    ),
    "transposed convolution": _any(
        MIXED_TYPES,
        lambda: F.conv_transpose3d(
            _randn(1, 3, 6, 4, 4, device=D), _randn(3, 3, 3, 3, 3), stride=2, dilation=2
        ),
    ),
    "convolution, batch on the host": _any(
        OTHER_TYPES, lambda: nn.Conv2d(1, 4, 3).to(D)(_randn(32, 1, 8, 8))
    ),
    "LSTM, batch on the host": _any(
        RECURRENT("parameter", CPU, "parameter", GPU), lambda: nn.LSTM(2, 3).to(D)(_randn(4, 1, 2))
    ),
    "RNN, model on the host": _any(
        RECURRENT("parameter", GPU, "parameter", CPU), lambda: nn.RNN(2, 3)(_randn(4, 1, 2, device=D))
    ),
    "GRU, hidden state on the host": _any(
        RECURRENT("hidden", GPU, "hidden", CPU),
        lambda: nn.GRU(2, 3).to(D)(_randn(4, 1, 2, device=D), torch.zeros(1, 1, 3)),
    ),
    "linear, model on the host, new": _new(
        "mat1", GPU, CPU, "addmm", lambda: nn.Linear(5, 5)(_randn(3, 5, device=D))
    ),
    "linear, batch on the host, new": _new(
        "mat1", CPU, GPU, "addmm", lambda: nn.Linear(5, 5).to(D)(_randn(3, 5))
    ),
    "linear without bias, new": _new(
        "mat2", GPU, CPU, "mm", lambda: nn.Linear(5, 5, bias=False).to(D)(_randn(3, 5))
    ),
    "embedding, new": _new(
        "index", CPU, GPU, "_index_select", lambda: nn.Embedding(4, 2).to(D)(torch.tensor([1]))
    ),
    "concatenation, new": _new(
        "tensors", CPU, GPU, "cat", lambda: torch.cat([_randn(2, device=D), _randn(2)])
    ),
    "batched product, new": _new(
        "mat2", CPU, GPU, "bmm", lambda: torch.bmm(_randn(1, 2, 2, device=D), _randn(1, 2, 2))
    ),
    "batch norm with statistics on the host, new": _new(
        "running_mean",
        CPU,
        GPU,
        "_cudnn_batch_norm",
        lambda: F.batch_norm(
            _randn(4, 2, 3, 3, device=D),
            torch.zeros(2),
            torch.ones(2),
            torch.ones(2, device=D),
            torch.zeros(2, device=D),
            True,
        ),
    ),
    "numpy": _any(NUMPY, lambda: _randn(2, device=D).numpy()),
    "numpy with gradients": _any(GRADIENT, lambda: _randn(2, requires_grad=True).numpy()),
}


def said() -> dict[str, str]:
    """What the device says to each program."""
    found: dict[str, str] = {}
    for name, recorded in RECORDED.items():
        device_checks.SAME_DEVICE = recorded.template
        try:
            recorded.program()
            found[name] = "(nothing)"
        except Exception as error:  # noqa: BLE001  whatever is raised has the message
            found[name] = str(error)
    return found


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    virtual_cuda.install()
    print(json.dumps(said()))
