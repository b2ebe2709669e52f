"""What CUDA refuses for the kind of a tensor: a copy that is no leaf, lengths, pinned memory, dtypes."""

from __future__ import annotations

from tests.criteria.device_programs.pieces import ADAM, DEPART, LINE, NETWORK_MOVED, START, XOR_MOVED, loop
from tests.criteria.device_programs.program import Program, notebook

LEAF_OF_OPTIMIZER = notebook(
    START + LINE,
    """
x, y = x.to(device), y.to(device)
w = torch.zeros(1, requires_grad=True).to(device)
b = torch.zeros(1, requires_grad=True).to(device)
optimizer = torch.optim.SGD([w, b], lr=0.1)
"""
    + loop("((w * x + b - y) ** 2).mean()"),
)

LEAF_BY_HAND = notebook(
    DEPART + LINE,
    """
import warnings
warnings.simplefilter("ignore")
x, y = x.to(device), y.to(device)
w = torch.zeros(1, requires_grad=True).to(device)
b = torch.zeros(1, requires_grad=True).to(device)
losses = []
for epoch in range(20):
    loss = ((w * x + b - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
        b -= 0.1 * b.grad
    w.grad.zero_()
    b.grad.zero_()
    losses.append(loss.item())
""",
)

LENGTHS = notebook(
    START,
    """
class Counter(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(2, 6, batch_first=True)
        self.out = nn.Linear(6, 1)

    def forward(self, x, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        return self.out(self.rnn(packed)[1][-1])

lengths = torch.randint(1, 6, (12,)).to(device)
series = torch.rand(12, 5, 2, device=device)
target = lengths.float().unsqueeze(1)
model = Counter().to(device)
"""
    + ADAM,
    loop("nn.functional.mse_loss(model(series, lengths), target)", steps=10),
)

PINNED = notebook(
    START + XOR_MOVED + NETWORK_MOVED + ADAM,
    """
if torch.cuda.is_available():
    X, y = X.pin_memory(), y.pin_memory()
"""
    + loop("nn.functional.mse_loss(model(X), y)"),
)

HALF_AND_FLOAT = notebook(
    START + XOR_MOVED,
    """
hidden = nn.Sequential(nn.Linear(2, 8), nn.Tanh()).to(device)
out = nn.Linear(8, 1).to(device)
optimizer = torch.optim.Adam([*hidden.parameters(), *out.parameters()], lr=0.05)
use_amp = device.type == "cuda"
losses = []
for epoch in range(10):
    with torch.autocast(device.type, dtype=torch.float16, enabled=use_amp):
        features = nn.functional.linear(X, hidden[0].weight)
    loss = nn.functional.mse_loss(out(features), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
""",
)

PROBABILITIES = notebook(
    START + XOR_MOVED + NETWORK_MOVED + ADAM,
    """
criterion = nn.BCELoss()
losses = []
for epoch in range(10):
    with torch.autocast(device.type, enabled=device.type == "cuda"):
        loss = criterion(torch.sigmoid(model(X)), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
""",
)

INTEGERS = notebook(
    START + XOR_MOVED + NETWORK_MOVED + ADAM,
    loop("nn.functional.mse_loss(model(X), y)"),
    """
confusion = (y.long().T @ (model(X) > 0.5).long()).item()
""",
)

DOT_OF_INTEGERS = notebook(
    START + XOR_MOVED + NETWORK_MOVED + ADAM,
    loop("nn.functional.mse_loss(model(X), y)"),
    """
correct = torch.dot(y.long().flatten(), (model(X) > 0.5).long().flatten()).item()
""",
)

PROGRAMS = (
    Program("leaf_lost_for_optimizer", LEAF_OF_OPTIMIZER, "moved_after_requires_grad", "non-leaf Tensor"),
    Program("leaf_lost_by_hand", LEAF_BY_HAND, "moved_after_requires_grad", "NoneType"),
    Program("lengths_moved", LENGTHS, "lengths_on_gpu", "should be a 1D CPU int64 tensor"),
    Program("pinned_after_the_move", PINNED, "pinned_on_gpu", "only dense CPU tensors can be pinned"),
    Program("half_meets_float", HALF_AND_FLOAT, "mixed_precision", "same dtype"),
    Program("probabilities_under_autocast", PROBABILITIES, "mixed_precision", "unsafe to autocast"),
    Program("product_of_integers", INTEGERS, "integer_product", "addmm_cuda"),
    Program("dot_of_integers", DOT_OF_INTEGERS, "integer_product", '"dot" not implemented'),
)
