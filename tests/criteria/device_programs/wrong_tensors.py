"""Tensors made on the way stay on the CPU: in `forward`, in the loss, beside the training."""

from __future__ import annotations

from tests.criteria.device_programs.pieces import (
    ADAM,
    CLASSES,
    CLASSIFIER_MOVED,
    DEPART,
    MSE_LOOP,
    NETWORK_MOVED,
    START,
    XOR_MOVED,
    loop,
)
from tests.criteria.device_programs.program import Program, notebook

NOISE = notebook(
    START + XOR_MOVED,
    """
class Noisy(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(2, 8)
        self.out = nn.Linear(8, 1)

    def forward(self, x):
        h = torch.tanh(self.hidden(x))
        if self.training:
            h = h + 0.01 * torch.randn(h.shape)
        return self.out(h)

model = Noisy().to(device)
"""
    + ADAM,
    MSE_LOOP,
)

ONES_COLUMN = notebook(
    DEPART + XOR_MOVED,
    """
class AvecBiais(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(3, 1, bias=False)

    def forward(self, x):
        # une colonne de 1 pour le biais
        uns = torch.ones(x.size(0), 1)
        return self.lin(torch.cat([x, uns], dim=1))

model = AvecBiais().to(device)
"""
    + ADAM
    + loop("F.mse_loss(model(X), y)"),
)

POSITIONS = notebook(
    START,
    """
class Words(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(10, 4)
        self.places = nn.Embedding(5, 4)
        self.out = nn.Linear(4, 1)

    def forward(self, w):
        places = torch.arange(w.shape[1])
        return self.out((self.words(w) + self.places(places)).mean(1))

w = torch.randint(0, 10, (12, 5), device=device)
target = w.float().mean(1, keepdim=True)
model = Words().to(device)
"""
    + ADAM,
    loop("nn.functional.mse_loss(model(w), target)", steps=10),
)

INITIAL_STATE = notebook(
    DEPART,
    """
class Recurrent(nn.Module):
    def __init__(self, taille=6):
        super().__init__()
        self.taille = taille
        self.rnn = nn.RNN(1, taille, batch_first=True)
        self.sortie = nn.Linear(taille, 1)

    def forward(self, serie):
        h0 = torch.zeros(1, serie.size(0), self.taille)  # état initial
        etats, _ = self.rnn(serie, h0)
        return self.sortie(etats)

serie = torch.sin(torch.linspace(0, 6, 40)).reshape(4, 10, 1).to(device)
model = Recurrent().to(device)
"""
    + ADAM,
    loop("F.mse_loss(model(serie[:, :-1]), serie[:, 1:])", steps=10),
)

PLAIN_ATTRIBUTE = notebook(
    START + CLASSES,
    """
class Standardise(nn.Module):
    def __init__(self, data):
        super().__init__()
        self.mean = data.mean(0)
        self.std = data.std(0)
        self.net = nn.Linear(2, 3)

    def forward(self, x):
        return self.net((x - self.mean) / self.std)

model = Standardise(points).to(device)
points, labels = points.to(device), labels.to(device)
"""
    + ADAM,
    loop("nn.functional.cross_entropy(model(points), labels)"),
)

PLAIN_MASK = notebook(
    START + XOR_MOVED,
    """
class Masked(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(2, 4)
        self.out = nn.Linear(4, 1)
        self.mask = torch.tril(torch.ones(4, 2))

    def forward(self, x):
        weight = self.linear.weight * self.mask
        return self.out(torch.relu(x @ weight.T + self.linear.bias))

model = Masked().to(device)
"""
    + ADAM
    + MSE_LOOP,
)

CONSTANT = notebook(
    START + XOR_MOVED + NETWORK_MOVED + ADAM,
    """
importance = torch.tensor([[1.0], [2.0], [2.0], [1.0]])
losses = []
for epoch in range(20):
    output = model(X)
    loss = (importance * (output - y) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
""",
)

PENALTY = notebook(
    DEPART + XOR_MOVED + NETWORK_MOVED + ADAM,
    """
losses = []
for epoch in range(20):
    loss = F.mse_loss(model(X), y)
    # pénalité L2 à la main
    loss = loss + 1e-3 * sum(((p - torch.zeros(p.shape)) ** 2).sum() for p in model.parameters())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
""",
)

CLASS_WEIGHTS = notebook(
    START + CLASSES + CLASSIFIER_MOVED + ADAM,
    """
points, labels = points.to(device), labels.to(device)
weights = torch.tensor([1.0, 2.0, 1.0])
criterion = nn.CrossEntropyLoss(weight=weights)
""",
    loop("criterion(model(points), labels)"),
)

POSITIVE_WEIGHT = notebook(
    START + XOR_MOVED + NETWORK_MOVED + ADAM,
    """
criterion = nn.BCEWithLogitsLoss(pos_weight=torch.tensor([3.0]))
"""
    + loop("criterion(model(X), y)"),
)

TWO = "at least two devices, cuda:0 and cpu"

PROGRAMS = (
    Program("noise_in_forward", NOISE, "mixed:forward", TWO),
    Program("ones_in_forward", ONES_COLUMN, "mixed:forward", "is on cpu"),
    Program("positions_in_forward", POSITIONS, "mixed:forward", "index is on cpu"),
    Program("initial_state_in_forward", INITIAL_STATE, "mixed:forward", "hidden tensor at cpu"),
    Program("buffer_as_plain_attribute", PLAIN_ATTRIBUTE, "mixed:forward", TWO),
    Program("mask_as_plain_attribute", PLAIN_MASK, "mixed:forward", TWO),
    Program("constant_in_loss", CONSTANT, "mixed:loss", TWO),
    Program("penalty_in_loss", PENALTY, "mixed:loss", TWO),
    Program("class_weights_in_loss", CLASS_WEIGHTS, "mixed:loss", "weight is on cpu"),
    Program("positive_weight_in_loss", POSITIVE_WEIGHT, "mixed:loss", TWO),
)
