"""How far does the loss move behind the end of a history? It bounds what `loss_history` accepts of weights left behind.

    python -m benchmarks.last_steps

Many XOR trainings with the full batch, from starts as PyTorch draws them, cut off at many places: printed is the
greatest step behind the end, as a multiple of the last step of the history and of its change. The bound in
grader/criteria/histories.py must lie beyond.
"""

from __future__ import annotations

import itertools

import numpy as np
import torch

from benchmarks.epoch_means import CASES, TARGETS, Weights, loss, optimizer_of

TRAININGS = 150
EPOCHS = 300
NEGLIGIBLE = 1e-8
"""Smaller losses are rounding."""
RATES = {"SGD": (0.05, 0.1, 0.3, 0.5), "momentum": (0.05, 0.1, 0.5), "Adam": (0.01, 0.05, 0.1, 0.3)}


def usual_starts(generator: torch.Generator) -> Weights:
    """As `nn.Linear(2, …)` draws its weights."""
    shapes = ((2, 2), (2,), (1, 2), (1,))
    return [
        ((2 * torch.rand(TRAININGS, *shape, generator=generator) - 1) / 2**0.5).requires_grad_()
        for shape in shapes
    ]


def histories(name: str, lr: float) -> np.ndarray:
    """`float64 [trainings, epochs + 1]`: the losses before each step, and at the end."""
    weights = usual_starts(torch.Generator().manual_seed(0))
    optimizer = optimizer_of(name, weights, lr)
    x, y = CASES.expand(TRAININGS, 4, 2), TARGETS.expand(TRAININGS, 4, 1)
    found = []
    for _ in range(EPOCHS + 1):
        losses = loss(weights, x, y)
        found.append(losses.detach().double().numpy())
        optimizer.zero_grad()
        losses.sum().backward()
        optimizer.step()
    return np.stack(found, axis=1)


def measure(name: str, lr: float) -> None:
    """Print the extreme for one optimizer and rate."""
    losses = histories(name, lr)
    greatest = 0.0
    for end in itertools.chain(range(4, 40), range(40, EPOCHS, 10)):
        steps = np.diff(losses[:, max(0, end - 5) : end], axis=1)
        changes = np.abs(np.diff(steps, axis=1))[:, -2:].max(axis=1)
        behind = np.abs(losses[:, end] - losses[:, end - 1])
        counts = np.isfinite(behind) & (losses[:, end] > NEGLIGIBLE)
        times = behind / np.maximum(np.abs(steps[:, -1]) + changes, 1e-6)
        greatest = max(greatest, float(times[counts].max(initial=0.0)))
    print(f"{name:8} at {lr}: {greatest:.2f} times the last step and its change")


if __name__ == "__main__":
    for name, rates in RATES.items():
        for lr in rates:
            measure(name, lr)
