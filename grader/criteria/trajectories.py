"""Simulates training loops in the reference kernel: the code that is sent, and how its answer is read.

Torch's own optimizers take the steps. Every optimizer simulated works element by element: many runs (orders of
mini-batches, subsets of the data) are the rows of one parameter `[k, p]`, and each run's loss is the weighted sum
over samples of its squared errors. What is simulated stands in `grader.criteria.loop_plans`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from grader.criteria.loop_plans import Floats, Plan

SIMULATION = """
import json

activation_of = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu, "none": lambda z: z}[activation]
points, targets, origin = x.double(), y.double(), theta.double()

def outputs(thetas):
    values, start = points.expand(len(thetas), *points.shape), 0
    for inputs, size in zip(layers, layers[1:]):
        weight = thetas[:, start : start + size * inputs].reshape(-1, size, inputs)
        start += size * inputs
        values = values @ weight.transpose(1, 2) + thetas[:, None, start : start + size]
        start += size
        if start < thetas.shape[1]:
            values = activation_of(values)
    return values

def gradient(thetas, shares, broadcast):
    thetas = thetas.detach().requires_grad_()
    out = outputs(thetas)
    if broadcast:
        errors = (out[:, :, None] - targets[None, None]).square().mean(-1)
        loss = torch.einsum("ki,kj,kij->", shares, shares, errors)
    else:
        loss = (shares * (out - targets).square().mean(-1)).sum()
    return torch.autograd.grad(loss, thetas)[0]

def run(plan):
    runs, epochs, steps = plan["rows"]
    count = runs * epochs * steps * len(points)
    shares = weights[plan["start"] : plan["start"] + count].double().reshape(runs, epochs, steps, len(points))
    thetas = torch.nn.Parameter(origin.repeat(runs, 1))
    optimizer = getattr(torch.optim, plan["optimizer"])([thetas], lr=lr, **plan["options"])
    handling, limit = plan["handling"], plan["limit"]
    states = []
    for epoch in range(epochs):
        for step in range(steps):
            new = gradient(thetas, shares[:, epoch, step], handling == "broadcast")
            if handling in ("stale", "stale_accumulate"):
                if thetas.grad is not None:
                    optimizer.step()
                kept = handling == "stale_accumulate" and thetas.grad is not None
                thetas.grad = thetas.grad + new if kept else new
                continue
            kept = handling == "accumulate" or (handling == "accumulate_in_epoch" and step > 0)
            thetas.grad = thetas.grad + new if kept and thetas.grad is not None else new
            if handling == "zeroed":
                thetas.grad = torch.zeros_like(new)
            if handling == "clip":
                thetas.grad *= (limit / (thetas.grad.norm(dim=1, keepdim=True) + 1e-6)).clamp(max=1.0)
            if handling == "clamp":
                thetas.grad.clamp_(-limit, limit)
            optimizer.step()
        states.append(thetas.detach().clone())
    return torch.stack(states, dim=1).float().flatten()

return torch.cat([run(json.loads(plan)) for plan in plans])
"""
"""Gets theta [p], x [n, in], y [n, out], weights [all rows], layers, activation, lr, plans; gives float32 [all]."""

LARGEST_ANSWER = 500_000
"""Numbers in one answer: 2 MB of float32."""


def chunks(all_plans: Sequence[Plan], parameters: int) -> list[tuple[Plan, ...]]:
    """The plans in runs whose answers fit the wire."""
    groups: list[list[Plan]] = [[]]
    filled = 0
    for plan in all_plans:
        size = plan.size(parameters)
        if filled + size > LARGEST_ANSWER:
            groups.append([])
            filled = 0
        groups[-1].append(plan)
        filled += size
    return [tuple(group) for group in groups]


def encoded(group: Sequence[Plan]) -> tuple[list[str], Floats]:
    """The arguments `plans` and `weights` of the simulation; equal weights are sent once."""
    starts: dict[bytes, int] = {}
    flat: list[Floats] = []
    texts: list[str] = []
    filled = 0
    for plan in group:
        key = plan.shares.tobytes()
        if key not in starts:
            starts[key] = filled
            filled += plan.shares.size
            flat.append(plan.shares.ravel())
        described = {
            "optimizer": plan.optimizer.name,
            "options": dict(plan.optimizer.options),
            "rows": plan.shares.shape[:3],
            "start": starts[key],
            "handling": plan.handling,
            "limit": plan.limit,
        }
        texts.append(json.dumps(described))
    return texts, np.concatenate(flat)


def decoded(group: Sequence[Plan], answer: npt.NDArray[np.float32], parameters: int) -> list[Floats] | None:
    """The states `[k, epochs, p]` of each plan; None when the answer is of another length."""
    flat = np.asarray(answer, dtype=np.float64).ravel()
    if flat.size != sum(plan.size(parameters) for plan in group):
        return None
    states: list[Floats] = []
    start = 0
    for plan in group:
        states.append(
            flat[start : start + plan.size(parameters)].reshape(len(plan.shares), plan.epochs, parameters)
        )
        start += plan.size(parameters)
    return states
