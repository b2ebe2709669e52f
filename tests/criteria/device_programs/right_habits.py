"""Modules, batches, files and plots treated well where there is a device."""

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
    XOR_MOVED,
    loop,
)
from tests.criteria.device_programs.program import Program, notebook

DEVICE_OF_INPUT = notebook(
    START + XOR_MOVED,
    """
class Noisy(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))

    def forward(self, x):
        noise = 0.01 * torch.ones(x.shape, device=x.device)
        return self.net(x + noise) + torch.zeros_like(x[:, :1])

model = Noisy().to(device)
"""
    + ADAM,
    MSE_LOOP,
)

BUFFER = notebook(
    DEPART,
    LINE,
    """
class Normalise(nn.Module):
    def __init__(self, x):
        super().__init__()
        # un buffer suit le modèle sur le GPU
        self.register_buffer("mean", x.mean(0))
        self.register_buffer("std", x.std(0))
        self.linear = nn.Linear(1, 1)

    def forward(self, x):
        return self.linear((x - self.mean) / self.std)

model = Normalise(x).to(device)
x, y = x.to(device), y.to(device)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
""",
    loop("F.mse_loss(model(x), y)"),
)

SCALAR_IN_LOSS = notebook(
    START + XOR_MOVED + NETWORK_MOVED + ADAM,
    """
penalty = torch.tensor(1e-3)  # a single number may stay on the CPU
losses = []
for epoch in range(20):
    squares = sum((p ** 2).sum() for p in model.parameters())
    loss = nn.functional.mse_loss(model(X), y) + penalty * squares
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
""",
)

PINNED_LOADER = notebook(
    START + CLASSES,
    """
from torch.utils.data import DataLoader, TensorDataset

loader = DataLoader(TensorDataset(points, labels), batch_size=12, shuffle=True,
                    pin_memory=torch.cuda.is_available())
"""
    + CLASSIFIER_MOVED
    + ADAM,
    """
losses = []
for epoch in range(6):
    total = 0.0
    for xb, yb in loader:
        xb = xb.to(device, non_blocking=True)
        yb = yb.to(device, non_blocking=True)
        loss = nn.functional.cross_entropy(model(xb), yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(xb)
    losses.append(total / len(points))
""",
    """
model.eval()
correct = 0
with torch.no_grad():
    for xb, yb in loader:
        xb, yb = xb.to(device), yb.to(device)
        correct += (model(xb).argmax(1) == yb).sum().item()
print(f"accuracy {correct / len(points):.2f}")
""",
)

MIXED_PRECISION = notebook(
    START + XOR_MOVED + NETWORK_MOVED + ADAM,
    """
use_amp = device.type == "cuda"
scaler = torch.amp.GradScaler(device.type, enabled=use_amp)
losses = []
for epoch in range(20):
    optimizer.zero_grad()
    with torch.autocast(device_type=device.type, dtype=torch.float16, enabled=use_amp):
        loss = nn.functional.mse_loss(model(X), y)
    scaler.scale(loss).backward()
    scaler.step(optimizer)
    scaler.update()
    losses.append(loss.item())
""",
)

BFLOAT16 = notebook(
    DEPART + XOR_MOVED + NETWORK_MOVED + ADAM,
    """
losses = []
for epoch in range(15):
    optimizer.zero_grad()
    # précision mixte, sur CPU comme sur GPU
    with torch.autocast(device, dtype=torch.bfloat16):
        sortie = model(X)
    loss = F.mse_loss(sortie.float(), y)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
""",
)

MAP_LOCATION = notebook(
    START + XOR_MOVED + NETWORK_MOVED + ADAM,
    MSE_LOOP,
    """
torch.save(model.state_dict(), "model.pt")

again = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1)).to(device)
again.load_state_dict(torch.load("model.pt", map_location=device))
print(torch.allclose(again(X), model(X)))
""",
)

PLOTS_ON_HOST = notebook(
    DEPART
    + """
import numpy as np
import matplotlib.pyplot as plt
"""
    + LINE,
    """
model = nn.Sequential(nn.Linear(1, 8), nn.Tanh(), nn.Linear(8, 1)).to(device)
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
x, y = x.to(device), y.to(device)
"""
    + loop("F.mse_loss(model(x), y)"),
    """
with torch.no_grad():
    prediction = model(x).cpu().numpy()
print("erreur maximale", np.abs(prediction - y.cpu().numpy()).max())

fig, (gauche, droite) = plt.subplots(1, 2)
gauche.plot(losses)
droite.scatter(x.cpu(), y.cpu())
droite.plot(x.cpu().numpy(), prediction, color="red")
plt.show()
plt.close()
""",
)

LOSSES_AT_END = notebook(
    START + XOR_MOVED + NETWORK_MOVED + ADAM,
    loop("nn.functional.mse_loss(model(X), y)", "loss.detach()")
    + """
losses = torch.stack(losses).tolist()  # one copy instead of twenty
print(losses[-1])
""",
)

CONVOLUTION = notebook(
    START,
    """
images = torch.rand(12, 1, 8, 8)
labels = torch.randint(0, 2, (12,))
images[labels == 1, :, :, :4] += 1.0

model = nn.Sequential(
    nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.2),
    nn.Flatten(), nn.Linear(36, 2),
).to(device)
"""
    + ADAM,
    loop("nn.CrossEntropyLoss()(model(images.to(device)), labels.to(device))", steps=10),
)

LSTM = notebook(
    DEPART,
    """
class Compteur(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(5, 4)
        self.lstm = nn.LSTM(4, 6, batch_first=True)
        self.sortie = nn.Linear(6, 1)

    def forward(self, mots):
        h0 = torch.zeros(1, len(mots), 6, device=mots.device)
        _, (h, _) = self.lstm(self.embedding(mots), (h0, h0.clone()))
        return self.sortie(h[-1])

mots = torch.randint(0, 5, (16, 7)).to(device)
cible = (mots == 2).sum(1, keepdim=True).float()
model = Compteur().to(device)
"""
    + ADAM,
    loop("F.mse_loss(model(mots), cible)", steps=10),
)

ENCODER = notebook(
    START,
    """
layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, dropout=0.0)
model = nn.TransformerEncoder(layer, 2).to(device)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
series = torch.rand(4, 6, 8, device=device)
padding = torch.arange(6, device=device) >= torch.tensor([[6], [4], [3], [2]], device=device)
""",
    loop("model(series, src_key_padding_mask=padding).pow(2).mean()", steps=10),
    """
model.eval()
with torch.no_grad():
    features = model(series, src_key_padding_mask=padding)
print(features.shape)
""",
)

MEMORY_FIGURES = notebook(
    START + XOR_MOVED + NETWORK_MOVED + ADAM,
    loop("nn.functional.mse_loss(model(X), y)"),
    """
if torch.cuda.is_available():
    used, most = torch.cuda.memory_allocated(), torch.cuda.max_memory_allocated()
    print(f"{most / used:.2f} times what is used now, {used / torch.cuda.memory_reserved():.1%} of what is held")
    print(torch.cuda.memory_stats()["allocated_bytes.all.peak"] // used)
    print(torch.cuda.memory_summary())
""",
)

PROGRAMS = (
    Program("device_of_the_input", DEVICE_OF_INPUT, "ok", ""),
    Program("registered_buffer", BUFFER, "ok", ""),
    Program("host_scalar_in_loss", SCALAR_IN_LOSS, "ok", ""),
    Program("pinned_loader", PINNED_LOADER, "ok", ""),
    Program("mixed_precision", MIXED_PRECISION, "ok", ""),
    Program("bfloat16_on_both", BFLOAT16, "ok", ""),
    Program("checkpoint_with_map_location", MAP_LOCATION, "ok", ""),
    Program("plots_on_host", PLOTS_ON_HOST, "ok", ""),
    Program("losses_copied_at_end", LOSSES_AT_END, "ok", ""),
    Program("convolution", CONVOLUTION, "ok", ""),
    Program("lstm_with_own_state", LSTM, "ok", ""),
    Program("encoder_with_padding", ENCODER, "ok", ""),
    Program("figures_of_memory", MEMORY_FIGURES, "ok", ""),
)
