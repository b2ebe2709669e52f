"""What is given to the model stays on the CPU."""

from __future__ import annotations

from tests.criteria.device_programs.pieces import (
    ADAM,
    CLASS_NETWORK,
    CLASSES,
    CLASSIFIER_MOVED,
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

LOADER = """
from torch.utils.data import DataLoader, TensorDataset

loader = DataLoader(TensorDataset(points, labels), batch_size=12, shuffle=True)
"""

ALL_DATA = notebook(START, XOR, NETWORK_MOVED + ADAM, MSE_LOOP)

BATCH = notebook(
    START + CLASSES + LOADER + CLASSIFIER_MOVED + ADAM,
    """
losses = []
for epoch in range(6):
    for xb, yb in loader:
        loss = nn.functional.cross_entropy(model(xb), yb.to(device))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
""",
)

BATCH_IN_EVALUATION = notebook(
    START + CLASSES + LOADER + CLASSIFIER_MOVED + ADAM,
    """
losses = []
for epoch in range(6):
    for xb, yb in loader:
        xb, yb = xb.to(device), yb.to(device)
        loss = nn.functional.cross_entropy(model(xb), yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
""",
    """
@torch.no_grad()
def accuracy(model, loader):
    model.eval()
    right = 0
    for xb, yb in loader:
        right += (model(xb).argmax(dim=1) == yb).sum().item()
    return right / len(loader.dataset)

print(accuracy(model, loader))
""",
)

NOT_ASSIGNED = notebook(
    DEPART + XOR,
    """
X.to(device)
y = y.to(device)
"""
    + NETWORK_MOVED
    + ADAM,
    loop("F.mse_loss(model(X), y)"),
)

NONE_ASSIGNED = notebook(
    START + CLASS_NETWORK + XOR,
    """
model = Net()
# everything to the GPU
model.to(device)
X.to(device)
y.to(device)
"""
    + ADAM,
    MSE_LOOP,
)

NEW_EXAMPLE = notebook(
    START + XOR_MOVED + NETWORK_MOVED + ADAM,
    MSE_LOOP,
    """
# try the network
example = torch.tensor([[1.0, 0.0]])
print("XOR(1, 0) =", model(example).item())
""",
)

CURVE = notebook(
    DEPART
    + LINE
    + """
import matplotlib.pyplot as plt

x, y = x.to(device), y.to(device)
model = nn.Sequential(nn.Linear(1, 8), nn.Tanh(), nn.Linear(8, 1)).to(device)
"""
    + ADAM,
    loop("F.mse_loss(model(x), y)"),
    """
# la courbe apprise, sur une grille plus fine
grille = torch.linspace(-2, 2, 200).unsqueeze(1)
with torch.no_grad():
    courbe = model(grille).cpu().numpy()
plt.plot(grille.numpy(), courbe)
plt.plot(x.cpu(), y.cpu(), ".")
plt.show()
plt.close()
""",
)

IMAGES = notebook(
    START,
    """
images = torch.rand(12, 1, 6, 6)
labels = torch.randint(0, 2, (12,)).to(device)
model = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(48, 2)).to(device)
"""
    + ADAM,
    loop("nn.functional.cross_entropy(model(images), labels)", steps=10),
)

WORDS = notebook(
    DEPART,
    """
mots = torch.randint(0, 20, (16, 5))
cible = (mots > 10).float().mean(1, keepdim=True).to(device)
model = nn.Sequential(nn.Embedding(20, 4), nn.Flatten(), nn.Linear(20, 1)).to(device)
"""
    + ADAM,
    loop("F.mse_loss(model(mots), cible)", steps=10),
)

SERIES = notebook(
    START,
    """
series = torch.sin(torch.linspace(0, 6, 40)).reshape(4, 10, 1)

class Forecast(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(1, 8, batch_first=True)
        self.head = nn.Linear(8, 1)

    def forward(self, x):
        hidden, _ = self.gru(x)
        return self.head(hidden)

model = Forecast().to(device)
"""
    + ADAM,
    loop("nn.functional.mse_loss(model(series[:, :-1]), series[:, 1:].to(device))", steps=10),
)

PROGRAMS = (
    Program("all_data_forgotten", ALL_DATA, "mixed:input", "mat1 is on cpu"),
    Program("batch_forgotten", BATCH, "mixed:input", "mat1 is on cpu"),
    Program("batch_forgotten_in_evaluation", BATCH_IN_EVALUATION, "mixed:input", "mat1 is on cpu"),
    Program("input_moved_but_not_assigned", NOT_ASSIGNED, "mixed:input", "mat1 is on cpu"),
    Program("data_moved_but_not_assigned", NONE_ASSIGNED, "mixed:input", "mat1 is on cpu"),
    Program("new_example_forgotten", NEW_EXAMPLE, "mixed:input", "mat1 is on cpu"),
    Program("grid_of_plot_forgotten", CURVE, "mixed:input", "mat1 is on cpu"),
    Program("images_forgotten", IMAGES, "mixed:input", "Input type (torch.FloatTensor)"),
    Program("words_forgotten", WORDS, "mixed:input", "index is on cpu"),
    Program("series_forgotten", SERIES, "mixed:input", "input tensor at cpu"),
)
