"""Each rule makes the mistake that its name says, and nothing else of the line."""

from __future__ import annotations

import pytest

from grader.authoring.mutation.code import Code
from grader.authoring.mutation.rules import RULES


def mutations(text: str) -> dict[str, list[str]]:
    """By rule: the whole texts that it makes."""
    code = Code(text)
    found: dict[str, list[str]] = {}
    for rule in RULES:
        for edit in rule(code):
            found.setdefault(edit.rule, []).append(text[: edit.start] + edit.new + text[edit.end :])
    return found


@pytest.mark.parametrize(
    ("text", "rule", "expected"),
    [
        ("a = (b) + (c)", "arithmetic.operator", ["a = (b) - (c)"]),
        ("a = b * c", "arithmetic.operator", ["a = b / c"]),
        ("a = b**2", "arithmetic.operator", ["a = b*2"]),
        ("a = b**2", "arithmetic.exponent", ["a = b"]),
        ("w -= lr * g", "arithmetic.assignment", ["w += lr * g"]),
        ("w -= lr", "statements.update", ["pass"]),
        ("a = -b", "arithmetic.sign", ["a = b"]),
        ("é = 'é', b - c", "arithmetic.operator", ["é = 'é', b + c"]),
        ("a = b <= c < d", "logic.comparison", ["a = b < c < d", "a = b <= c <= d"]),
        ("if a:\n    b()", "logic.never", ["if False:\n    b()"]),
        ("if a:\n    b()", "logic.always", ["if True:\n    b()"]),
        ("a = b if c else d", "logic.first_branch", ["a = b"]),
        ("a = b if c else d", "logic.second_branch", ["a = d"]),
        ("a = f(True)", "logic.truth", ["a = f(False)"]),
        ("a = [0.0, 3, 0.1, 600]", "numbers.other", [
            "a = [1.0, 3, 0.1, 600]", "a = [0.0, 4, 0.1, 600]", "a = [0.0, 3, 0.01, 600]", "a = [0.0, 3, 0.1, 60]",
        ]),
        ("losses.append(loss)", "statements.call", ["pass"]),
        ("w.grad = None", "statements.assignment", ["pass"]),
        ("x = x.to(device)", "statements.assignment", ["pass"]),
        ("def f():\n    return a", "statements.return", ["def f():\n    return None"]),
        ("@staticmethod\ndef f(): ...", "statements.decorator", ["\ndef f(): ..."]),
        ("for _ in a:\n    b()\n    c()", "statements.order", ["for _ in a:\n    c()\n    b()"]),
        ("a = f(b, key=c)", "arguments.forgotten", ["a = f(b)"]),
        ("a = f(key=b, other=c)", "arguments.forgotten", ["a = f(other=c)", "a = f(key=b)"]),
        ("a = mse(y_pred, y)", "arguments.exchanged", ["a = mse(y, y_pred)"]),
        ("def f():\n    return a, b", "arguments.results", ["def f():\n    return b, a"]),
        ("for _ in range(n): ...", "loops.less", ["for _ in range(n - 1): ..."]),
        ("for _ in range(1, n): ...", "loops.more", ["for _ in range(1, n + 1): ..."]),
        ("for _ in range(n): ...", "loops.none", ["for _ in range(0): ..."]),
        ("L.Trainer(max_epochs=n)", "loops.less", ["L.Trainer(max_epochs=n - 1)"]),
        ("L.Trainer(max_epochs=n)", "loops.none", ["L.Trainer(max_epochs=0)"]),
        ("for a in reversed(b): ...", "loops.direction", ["for a in b: ..."]),
        ("for a in b:\n    break", "loops.exit", ["for a in b:\n    pass"]),
        ("a = (b + c).detach()", "autograd.detach", ["a = (b + c)"]),
        ("losses.append(loss.item())", "autograd.item", ["losses.append(loss)"]),
        ("a = float(b)", "autograd.float", ["a = b"]),
        ("a = b.clone().requires_grad_(True)", "autograd.requires_grad", ["a = b.clone()"]),
        ("with torch.no_grad():\n    a()", "autograd.no_grad", ["if True:\n    a()"]),
        ("loss.backward()", "autograd.cut", ["loss.detach().requires_grad_().backward()"]),
        ("a.grad += b", "autograd.overwritten", ["a.grad = b"]),
        ("o = torch.optim.Adam(p)", "optimizers.other", ["o = torch.optim.SGD(p)"]),
        ("o = SGD(m.parameters())", "optimizers.first_only", ["o = SGD(list(m.parameters())[:1])"]),
        ("o = SGD(m.parameters())", "optimizers.without_first", ["o = SGD(list(m.parameters())[1:])"]),
        (
            "for _ in a:\n    o.zero_grad()\n    loss()\n    o.step()\n    end()",
            "optimizers.early_step",
            ["for _ in a:\n    o.step()\n    o.zero_grad()\n    loss()\n    end()"],
        ),
        ("a = torch.sigmoid(b)", "networks.activation", ["a = torch.tanh(b)", "a = torch.relu(b)"]),
        ("a = torch.sigmoid(b)", "networks.no_activation", ["a = b"]),
        ("a = (b + c).sigmoid()", "networks.activation", ["a = (b + c).tanh()", "a = (b + c).relu()"]),
        ("a = (b + c).sigmoid()", "networks.no_activation", ["a = (b + c)"]),
        ("a = nn.Sigmoid()", "networks.activation", ["a = nn.Tanh()", "a = nn.ReLU()"]),
        ("a = nn.Sigmoid()", "networks.no_activation", ["a = nn.Identity()"]),
        ("a = nn.Linear(2, 1)", "networks.no_bias", ["a = nn.Linear(2, 1, bias=False)"]),
        ("a = f.mse_loss(b, c)", "networks.loss", ["a = f.l1_loss(b, c)"]),
        ("a = f.mse_loss(b, c)", "networks.loss_summed", ['a = f.mse_loss(b, c, reduction="sum")']),
        ("a = mse_loss(b, c, reduction='mean')", "networks.loss_reduction", ['a = mse_loss(b, c, reduction="sum")']),
        ("a = mse_loss(b, c, reduction='sum')", "networks.loss_reduction", ['a = mse_loss(b, c, reduction="mean")']),
        (
            "def forward(self, x):\n    return self.output(x)",
            "networks.layer_skipped",
            ["def forward(self, x):\n    return x"],
        ),
        (
            "def forward(self, x):\n    return self.output(x)",
            "networks.on_output",
            ["def forward(self, x):\n    return torch.sigmoid(self.output(x))"],
        ),
        ("a = ((b - c) ** 2).mean()", "tensors.mean", ["a = ((b - c) ** 2).sum()"]),
        ("a = (b * c).mean(dim=0)", "tensors.not_reduced", ["a = (b * c)"]),
        ("a = torch.zeros(2)", "tensors.zeros", ["a = torch.ones(2)"]),
        ("def f():\n    return w * x", "tensors.transposed", ["def f():\n    return (w * x).T"]),
        ("a = b.T @ c.t()", "tensors.not_transposed", ["a = b @ c.t()", "a = b.T @ c"]),
        ("a = b.reshape(-1, 1)", "tensors.shape", ["a = b"]),
    ],
)  # fmt: skip
def test_a_rule_makes_its_mistake(text: str, rule: str, expected: list[str]) -> None:
    assert mutations(text)[rule] == expected


def test_what_only_dresses_a_figure_stays() -> None:
    text = 'plt.figure(figsize=(5, 3.2))\nplt.xlabel("x")\nplt.plot(losses, color="red", label="a")'
    first, label, last = text.split("\n")
    dropped = [f"pass\n{label}\n{last}", f"{first}\n{label}\npass"]
    assert mutations(text) == {"statements.call": dropped}


def test_no_two_rules_have_the_same_name_for_different_families() -> None:
    assert len(set(RULES)) == len(RULES)
