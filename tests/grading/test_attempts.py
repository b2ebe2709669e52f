"""What is an attempt, and what a stub, by the code alone."""

from __future__ import annotations

import pytest

from grader.grading.attempts import is_attempted
from grader.model.evidence import SourceCell

HANDOUT = {
    "mse": 'def mse(y_pred, y):\n    """The loss."""\n    # Votre code\n    raise NotImplementedError("à compléter")',
    "device": 'raise NotImplementedError("à compléter")',
}

STUBS = (
    HANDOUT["mse"],
    'def mse(y_pred, y):\n    """The loss."""',
    "def mse(y_pred, y):\n    pass",
    "def mse(y_pred, y):\n    ...",
    "def mse(y_pred, y):\n    return",
    "def mse(y_pred, y): return 0",
    "def mse(y_pred, y):\n    return torch.tensor(0.0)",
    "def mse(y_pred, y):\n    return y_pred",
    "def mse(y_pred, y):\n    return y_pred, y",
    "def mse(y_pred, y):\n    loss = y_pred\n    return loss.clone()",
    "def mse(y_pred, y):\n    y = y.to('cpu')\n    raise ValueError(y)",
    "def mse(y_pred, y):\n    print(y_pred, y)",
    "def mse(y_pred, y):\n    return torch.zeros(1, device=y.device)",
    "mse = lambda y_pred, y: 0.0",
    "mse = None",
    "mse = ...",
    "",
    "# mse = ((y_pred - y) ** 2).mean()",
    "x = 3",
    "raise ValueError",
    "pass",
)
ATTEMPTS = (
    "def mse(y_pred, y):\n    return ((y_pred - y) ** 2).mean().sqrt()",
    "def mse(y_pred, y):\n    print(((y_pred - y) ** 2).mean())",
    "def mse(y_pred, y):\n    loss = ((y_pred - y) ** 2).mean()\n    raise NotImplementedError",
    "def mse(a, b):\n    u, v = a, b\n    return u - v",
    "def mse(a, b):\n    pair = (a.cpu(), b.cpu())\n    return abs(pair[0])",
    "def mse(a, b):\n    total = 0\n    for p, q in zip(a, b):\n        total += (p - q) ** 2\n    return total",
    "def mse(*both):\n    return nn.functional.l1_loss(*both)",
    "mse = nn.L1Loss()",
    "mse = lambda y_pred, y: (y_pred - y).sum()",
    "from torch.nn.functional import l1_loss as mse",
    "def MSE(y_pred, y):\n    return ((y_pred - y) ** 2).mean()",
    "def mse(y_pred, y:\n    return ((y_pred - y) ** 2).mean()",
    "%%time\ndef mse(y_pred, y):\n    return (y_pred - y).sum()",
)


def attempted(text: str, name: str = "mse", home: str = "mse") -> bool:
    return is_attempted(name, home, [SourceCell(index=0, grade_id=home, text=text)], HANDOUT)


@pytest.mark.parametrize("text", STUBS)
def test_a_stub_or_a_blank_is_no_attempt(text: str) -> None:
    assert not attempted(text)


@pytest.mark.parametrize("text", ATTEMPTS)
def test_what_works_on_its_inputs_is_an_attempt_whether_right_or_not(text: str) -> None:
    assert attempted(text)


def test_a_name_is_found_where_the_grade_id_is_gone() -> None:
    cell = SourceCell(index=3, grade_id=None, text=ATTEMPTS[0])
    assert is_attempted("mse", "mse", [cell], HANDOUT)
    assert not is_attempted("mse", "mse", [], HANDOUT)


def test_a_value_and_a_function_of_nothing_are_attempts_where_something_is_made() -> None:
    assert attempted('device = "cuda"', "device", "device")
    assert attempted("if True:\n    device = torch.device('cuda')", "device", "device")
    assert not attempted(HANDOUT["device"], "device", "device")
    assert attempted("def make_xor(device):\n    return torch.zeros(4, 2)", "make_xor", "data")
    assert not attempted("def make_xor(device):\n    return None, None", "make_xor", "data")


CLASS = """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        {init}

    def forward(self, x):
        {forward}
"""


def test_a_class_is_tried_by_a_method_and_each_of_its_methods_for_itself() -> None:
    empty = CLASS.format(init="pass", forward="return x")
    layered = CLASS.format(init="self.layer = nn.Linear(2, 1)", forward="raise NotImplementedError")
    formula = CLASS.format(init="pass", forward="return self.layer(x)")
    assert [attempted(text, "Net") for text in (empty, layered, formula)] == [False, True, True]
    assert [attempted(text, "Net.forward") for text in (empty, layered, formula)] == [False, False, True]
    assert [attempted(text, "Net.__init__") for text in (empty, layered, formula)] == [False, True, False]
    assert not attempted(layered, "Net.training_step")
