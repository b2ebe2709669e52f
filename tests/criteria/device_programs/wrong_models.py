"""The model, or a piece of it, stays on the CPU."""

from __future__ import annotations

from tests.criteria.device_programs.pieces import (
    ADAM,
    CLASS_NETWORK,
    CLASSES,
    DEPART,
    LINE,
    MSE_LOOP,
    NETWORK,
    NETWORK_MOVED,
    START,
    XOR_MOVED,
    loop,
)
from tests.criteria.device_programs.program import Program, notebook

SEQUENTIAL = notebook(START, XOR_MOVED, NETWORK + ADAM, MSE_LOOP)

OWN_CLASS = notebook(
    DEPART + CLASS_NETWORK,
    XOR_MOVED
    + """
model = Net()
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)

losses = []
for epoque in range(20):
    # passe avant
    sortie = model(X)
    loss = criterion(sortie, y)
    # passe arrière
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
""",
)

PLAIN_LIST = notebook(
    START + XOR_MOVED,
    """
class Deep(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers = [nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])]
        self.out = nn.Linear(sizes[-1], 1)

    def forward(self, x):
        for layer in self.layers:
            x = torch.tanh(layer(x))
        return self.out(x)

model = Deep([2, 8, 8]).to(device)
"""
    + ADAM,
    MSE_LOOP,
)

PLAIN_DICT = notebook(
    DEPART + XOR_MOVED,
    """
class Blocs(nn.Module):
    def __init__(self):
        super().__init__()
        self.entree = nn.Linear(2, 8)
        # un dictionnaire ordinaire, pas nn.ModuleDict
        self.blocs = {"cachee": nn.Linear(8, 8), "sortie": nn.Linear(8, 1)}

    def forward(self, x):
        x = F.relu(self.entree(x))
        x = F.relu(self.blocs["cachee"](x))
        return self.blocs["sortie"](x)

model = Blocs().to(device)
"""
    + ADAM
    + loop("F.mse_loss(model(X), y)"),
)

BACK_FOR_EVALUATION = notebook(
    START + XOR_MOVED + NETWORK_MOVED + ADAM,
    MSE_LOOP,
    """
# evaluation
model.eval()
model.cpu()
with torch.no_grad():
    predictions = (model(X) > 0.5).float()
accuracy = (predictions == y).float().mean().item()
print("accuracy", accuracy)
""",
)

BACK_FOR_SAVING = notebook(
    START + XOR_MOVED + NETWORK_MOVED + ADAM,
    """
losses = []
for epoch in range(20):
    loss = nn.functional.mse_loss(model(X), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
    if epoch % 5 == 4:
        torch.save(model.to("cpu").state_dict(), f"epoch{epoch}.pt")
""",
)

NEW_HEAD = notebook(
    START
    + XOR_MOVED
    + """
model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 4)).to(device)

# replace the last layer for our task
model[2] = nn.Linear(8, 1)
"""
    + ADAM,
    MSE_LOOP,
)

DECODER = notebook(
    START + CLASSES,
    """
encoder = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1)).to(device)
decoder = nn.Sequential(nn.Linear(1, 8), nn.Tanh(), nn.Linear(8, 2))
points = points.to(device)
optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=0.01)
""",
    loop("nn.functional.mse_loss(decoder(encoder(points)), points)"),
)

WEIGHTS_BY_HAND = notebook(
    DEPART + LINE,
    """
x, y = x.to(device), y.to(device)
w = torch.zeros(1, 1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)

losses = []
for i in range(30):
    prediction = torch.matmul(x, w) + b
    loss = ((prediction - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        for p in (w, b):
            p -= 0.1 * p.grad
            p.grad = None
    losses.append(loss.item())
""",
)

CONVOLUTION = notebook(
    START,
    """
images = torch.rand(12, 1, 6, 6, device=device)
labels = torch.randint(0, 2, (12,), device=device)
model = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(48, 2))
"""
    + ADAM,
    loop("nn.functional.cross_entropy(model(images), labels)", steps=10),
)

EMBEDDING = notebook(
    DEPART,
    """
# des phrases de 5 mots, numérotés de 0 à 19
mots = torch.randint(0, 20, (16, 5)).to(device)
cible = (mots > 10).float().mean(1, keepdim=True)
model = nn.Sequential(nn.Embedding(20, 4), nn.Flatten(), nn.Linear(20, 1))
"""
    + ADAM,
    loop("F.mse_loss(model(mots), cible)", steps=10),
)

LSTM = notebook(
    START,
    """
series = torch.sin(torch.linspace(0, 6, 40)).reshape(4, 10, 1).to(device)
lstm = nn.LSTM(1, 8, batch_first=True)
head = nn.Linear(8, 1).to(device)
optimizer = torch.optim.Adam([*lstm.parameters(), *head.parameters()], lr=0.02)

losses = []
for epoch in range(10):
    hidden, _ = lstm(series[:, :-1])
    loss = nn.functional.mse_loss(head(hidden), series[:, 1:])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
""",
)

PROGRAMS = (
    Program("model_forgotten_sequential", SEQUENTIAL, "mixed:model", "mat1 is on cuda:0"),
    Program("model_forgotten_own_class", OWN_CLASS, "mixed:model", "mat1 is on cuda:0"),
    Program("layers_in_plain_list", PLAIN_LIST, "mixed:model", "mat1 is on cuda:0"),
    Program("layers_in_plain_dict", PLAIN_DICT, "mixed:model", "mat1 is on cuda:0"),
    Program("model_back_for_evaluation", BACK_FOR_EVALUATION, "mixed:model", "mat1 is on cuda:0"),
    Program("model_back_for_saving", BACK_FOR_SAVING, "mixed:model", "mat1 is on cuda:0"),
    Program("new_head_after_move", NEW_HEAD, "mixed:model", "mat1 is on cuda:0"),
    Program("decoder_forgotten", DECODER, "mixed:model", "mat1 is on cuda:0"),
    Program("weights_by_hand_forgotten", WEIGHTS_BY_HAND, "mixed:model", "mat2 is on cpu"),
    Program("model_forgotten_convolution", CONVOLUTION, "mixed:model", "weight type (torch.FloatTensor)"),
    Program("model_forgotten_embedding", EMBEDDING, "mixed:model", "index is on cuda:0"),
    Program("model_forgotten_lstm", LSTM, "mixed:model", "parameter tensor at cpu"),
)
