"""Tensors beside the training stay on the CPU, or are met there by others: metrics, sums, own updates."""

from __future__ import annotations

from tests.criteria.device_programs.pieces import (
    ADAM,
    CLASSES,
    CLASSIFIER_MOVED,
    DEPART,
    LINE,
    MSE_LOOP,
    NETWORK,
    NETWORK_MOVED,
    START,
    XOR,
    XOR_MOVED,
    loop,
)
from tests.criteria.device_programs.program import Program, notebook

METRIC = notebook(
    START + CLASSES + CLASSIFIER_MOVED + ADAM,
    loop("nn.functional.cross_entropy(model(points.to(device)), labels.to(device))"),
    """
with torch.no_grad():
    predicted = model(points.to(device)).argmax(dim=1)
accuracy = (predicted == labels).float().mean()
print(f"accuracy: {accuracy.item():.2%}")
""",
)

RUNNING_SUM = notebook(
    DEPART + XOR_MOVED + NETWORK_MOVED + ADAM,
    """
losses = []
somme = torch.zeros(1)
for epoch in range(20):
    loss = F.mse_loss(model(X), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
    # erreur absolue de chaque exemple
    somme += (model(X) - y).detach().abs().mean(0)
print("erreur moyenne", somme.item() / 20)
""",
)

MASK = notebook(
    START + CLASSES + CLASSIFIER_MOVED + ADAM,
    """
losses = []
for epoch in range(20):
    output = model(points.to(device))
    loss = nn.functional.cross_entropy(output, labels.to(device))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
""",
    """
wrong = output.argmax(1) != labels.to(device)
print("misclassified points:", points[wrong])
""",
)

VELOCITY = notebook(
    DEPART + XOR + NETWORK,
    """
# momentum à la main
vitesses = [torch.zeros_like(p) for p in model.parameters()]
model.to(device)
X, y = X.to(device), y.to(device)

losses = []
for epoch in range(20):
    loss = F.mse_loss(model(X), y)
    model.zero_grad()
    loss.backward()
    with torch.no_grad():
        for p, v in zip(model.parameters(), vitesses):
            v.mul_(0.9).add_(p.grad)
            p -= 0.1 * v
    losses.append(loss.item())
""",
)

AVERAGE = notebook(
    START
    + XOR_MOVED
    + """
import copy
"""
    + NETWORK
    + """
average = copy.deepcopy(model)  # exponential moving average of the weights
model = model.to(device)
"""
    + ADAM,
    """
losses = []
for epoch in range(20):
    loss = nn.functional.mse_loss(model(X), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
    with torch.no_grad():
        for slow, fast in zip(average.parameters(), model.parameters()):
            slow.mul_(0.9).add_(0.1 * fast)
""",
)

GENERATOR = notebook(
    START + LINE,
    """
x, y = x.to(device), y.to(device)
model = nn.Linear(1, 1).to(device)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
generator = torch.Generator().manual_seed(1)

losses = []
for step in range(20):
    chosen = torch.randperm(len(x), generator=generator, device=device)[:10]
    loss = nn.functional.mse_loss(model(x[chosen]), y[chosen])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
""",
)

TRUE_LINE = notebook(
    DEPART + LINE,
    """
model = nn.Linear(1, 1).to(device)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
"""
    + loop("F.mse_loss(model(x.to(device)), y.to(device))"),
    """
# écart à la vraie droite y = 2x + 1
with torch.no_grad():
    ecart = model(x.to(device)) - (2 * x + 1)
print(ecart.abs().max().item())
""",
)

COLLECTED = notebook(
    START + XOR_MOVED + NETWORK_MOVED + ADAM,
    MSE_LOOP,
    """
with torch.no_grad():
    table = torch.cat([torch.tensor([[0., 0.], [0., 1.], [1., 0.], [1., 1.]]), model(X)], dim=1)
print(table)
""",
)

TWO = "at least two devices, cuda:0 and cpu"
CPU_FIRST = "at least two devices"

PROGRAMS = (
    Program("metric_on_host_targets", METRIC, "mixed:other", TWO),
    Program("sum_on_host", RUNNING_SUM, "mixed:other", CPU_FIRST),
    Program("mask_of_the_gpu_on_host", MASK, "mixed:other", "indices should be either on cpu"),
    Program("velocities_made_before_move", VELOCITY, "mixed:other", CPU_FIRST),
    Program("average_made_before_move", AVERAGE, "mixed:other", CPU_FIRST),
    Program("generator_of_the_host", GENERATOR, "mixed:other", "device type for generator"),
    Program("compared_with_host_line", TRUE_LINE, "mixed:other", TWO),
    Program("table_of_both", COLLECTED, "mixed:other", "is on c"),
)
