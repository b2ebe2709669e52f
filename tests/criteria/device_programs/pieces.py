"""Cells and lines that many of the notebooks have in common."""

from __future__ import annotations

IMPORTS = """
import torch
from torch import nn

torch.manual_seed(0)
"""

START = (
    IMPORTS
    + """
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
"""
)

DEPART = """
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(42)

# On prend le GPU s'il y en a un
device = 'cuda' if torch.cuda.is_available() else 'cpu'
"""

XOR = """
X = torch.tensor([[0., 0.], [0., 1.], [1., 0.], [1., 1.]])
y = torch.tensor([[0.], [1.], [1.], [0.]])
"""

XOR_MOVED = (
    XOR
    + """
X, y = X.to(device), y.to(device)
"""
)

LINE = """
# une droite avec un peu de bruit
x = torch.linspace(-1, 1, 40).reshape(-1, 1)
y = 2 * x + 1 + 0.1 * torch.randn(40, 1)
"""

CLASSES = """
# three clouds of points
centers = torch.tensor([[0., 2.], [2., -1.], [-2., -1.]])
labels = torch.arange(3).repeat(12)
points = centers[labels] + 0.3 * torch.randn(36, 2)
"""

NETWORK = """
model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
"""

NETWORK_MOVED = """
model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1)).to(device)
"""

CLASSIFIER_MOVED = """
model = nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 3)).to(device)
"""

CLASS_NETWORK = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(2, 8)
        self.out = nn.Linear(8, 1)

    def forward(self, x):
        return self.out(torch.tanh(self.hidden(x)))
"""

ADAM = """
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
"""

MSE_LOOP = """
criterion = nn.MSELoss()
losses = []
for epoch in range(20):
    optimizer.zero_grad()
    loss = criterion(model(X), y)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
"""


def loop(loss: str, keep: str = "loss.item()", steps: int = 20) -> str:
    """A training whose loss is this expression."""
    return f"""
losses = []
for epoch in range({steps}):
    loss = {loss}
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append({keep})
"""
