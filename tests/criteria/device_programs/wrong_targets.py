"""The targets stay on the CPU: each loss has a message of its own."""

from __future__ import annotations

from tests.criteria.device_programs.pieces import (
    ADAM,
    CLASSES,
    CLASSIFIER_MOVED,
    DEPART,
    LINE,
    MSE_LOOP,
    NETWORK_MOVED,
    START,
    XOR,
    loop,
)
from tests.criteria.device_programs.program import Program, notebook

INPUT_MOVED = """
X = X.to(device)
"""
POINTS_MOVED = """
points = points.to(device)
"""

MSE = notebook(START, XOR + INPUT_MOVED, NETWORK_MOVED + ADAM, MSE_LOOP)

MSE_FUNCTION = notebook(
    DEPART + LINE,
    """
model = nn.Linear(1, 1).to(device)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
"""
    + loop("F.mse_loss(model(x.to(device)), y)"),
)

L1 = notebook(
    START + XOR,
    NETWORK_MOVED
    + ADAM
    + """
criterion = nn.L1Loss()
x = X.to(device)
y.to(device)  # forgets to keep it
"""
    + loop("criterion(model(x), y)"),
)

BCE = notebook(
    DEPART + XOR + INPUT_MOVED,
    """
model = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1), nn.Sigmoid()).to(device)
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
critere = nn.BCELoss()
""",
    loop("critere(model(X), y)"),
)

BCE_LOGITS = notebook(
    START + XOR + INPUT_MOVED + NETWORK_MOVED + ADAM,
    """
criterion = nn.BCEWithLogitsLoss()
"""
    + loop("criterion(model(X), y)"),
)

BCE_LOGITS_FUNCTION = notebook(
    DEPART + XOR + NETWORK_MOVED + ADAM,
    loop("F.binary_cross_entropy_with_logits(model(X.to(device)), y)"),
)

CROSS_ENTROPY = notebook(
    START + CLASSES + POINTS_MOVED,
    CLASSIFIER_MOVED + ADAM,
    """
criterion = nn.CrossEntropyLoss()
"""
    + loop("criterion(model(points), labels)"),
)

CROSS_ENTROPY_IN_LOADER = notebook(
    DEPART + CLASSES,
    """
from torch.utils.data import DataLoader, TensorDataset

donnees = DataLoader(TensorDataset(points, labels), batch_size=12, shuffle=True)
"""
    + CLASSIFIER_MOVED
    + ADAM,
    """
losses = []
for epoque in range(6):
    for lot, etiquettes in donnees:
        lot = lot.to(device)
        # il manque : etiquettes = etiquettes.to(device)
        loss = F.cross_entropy(model(lot), etiquettes)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
""",
)

NLL = notebook(
    START + CLASSES + POINTS_MOVED,
    """
model = nn.Sequential(nn.Linear(2, 3), nn.LogSoftmax(dim=1)).to(device)
optimizer = torch.optim.SGD(model.parameters(), lr=0.2)
""",
    loop("nn.NLLLoss()(model(points), labels)"),
)

HUBER_IN_FUNCTION = notebook(
    START + LINE,
    """
def train(model, x, y, epochs, device):
    model.to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    criterion = nn.SmoothL1Loss()
    losses = []
    for _ in range(epochs):
        target = y
        output = model(x.to(device))
        loss = criterion(output, target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

losses = train(nn.Linear(1, 1), x, y, 20, device)
""",
)

TWO = "at least two devices, cuda:0 and cpu"

PROGRAMS = (
    Program("target_forgotten_mse", MSE, "mixed:target", TWO),
    Program("target_forgotten_mse_function", MSE_FUNCTION, "mixed:target", TWO),
    Program("target_forgotten_l1", L1, "mixed:target", TWO),
    Program("target_forgotten_bce", BCE, "mixed:target", TWO),
    Program("target_forgotten_bce_logits", BCE_LOGITS, "mixed:target", TWO),
    Program("target_forgotten_bce_logits_function", BCE_LOGITS_FUNCTION, "mixed:target", TWO),
    Program("target_forgotten_cross_entropy", CROSS_ENTROPY, "mixed:target", "target is on cpu"),
    Program("target_forgotten_in_loader", CROSS_ENTROPY_IN_LOADER, "mixed:target", "target is on cpu"),
    Program("target_forgotten_nll", NLL, "mixed:target", "target is on cpu"),
    Program("target_forgotten_huber", HUBER_IN_FUNCTION, "mixed:target", TWO),
)
