"""The tests that the other graders run: what our rubrics ask where it can be said by `assert`s in the notebook."""

from __future__ import annotations

from typing import NamedTuple


class Check(NamedTuple):
    """One test, in names of the notebook."""

    name: str
    points: int
    needs: tuple[str, ...]
    code: str


CHECKS: dict[str, tuple[Check, ...]] = {
    "03_XOR_pytorch": (
        Check(
            "data",
            1,
            ("torch", "make_xor"),
            """\
x, y = make_xor()
assert x.shape == (4, 2) and y.shape == (4, 1)
assert sorted(torch.cat([x, y], 1).tolist()) == [[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]]
""",
        ),
        Check(
            "network",
            4,
            ("torch", "XORNet"),
            """\
net = XORNet()
assert sum(p.numel() for p in net.parameters()) == 9
assert net(torch.rand(5, 2)).shape == (5, 1)
""",
        ),
        Check(
            "history",
            5,
            ("torch", "nn", "make_xor", "train"),
            """\
net = nn.Sequential(nn.Linear(2, 2), nn.Sigmoid(), nn.Linear(2, 1))
x, y = make_xor()
first = nn.functional.mse_loss(net(x), y).item()
before = [p.detach().clone() for p in net.parameters()]
told = train(net, x, y, lr=0.05, epochs=3)
assert len(told) == 3 and abs(float(told[0]) - first) < 1e-4
assert all(not torch.equal(p, q) for p, q in zip(net.parameters(), before))
""",
        ),
        Check(
            "learns",
            4,
            ("torch", "nn", "make_xor", "XORNet", "train"),
            """\
for start in range(12):
    torch.manual_seed(start)
    net = XORNet()
    x, y = make_xor()
    train(net, x, y)
    loss = nn.functional.mse_loss(net(x), y).item()
    if loss <= 0.01:
        break
assert loss <= 0.01
""",
        ),
        Check(
            "losses",
            2,
            ("torch", "nn", "make_xor", "model", "losses"),
            """\
x, y = make_xor()
loss = nn.functional.mse_loss(model.cpu()(x), y).item()
assert len(losses) > 1 and abs(float(losses[-1]) - loss) < 0.01
""",
        ),
    ),
    "03_XOR_lightning": (
        Check(
            "network",
            3,
            ("torch", "LitXOR"),
            """\
net = LitXOR()
assert sum(p.numel() for p in net.parameters()) == 9
assert net(torch.rand(5, 2)).shape == (5, 1)
""",
        ),
        Check(
            "step",
            3,
            ("torch", "nn", "LitXOR", "x", "y"),
            """\
net = LitXOR()
net.log = lambda *args, **kwargs: None
loss = net.training_step((x, y), 0)
assert abs(loss.item() - nn.functional.mse_loss(net(x), y).item()) < 1e-5
""",
        ),
        Check(
            "optimizer",
            1,
            ("LitXOR",),
            """\
assert LitXOR().configure_optimizers() is not None
""",
        ),
        Check(
            "history",
            4,
            ("torch", "LitXOR", "fit"),
            """\
net = LitXOR()
before = [p.detach().clone() for p in net.parameters()]
told = fit(net, epochs=3)
assert len(told) == 3
assert all(not torch.equal(p, q) for p, q in zip(net.parameters(), before))
""",
        ),
        Check(
            "learns",
            4,
            ("torch", "nn", "LitXOR", "fit", "x", "y"),
            """\
for start in range(12):
    torch.manual_seed(start)
    net = LitXOR()
    fit(net)
    loss = nn.functional.mse_loss(net(x), y).item()
    if loss <= 0.01:
        break
assert loss <= 0.01
""",
        ),
        Check(
            "losses",
            2,
            ("nn", "model", "losses", "x", "y"),
            """\
loss = nn.functional.mse_loss(model(x), y).item()
assert len(losses) > 1 and abs(float(losses[-1]) - loss) < 0.01
""",
        ),
    ),
}
