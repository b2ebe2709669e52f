"""Small trainings, watched: what the observer saw of the one that is named."""

from __future__ import annotations

import json
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import nn

from grader.inkernel import virtual_cuda
from tests.inkernel.virtual_cuda.features.checking import X, Y, network

Names = dict[str, Any]
PROGRAMS: dict[str, Callable[[], Names]] = {}


def program(make: Callable[[], Names]) -> Callable[[], Names]:
    PROGRAMS[make.__name__] = make
    return make


def train(device: str, *, keep: bool = False, model: nn.Module | None = None) -> Names:
    model = (model or network()).to(device)
    optimizer, loss_of = torch.optim.SGD(model.parameters(), lr=0.1), nn.MSELoss()
    losses: list[Any] = []
    for _ in range(6):
        optimizer.zero_grad()
        loss = loss_of(model(X.to(device)), Y.to(device))
        loss.backward()
        optimizer.step()
        losses.append(loss if keep else loss.item())
    model.eval()
    model(X.to(device))
    return {"model": model, "optimizer": optimizer, "losses": losses}


@program
def all_moved() -> Names:
    return train("cuda")


@program
def host_only() -> Names:
    return train("cpu")


@program
def losses_kept() -> Names:
    return train("cuda", keep=True)


@program
def batch_forgotten() -> Names:
    names = train("cuda")
    try:
        names["model"](X)
    except RuntimeError:
        names["failed"] = True
    return names


@program
def parameters_replaced() -> Names:
    model = network()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model[0], model[2] = nn.Linear(2, 4).cuda(), nn.Linear(4, 1).cuda()
    model(X.cuda()).sum().backward()
    optimizer.step()
    return {"model": model, "optimizer": optimizer}


@program
def files() -> Names:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.pt"
        torch.save(network().cuda().state_dict(), file)
        torch.load(file)
        torch.load(file, map_location=torch.device("cpu"))
    return {}


@program
def functions_and_tensors() -> Names:
    weight = torch.zeros(2, 1, device="cuda", requires_grad=True)
    for _ in range(3):
        nn.functional.mse_loss(X.cuda() @ weight, Y.cuda()).backward()
    return {"weight": weight, "_hidden": [weight.sum()] * 9, "few": [weight.sum()]}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    virtual_cuda.install()
    virtual_cuda.observe()
    names = PROGRAMS[sys.argv[1]]()
    print(json.dumps(virtual_cuda.OBSERVED.as_entries(names)))
