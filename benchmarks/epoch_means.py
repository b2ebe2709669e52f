"""How far can the mean over an epoch's mini-batches lie from the true loss? It bounds what `loss_history` accepts.

    python -m benchmarks.epoch_means

The weights move while the mean is taken, so it cannot be recomputed from the weights before and after the epoch. Many
XOR trainings of three epochs at once, from starts as bad as the grader's own; printed is the mean over the loss before
and after, beyond which the bounds in grader/criteria/histories.py must lie.
"""

from __future__ import annotations

import torch

TRAININGS = 20_000
LR = 0.1
CASES = torch.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]])
TARGETS = torch.tensor([[0.0], [1], [1], [0]])
Weights = list[torch.Tensor]


def loss(weights: Weights, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Mean squared errors, `float32 [trainings]`, of `x` `[trainings, n, 2]`."""
    hidden = torch.sigmoid(torch.einsum("toi,tni->tno", weights[0], x) + weights[1][:, None])
    out = torch.einsum("toi,tni->tno", weights[2], hidden) + weights[3][:, None]
    return ((out - y) ** 2).mean((1, 2))


def bad_starts(generator: torch.Generator) -> Weights:
    """The worst of eight random weights each, as the criterion draws them."""
    drawn = [
        torch.randn(8 * TRAININGS, *shape, generator=generator) for shape in ((2, 2), (2,), (1, 2), (1,))
    ]
    losses = loss(drawn, CASES.expand(8 * TRAININGS, 4, 2), TARGETS.expand(8 * TRAININGS, 4, 1))
    worst = losses.view(TRAININGS, 8).argmax(1) + 8 * torch.arange(TRAININGS)
    return [weights[worst].requires_grad_() for weights in drawn]


def optimizer_of(name: str, weights: Weights, lr: float = LR) -> torch.optim.Optimizer:
    """Elementwise, so that all trainings step at once and apart."""
    if name == "Adam":
        return torch.optim.Adam(weights, lr=lr)
    return torch.optim.SGD(weights, lr=lr, momentum=0.9 if name == "momentum" else 0.0)


def measure(name: str, size: int) -> None:
    """Print the extremes for one optimizer and batch size."""
    generator = torch.Generator().manual_seed(0)
    weights = bad_starts(generator)
    optimizer = optimizer_of(name, weights)
    x, y = CASES.expand(TRAININGS, 4, 2), TARGETS.expand(TRAININGS, 4, 1)
    before, above, below = loss(weights, x, y).detach(), torch.zeros(0), torch.zeros(0)
    for _ in range(3):
        order = torch.rand(TRAININGS, 4, generator=generator).argsort(1)[:, :, None]
        mean = torch.zeros(TRAININGS)
        for first in range(0, 4, size):
            chosen = order[:, first : first + size]
            batch = loss(weights, x.gather(1, chosen.expand(-1, -1, 2)), y.gather(1, chosen))
            mean += batch.detach() * size / 4
            optimizer.zero_grad()
            batch.sum().backward()
            optimizer.step()
        after = loss(weights, x, y).detach()
        low, high = torch.minimum(before, after), torch.maximum(before, after)
        above = torch.cat([above, (mean - (high - low)) / high])
        below = torch.cat([below, (mean + (high - low)) / low])
        before = after
    print(f"{name:8} batches of {size}: from {below.min():.2f} to {above.max():.2f} times the loss")


if __name__ == "__main__":
    for name in ("SGD", "momentum", "Adam"):
        for size in (1, 2):
            measure(name, size)
