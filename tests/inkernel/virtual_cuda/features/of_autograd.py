"""Gradients."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from tests.inkernel.virtual_cuda.features.checking import DEVICE, X, Y, feature, network, on_device


@feature
def gradients_are_the_hosts() -> None:
    ours, theirs = network().cuda(), network()
    F.mse_loss(ours(X.cuda()), Y.cuda()).backward()
    F.mse_loss(theirs(X), Y).backward()
    for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert on_device(p.grad)
        assert torch.equal(p.grad.cpu(), q.grad)


@feature
def gradients_through_a_move() -> None:
    p = torch.ones(2, requires_grad=True)
    (p.cuda() * 3).sum().backward()
    assert str(p.grad.device) == "cpu"
    assert p.grad.tolist() == [3, 3]


@feature
def gradients_through_changes_in_place() -> None:
    def gradient(device: str) -> torch.Tensor:
        weight = torch.ones(3, 3, device=device, requires_grad=True)
        z = weight * 2
        z[1:] += z[:-1].detach().clone()
        z[:, 0] = 5
        (z * z).sum().backward()
        return weight.grad.cpu()

    assert torch.equal(gradient("cpu"), gradient(DEVICE))


@feature
def second_derivatives() -> None:
    weight = torch.ones(3, device=DEVICE, requires_grad=True)
    (first,) = torch.autograd.grad((weight**3).sum(), weight, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), weight)
    assert on_device(second)
    assert second.tolist() == [6, 6, 6]


@feature
def jacobians_and_hessians() -> None:
    x = torch.ones(3, device=DEVICE)
    assert on_device(torch.autograd.functional.jacobian(lambda z: z**2, x))
    hessian = torch.autograd.functional.hessian(lambda z: (z**3).sum(), x)
    assert hessian.diag().tolist() == [6, 6, 6]


@feature
def gradcheck() -> None:
    x = torch.randn(3, 2, dtype=torch.float64, device=DEVICE, requires_grad=True)
    assert torch.autograd.gradcheck(lambda z: torch.sigmoid(z @ z.T).sum(), (x,))


@feature
def gradients_over_a_batch() -> None:
    x = torch.randn(4, 2, device=DEVICE)
    gradients = torch.func.vmap(torch.func.grad(lambda z: (z**2).sum()))(x)
    assert on_device(gradients)
    assert torch.equal(gradients, 2 * x)


@feature
def functions_with_their_own_backward() -> None:
    class Square(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx: Any, gradient: torch.Tensor) -> torch.Tensor:
            (x,) = ctx.saved_tensors
            return 2 * x * gradient

    x = torch.ones(2, device=DEVICE, requires_grad=True)
    Square.apply(x).sum().backward()
    assert on_device(x.grad)


@feature
def clipping_of_gradients() -> None:
    model = network().cuda()
    model(X.cuda()).sum().backward()
    assert on_device(torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0))


@feature
def anomaly_detection() -> None:
    with torch.autograd.set_detect_anomaly(True):
        network().cuda()(X.cuda()).sum().backward()


@feature
def losses() -> None:
    x = torch.randn(4, 3, device=DEVICE, requires_grad=True)
    classes, y = torch.tensor([0, 1, 2, 1], device=DEVICE), torch.rand(4, 3, device=DEVICE)
    for loss in (
        F.cross_entropy(x, classes),
        F.nll_loss(x.log_softmax(1), classes),
        F.binary_cross_entropy(x.sigmoid(), y),
        F.binary_cross_entropy_with_logits(x, y),
        F.mse_loss(x, y),
        F.l1_loss(x, y),
        F.smooth_l1_loss(x, y),
        F.huber_loss(x, y),
        F.kl_div(x.log_softmax(1), y.softmax(1), reduction="batchmean"),
        F.hinge_embedding_loss(x, y.sign()),
        F.cosine_embedding_loss(x, y, torch.ones(4, device=DEVICE)),
        F.triplet_margin_loss(x, y, y + 1),
        F.multi_margin_loss(x, classes),
    ):
        x.grad = None
        loss.backward(retain_graph=True)
        assert on_device(x.grad)
