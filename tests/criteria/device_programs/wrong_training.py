"""The training on the GPU is another one than on the CPU, or trains what nobody uses."""

from __future__ import annotations

from tests.criteria.device_programs.pieces import (
    ADAM,
    CLASS_NETWORK,
    DEPART,
    LINE,
    MSE_LOOP,
    NETWORK_MOVED,
    START,
    XOR,
    XOR_MOVED,
    loop,
)
from tests.criteria.device_programs.program import Program, notebook

MODEL_MADE_ANEW = notebook(
    START + CLASS_NETWORK + XOR_MOVED,
    """
model = Net()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
""",
    """
# on the GPU
model = Net().to(device)
"""
    + MSE_LOOP,
)

MODEL_COPIED = notebook(
    DEPART
    + """
import copy
"""
    + XOR_MOVED,
    """
model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
model = copy.deepcopy(model).to(device)  # une copie pour le GPU
"""
    + loop("F.mse_loss(model(X), y)"),
)

TENSOR_MOVED_LATE = notebook(
    START + LINE,
    """
w = torch.zeros(1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
optimizer = torch.optim.SGD([w, b], lr=0.1)
x, y, w, b = x.to(device), y.to(device), w.to(device), b.to(device)
""",
    loop("((w * x + b - y) ** 2).mean()"),
)

MORE_EPOCHS = notebook(
    START + XOR_MOVED + NETWORK_MOVED + ADAM,
    """
epochs = 30 if torch.cuda.is_available() else 10
losses = []
for epoch in range(epochs):
    loss = nn.functional.mse_loss(model(X), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
""",
)

OTHER_RATE = notebook(
    DEPART + XOR_MOVED + NETWORK_MOVED,
    """
# plus vite sur GPU
lr = 0.2 if device == 'cuda' else 0.01
optimizer = torch.optim.SGD(model.parameters(), lr=lr)
"""
    + loop("F.mse_loss(model(X), y)"),
)

NO_ZERO_GRAD = notebook(
    START + CLASS_NETWORK + XOR,
    """
model = Net().to(device)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

def step_on_gpu():
    loss = nn.functional.mse_loss(model(X.cuda()), y.cuda())
    loss.backward()
    optimizer.step()
    return loss.item()

def step_on_cpu():
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(X), y)
    loss.backward()
    optimizer.step()
    return loss.item()

losses = [step_on_gpu() if device.type == "cuda" else step_on_cpu() for _ in range(20)]
""",
)

PROGRAMS = (
    Program("model_made_anew", MODEL_MADE_ANEW, "stale_optimizer", ""),
    Program("model_copied_after_optimizer", MODEL_COPIED, "stale_optimizer", ""),
    Program("tensors_moved_after_optimizer", TENSOR_MOVED_LATE, "gpu_unused", ""),
    Program("more_epochs_on_gpu", MORE_EPOCHS, "results_differ", ""),
    Program("other_rate_on_gpu", OTHER_RATE, "results_differ", ""),
    Program("no_zero_grad_on_gpu", NO_ZERO_GRAD, "results_differ", ""),
)
