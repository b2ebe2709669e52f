"""Training: the same losses as without the device, to the last bit."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F

from tests.inkernel.virtual_cuda.features.checking import DEVICE, FEATURES, X, Y, feature, network, on_device

OPTIMIZERS: dict[str, tuple[Any, dict[str, Any]]] = {
    "SGD": (torch.optim.SGD, {"lr": 0.1}),
    "SGD with momentum": (torch.optim.SGD, {"lr": 0.1, "momentum": 0.9}),
    "SGD, fused": (torch.optim.SGD, {"lr": 0.1, "fused": True}),
    "Adam": (torch.optim.Adam, {"lr": 0.05}),
    "Adam, foreach": (torch.optim.Adam, {"lr": 0.05, "foreach": True}),
    "Adam, fused": (torch.optim.Adam, {"lr": 0.05, "fused": True}),
    "AdamW": (torch.optim.AdamW, {"lr": 0.05}),
    "RMSprop": (torch.optim.RMSprop, {"lr": 0.01}),
    "Adagrad": (torch.optim.Adagrad, {"lr": 0.1}),
    "Rprop": (torch.optim.Rprop, {"lr": 0.01}),
    "LBFGS": (torch.optim.LBFGS, {"lr": 0.5}),
}
STEPS = 40


def losses(optimizer: Any, options: dict[str, Any], device: str) -> list[float]:
    """Of the XOR problem, step by step."""
    model = network().to(device)
    made = optimizer(model.parameters(), **options)
    x, y = X.to(device), Y.to(device)
    found: list[float] = []

    def closure() -> torch.Tensor:
        made.zero_grad()
        loss = F.mse_loss(model(x), y)
        loss.backward()
        found.append(loss.item())
        return loss

    for _ in range(STEPS):
        made.step(closure)
    assert str(model[0].weight.device).startswith(device)
    return found


def _add(name: str, optimizer: Any, options: dict[str, Any]) -> None:
    def check() -> None:
        ours, theirs = losses(optimizer, options, DEVICE), losses(optimizer, options, "cpu")
        if name == "Adam, fused" or name == "Adam, foreach":
            assert max(abs(a - b) for a, b in zip(ours, theirs, strict=True)) < 1e-5
        else:
            assert ours == theirs

    FEATURES[f"training with {name}"] = check


for _name, (_optimizer, _options) in OPTIMIZERS.items():
    _add(_name, _optimizer, _options)


@feature
def optimizers_made_before_the_move() -> None:
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model.cuda()
    before = model[0].weight.detach().clone()
    F.mse_loss(model(X.cuda()), Y.cuda()).backward()
    optimizer.step()
    assert not torch.equal(before, model[0].weight)


@feature
def state_of_optimizers() -> None:
    model = network().cuda()
    optimizer = torch.optim.Adam(model.parameters())
    model(X.cuda()).sum().backward()
    optimizer.step()
    optimizer.load_state_dict(optimizer.state_dict())
    state = optimizer.state[model[0].weight]
    assert on_device(state["exp_avg"], state["exp_avg_sq"])
    assert str(state["step"].device) == "cpu"


@feature
def schedulers_and_averages() -> None:
    model = network().cuda()
    optimizer = torch.optim.Adam(model.parameters())
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1)
    model(X.cuda()).sum().backward()
    optimizer.step()
    scheduler.step()
    average = torch.optim.swa_utils.AveragedModel(model)
    average.update_parameters(model)
    assert on_device(average(X.cuda()))


@feature
def mixed_precision() -> None:
    model = network().cuda()
    optimizer, scaler = torch.optim.SGD(model.parameters(), lr=0.1), torch.amp.GradScaler("cuda")
    with torch.autocast("cuda", dtype=torch.float16):
        y = model(X.cuda())
        loss = F.mse_loss(y.float(), Y.cuda())
    assert y.dtype == torch.float16
    scaler.scale(loss).backward()
    scaler.step(optimizer)
    scaler.update()
    assert scaler.is_enabled()
    assert scaler.get_scale() == 65536.0
    with torch.autocast("cuda", dtype=torch.bfloat16):
        assert model(X.cuda()).dtype == torch.bfloat16
