"""Whether the device does what it is for, in this process and with this torch."""

from __future__ import annotations

import torch

from .errors import VirtualDeviceUnavailableError
from .presence import DEVICE, HOST

WRONG = "the virtual device fails its own test with torch {version}: {reason}"


def prove() -> None:
    """Compute forward and backward on the device; raises VirtualDeviceUnavailableError."""
    try:
        reason = _difference()
    except Exception as error:
        reason = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
        raise VirtualDeviceUnavailableError(WRONG.format(version=torch.__version__, reason=reason)) from error
    if reason is not None:
        raise VirtualDeviceUnavailableError(WRONG.format(version=torch.__version__, reason=reason))


def _difference() -> str | None:
    """What is not as it should be; None when all is."""
    weight = torch.tensor([[1.0, 2.0]], device=DEVICE, requires_grad=True)
    moved = torch.tensor([[3.0, 4.0]], device=HOST).to(DEVICE)
    torch.autograd.backward((weight @ (weight + moved).t()).sum())
    if weight.grad is None or weight.grad.device != DEVICE:
        return "gradients are elsewhere"
    if weight.grad.tolist() != [[5.0, 8.0]]:
        return "gradients are wrong"
    weight.detach().view(2)[1:].zero_()
    if weight.tolist() != [[1.0, 0.0]]:
        return "views are copies"
    if weight.untyped_storage().device != DEVICE:
        return "storages are elsewhere"
    try:
        weight + torch.ones(2, device=HOST)
    except RuntimeError as error:
        return None if "cuda:0 and cpu" in str(error) else f"another refusal: {error}"
    return "devices can be mixed"
