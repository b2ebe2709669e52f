"""The device chosen in ways that are all right."""

from __future__ import annotations

from tests.criteria.device_programs.pieces import (
    ADAM,
    CLASS_NETWORK,
    DEPART,
    IMPORTS,
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

CHOSEN_ONCE = notebook(START, XOR_MOVED, NETWORK_MOVED + ADAM, MSE_LOOP)

IN_FRENCH = notebook(
    DEPART,
    LINE,
    CLASS_NETWORK.replace("nn.Linear(2, 8)", "nn.Linear(1, 8)")
    + """
model = Net()
model.to(device)  # déplace les poids
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
""",
    """
# Entraînement
losses = []
for epoch in range(25):
    xb, yb = x.to(device), y.to(device)
    perte = F.mse_loss(model(xb), yb)
    optimizer.zero_grad()
    perte.backward()
    optimizer.step()
    losses.append(perte.item())

print(f"perte finale : {losses[-1]:.4f}")
""",
)

CUDA_UNDER_IF = notebook(
    IMPORTS + XOR,
    NETWORK
    + """
if torch.cuda.is_available():
    X = X.cuda()
    y = y.cuda()
    model = model.cuda()
    print("training on", torch.cuda.get_device_name(0))
"""
    + ADAM,
    MSE_LOOP,
)

FLAG = notebook(
    IMPORTS
    + """
use_cuda = torch.cuda.is_available()
device = torch.device("cuda:0") if use_cuda else torch.device("cpu")
torch.cuda.manual_seed_all(0)  # harmless without a GPU
""",
    XOR_MOVED + NETWORK_MOVED + ADAM + MSE_LOOP,
    """
if use_cuda:
    torch.cuda.synchronize()
    torch.cuda.empty_cache()
print(losses[-1])
""",
)

DEFAULT_DEVICE = notebook(
    START
    + """
torch.set_default_device(device)
""",
    XOR + NETWORK + ADAM,
    MSE_LOOP,
)

WITH_DEVICE = notebook(
    DEPART,
    """
# tout ce qui est créé ici naît sur le bon processeur
with torch.device(device):
    X = torch.tensor([[0., 0.], [0., 1.], [1., 0.], [1., 1.]])
    y = torch.tensor([[0.], [1.], [1.], [0.]])
    model = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1))
"""
    + ADAM,
    MSE_LOOP,
)

ACCELERATOR = notebook(
    IMPORTS
    + """
device = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else torch.device("cpu")
print(f"Using {device}")
""",
    XOR_MOVED,
    NETWORK_MOVED + ADAM + MSE_LOOP,
)

MPS_TOO = notebook(
    IMPORTS
    + """
if torch.cuda.is_available():
    device = "cuda"
elif torch.backends.mps.is_available():
    device = "mps"
else:
    device = "cpu"
""",
    XOR,
    """
def train(model, X, y, epochs, device):
    model = model.to(device)
    X, y = X.to(device), y.to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    losses = []
    for _ in range(epochs):
        loss = nn.functional.mse_loss(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss))
    return losses
"""
    + NETWORK
    + """
losses = train(model, X, y, 20, device)
""",
)

MADE_THERE = notebook(
    START,
    """
X = torch.tensor([[0., 0.], [0., 1.], [1., 0.], [1., 1.]], device=device)
y = torch.tensor([[0.], [1.], [1.], [0.]], device=device)
model = nn.Sequential(
    nn.Linear(2, 8, device=device),
    nn.Tanh(),
    nn.Linear(8, 1, device=device),
)
"""
    + ADAM,
    MSE_LOOP,
)

WEIGHTS_BY_HAND = notebook(
    DEPART + LINE,
    """
x, y = x.to(device), y.to(device)
w = torch.zeros(1, 1, device=device, requires_grad=True)
b = torch.zeros(1, device=device, requires_grad=True)

losses = []
for i in range(30):
    loss = ((x @ w + b - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        # descente de gradient à la main
        w -= 0.1 * w.grad
        b -= 0.1 * b.grad
    w.grad.zero_()
    b.grad.zero_()
    losses.append(loss.item())
""",
)

OPTIMIZER_FIRST = notebook(
    START + XOR + NETWORK,
    """
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
model.to(device)  # the parameters stay the same objects
X, y = X.to(device), y.to(device)
""",
    loop("nn.functional.mse_loss(model(X), y)"),
)

PROGRAMS = (
    Program("device_chosen_once", CHOSEN_ONCE, "ok", ""),
    Program("device_chosen_once_in_french", IN_FRENCH, "ok", ""),
    Program("cuda_under_if", CUDA_UNDER_IF, "ok", ""),
    Program("flag_for_cuda", FLAG, "ok", ""),
    Program("default_device", DEFAULT_DEVICE, "ok", ""),
    Program("with_device", WITH_DEVICE, "ok", ""),
    Program("accelerator", ACCELERATOR, "ok", ""),
    Program("mps_too", MPS_TOO, "ok", ""),
    Program("everything_made_there", MADE_THERE, "ok", ""),
    Program("weights_by_hand", WEIGHTS_BY_HAND, "ok", ""),
    Program("optimizer_before_move", OPTIMIZER_FIRST, "ok", ""),
)
