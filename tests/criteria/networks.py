"""XOR networks as students write them: right ones by idiom, and wrong ones by mistake; source code of a cell."""

from __future__ import annotations

import textwrap

RIGHT = {
    "sequential": """
        class XORNet(nn.Module):
            def __init__(self):
                super().__init__()
                self.layers = nn.Sequential(nn.Linear(2, 2), nn.Sigmoid(), nn.Linear(2, 1))
            def forward(self, x):
                return self.layers(x)
    """,
    "function_that_makes_a_sequential": """
        def XORNet():
            return nn.Sequential(nn.Linear(2, 2), nn.Sigmoid(), nn.Linear(2, 1))
    """,
    "output_layer_declared_first": """
        class XORNet(nn.Module):
            def __init__(self):
                super().__init__()
                self.out = nn.Linear(2, 1)
                self.hidden = nn.Linear(2, 2)
            def forward(self, x):
                return self.out(torch.sigmoid(self.hidden(x)))
    """,
    "bare_parameters_transposed": """
        class XORNet(nn.Module):
            def __init__(self):
                super().__init__()
                self.w1 = nn.Parameter(torch.randn(2, 2))
                self.b1 = nn.Parameter(torch.zeros(2))
                self.w2 = nn.Parameter(torch.randn(2, 1))
                self.b2 = nn.Parameter(torch.zeros(1))
            def forward(self, x):
                return torch.sigmoid(x @ self.w1 + self.b1) @ self.w2 + self.b2
    """,
    "weights_before_biases_and_thresholds": """
        class XORNet(nn.Module):
            def __init__(self):
                super().__init__()
                self.w1 = nn.Parameter(torch.randn(2, 2))
                self.w2 = nn.Parameter(torch.randn(2))
                self.t1 = nn.Parameter(torch.zeros(2))
                self.t2 = nn.Parameter(torch.zeros(()))
            def forward(self, x):
                h = 1 / (1 + torch.exp(-(x @ self.w1.T - self.t1)))
                return (h @ self.w2 - self.t2).unsqueeze(1)
    """,
    "two_separate_neurons": """
        class XORNet(nn.Module):
            def __init__(self):
                super().__init__()
                self.a, self.b, self.c = nn.Linear(2, 1), nn.Linear(2, 1), nn.Linear(2, 1)
            def forward(self, x):
                h = torch.cat([self.a(x).sigmoid(), self.b(x).sigmoid()], dim=1)
                return self.c(h)
    """,
    "nine_scalars": """
        class XORNet(nn.Module):
            def __init__(self):
                super().__init__()
                for name in "abcdefghi":
                    setattr(self, name, nn.Parameter(torch.randn(())))
            def forward(self, x):
                u, v = x[:, 0], x[:, 1]
                h = torch.sigmoid(self.a + self.b * u + self.c * v)
                k = torch.sigmoid(self.d + self.e * u + self.f * v)
                return torch.stack([self.g + self.h * h + self.i * k], dim=1)
    """,
    "one_vector_of_nine": """
        class XORNet(nn.Module):
            def __init__(self):
                super().__init__()
                self.w = nn.Parameter(torch.randn(9))
            def forward(self, x):
                w = self.w
                h = torch.sigmoid(x @ w[:4].reshape(2, 2) + w[4:6])
                return h @ w[6:8].reshape(2, 1) + w[8]
    """,
    "column_of_ones_for_the_bias": """
        class XORNet(nn.Module):
            def __init__(self):
                super().__init__()
                self.w1 = nn.Parameter(torch.randn(3, 2))
                self.w2 = nn.Parameter(torch.randn(3, 1))
            def forward(self, x):
                one = torch.ones(len(x), 1)
                h = torch.sigmoid(torch.cat([one, x], 1) @ self.w1)
                return torch.cat([one, h], 1) @ self.w2
    """,
    "lazy_layers": """
        class XORNet(nn.Module):
            def __init__(self):
                super().__init__()
                self.hidden, self.out = nn.LazyLinear(2), nn.LazyLinear(1)
            def forward(self, x):
                return self.out(self.hidden(x).sigmoid())
    """,
    "sigmoid_through_tanh": """
        class XORNet(nn.Module):
            def __init__(self):
                super().__init__()
                self.hidden, self.out = nn.Linear(2, 2), nn.Linear(2, 1)
            def forward(self, x):
                return self.out((torch.tanh(self.hidden(x) / 2) + 1) / 2)
    """,
}


def layers(hidden: str, out: str, *forward: str, before: str = "") -> str:
    """A module with two layers and these lines in its `forward`."""
    text = f"""
        class XORNet(nn.Module):
            def __init__(self):
                super().__init__()
                self.hidden, self.out = {hidden}, {out}
        {before}
            def forward(self, x):
    """
    return textwrap.dedent(text) + "".join(f"        {line}\n" for line in forward)


def two_layers(*forward: str) -> str:
    return layers("nn.Linear(2, 2)", "nn.Linear(2, 1)", *forward)


PLAIN = "return self.out(torch.sigmoid(self.hidden(x)))"
