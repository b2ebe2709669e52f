"""What a GPU does not do, in its very words; and what only ours does not."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from tests.inkernel.virtual_cuda.features.checking import DEVICE, X, feature, network, raises

NUMPY = "can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host memory first."
TWO = "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!"
GOT = "got {} is on cpu, different from other tensors on cuda:0 (when checking argument in method wrapper_CUDA_{})"


@feature
def numpy_of_a_device_tensor_is_refused() -> None:
    raises(
        TypeError,
        NUMPY,
        lambda: X.cuda().numpy(),
        lambda: np.array(X.cuda()),
        lambda: np.mean([X.cuda().sum()]),
    )


@feature
def plotting_a_device_tensor_is_refused() -> None:
    mpl.use("Agg")
    import matplotlib.pyplot as plt

    raises(TypeError, NUMPY, lambda: plt.plot([torch.tensor(1.0, device=DEVICE)]))
    plt.close("all")


@feature
def mixing_in_elementwise_operators_is_refused() -> None:
    raises(RuntimeError, TWO, lambda: X.cuda() + X, lambda: X + X.cuda(), lambda: X.clone().add_(X.cuda()))
    raises(RuntimeError, TWO, lambda: X.cuda() == X, lambda: torch.allclose(X, X.cuda()))
    raises(RuntimeError, TWO, lambda: torch.where(X.cuda() > 0, X, X))


@feature
def mixing_in_out_is_refused() -> None:
    a, host = X.cuda(), torch.empty(4, 2)
    raises(RuntimeError, "Expected all tensors to be on the same device", lambda: torch.mul(a, a, out=host))


@feature
def mixing_in_linear_is_refused() -> None:
    raises(RuntimeError, GOT.format("mat1", "addmm"), lambda: network().cuda()(X))


@feature
def mixing_in_cross_entropy_is_refused() -> None:
    target = torch.tensor([0, 1, 0, 1])
    raises(RuntimeError, GOT.format("target", "nll_loss_forward"), lambda: F.cross_entropy(X.cuda(), target))


@feature
def mixing_in_other_losses_is_refused() -> None:
    y = torch.rand(4, 2)
    for loss in (F.mse_loss, F.l1_loss, F.binary_cross_entropy_with_logits):
        raises(
            RuntimeError, "Expected all tensors to be on the same device", lambda loss=loss: loss(X.cuda(), y)
        )
    inside = X.cuda().sigmoid()
    raises(
        RuntimeError,
        "Expected all tensors to be on the same device",
        lambda: F.binary_cross_entropy(inside, y),
    )


@feature
def mixing_in_convolution_is_refused() -> None:
    words = "Input type (torch.FloatTensor) and weight type (torch.cuda.FloatTensor) should be the same"
    raises(RuntimeError, words, lambda: nn.Conv2d(1, 1, 3).cuda()(torch.zeros(16, 1, 5, 5)))


@feature
def mixing_in_embedding_is_refused() -> None:
    raises(
        RuntimeError,
        GOT.format("index", "_index_select"),
        lambda: nn.Embedding(3, 2).cuda()(torch.tensor([1])),
    )


@feature
def mixing_in_recurrent_layers_is_refused() -> None:
    x, h = torch.zeros(4, 1, 2, device=DEVICE), torch.zeros(1, 1, 3)
    words = "Input and hidden tensors are not at the same device"
    raises(RuntimeError, words, lambda: nn.LSTM(2, 3).cuda()(x, (h, h)), lambda: nn.GRU(2, 3).cuda()(x, h))


@feature
def indices_of_the_device_for_a_host_tensor_are_refused() -> None:
    words = "indices should be either on cpu or on the same device as the indexed tensor (cpu)"
    raises(RuntimeError, words, lambda: X[torch.tensor([0], device=DEVICE)])


@feature
def gradients_on_another_device_are_refused() -> None:
    weight = nn.Linear(2, 2).cuda().weight
    words = "attempting to assign a gradient with device type 'cpu' to a tensor with device type 'cuda'"
    raises(RuntimeError, words, lambda: setattr(weight, "grad", torch.ones(2, 2)))


@feature
def second_device_is_refused() -> None:
    words = "CUDA error: invalid device ordinal"
    raises(
        RuntimeError,
        words,
        lambda: torch.zeros(2, device="cuda:1"),
        lambda: X.to("cuda:1"),
        lambda: X.cuda(3),
    )


@feature
def products_of_integers_are_refused() -> None:
    a = torch.ones(2, 2, dtype=torch.long, device=DEVICE)
    v, stack = a[0], a.int().expand(3, 2, 2)
    raises(RuntimeError, "\"addmm_cuda\" not implemented for 'Long'", lambda: a @ a, lambda: v @ a)
    raises(RuntimeError, "\"addmm_cuda\" not implemented for 'Bool'", lambda: a.bool() @ a.bool())
    raises(
        RuntimeError, "\"addmv_impl_cuda\" not implemented for 'Long'", lambda: a @ v, lambda: torch.mv(a, v)
    )
    raises(RuntimeError, "\"dot\" not implemented for 'Long'", lambda: v @ v, lambda: torch.inner(v, v))
    raises(RuntimeError, "\"vdot\" not implemented for 'Long'", lambda: torch.vdot(v, v))
    raises(RuntimeError, "\"baddbmm_cuda\" not implemented for 'Int'", lambda: stack @ stack)
    raises(RuntimeError, '"addmm_cuda"', lambda: torch.mm(a, a, out=torch.empty_like(a)))


@feature
def pinning_a_device_tensor_is_refused() -> None:
    words = "cannot pin 'torch.cuda.FloatTensor' only dense CPU tensors can be pinned"
    raises(RuntimeError, words, lambda: X.cuda().pin_memory())


@feature
def sparse_tensors() -> None:
    assert torch.eye(3, device=DEVICE).to_sparse().is_sparse


@feature
def quantized_tensors() -> None:
    assert torch.quantize_per_tensor(X.cuda(), 0.1, 0, torch.qint8).is_quantized


@feature
def cuda_graphs() -> None:
    torch.cuda.CUDAGraph()
