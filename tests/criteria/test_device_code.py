"""Devices chosen in many ways, and what the reading of the code makes of them."""

from __future__ import annotations

from typing import Literal

import pytest

from grader.criteria.device_code import Fault, Reading, read_devices
from grader.criteria.lightning_code import read_lightning
from grader.criteria.scopes import Code, read

CHOICE = 'device = torch.device("cuda" if torch.cuda.is_available() else "cpu")\n'
TRAIN = """
def train(x, y, lr, epochs, device="cpu"):
    x, y = x.to(device), y.to(device)
    w = torch.zeros(1, device=device, requires_grad=True)
    return w
"""
USE = "w = train(x, y, 0.1, 100, device=device)\n"


def code(*texts: str, given: tuple[str, ...] = ()) -> Code:
    return read([(index, text, text in given) for index, text in enumerate((*given, *texts))])


def reading(*texts: str, given: tuple[str, ...] = ()) -> Reading:
    return read_devices(code(*texts, given=given))


RIGHT = {
    "ternary": (CHOICE, TRAIN, USE),
    "first_gpu": (CHOICE.replace('"cuda"', '"cuda:0"'), TRAIN, USE),
    "word_only": ('device = "cuda" if torch.cuda.is_available() else "cpu"', TRAIN, USE),
    "if_else": (
        'if torch.cuda.is_available():\n    device = torch.device("cuda")\nelse:\n    device = torch.device("cpu")',
        TRAIN,
        USE,
    ),
    "if_alone": ('device = "cpu"\nif torch.cuda.is_available():\n    device = "cuda"', TRAIN, USE),
    "corrected": ('device = "cuda"\nif not torch.cuda.is_available():\n    device = "cpu"', TRAIN, USE),
    "flag": (
        'use_cuda = torch.cuda.is_available()\ndevice = torch.device("cuda" if use_cuda else "cpu")',
        TRAIN,
        USE,
    ),
    "count": ('device = "cuda" if torch.cuda.device_count() > 0 else "cpu"', TRAIN, USE),
    "accelerator": (
        'device = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else "cpu"',
        TRAIN,
        USE,
    ),
    "accelerator_alone": (
        'device = torch.accelerator.current_accelerator() or torch.device("cpu")',
        TRAIN,
        USE,
    ),
    "accelerator_type": (
        "device = torch.accelerator.current_accelerator().type if torch.accelerator.is_available() else 'cpu'",
        TRAIN,
        USE,
    ),
    "chain_with_mps": (
        'device = ("cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu")',
        TRAIN,
        USE,
    ),
    "elif_with_mps": (
        'if torch.cuda.is_available():\n    device = "cuda"\nelif torch.backends.mps.is_available():\n'
        '    device = "mps"\nelse:\n    device = "cpu"',
        TRAIN,
        USE,
    ),
    "and_or": ('device = torch.cuda.is_available() and "cuda" or "cpu"', TRAIN, USE),
    "dict": ('device = {True: "cuda", False: "cpu"}[torch.cuda.is_available()]', TRAIN, USE),
    "pair": ('device = torch.device(("cpu", "cuda")[torch.cuda.is_available()])', TRAIN, USE),
    "helper_function": (
        'def pick():\n    if torch.cuda.is_available():\n        return torch.device("cuda")\n'
        '    return torch.device("cpu")\ndevice = pick()',
        TRAIN,
        USE,
    ),
    "helper_that_leaves_early": (
        'def pick():\n    if not torch.cuda.is_available():\n        return "cpu"\n    return "cuda"',
        TRAIN,
        "w = train(x, y, 0.1, 100, device=pick())",
    ),
    "lambda": ('pick = lambda: "cuda" if torch.cuda.is_available() else "cpu"\ndevice = pick()', TRAIN, USE),
    "try": (
        'try:\n    device = torch.device("cuda")\n    torch.zeros(1, device=device)\n'
        'except Exception:\n    device = torch.device("cpu")',
        TRAIN,
        USE,
    ),
    "default_device": ('torch.set_default_device("cuda" if torch.cuda.is_available() else "cpu")',),
    "default_device_named": (CHOICE + "torch.set_default_device(device)",),
    "default_device_under_if": ('if torch.cuda.is_available():\n    torch.set_default_device("cuda")',),
    "with_device": (CHOICE + "with device:\n    x = torch.rand(3)",),
    "with_torch_device": (
        'with torch.device("cuda" if torch.cuda.is_available() else "cpu"):\n    x = torch.rand(3)',
    ),
    "cuda_under_if": (
        "model = nn.Linear(1, 1)\nif torch.cuda.is_available():\n    model.cuda()\n    x = x.cuda()",
    ),
    "cuda_under_flag": (
        "gpu = torch.cuda.is_available()\nif gpu:\n    model = model.cuda()\n    x = x.cuda()",
    ),
    "moved_in_place": (
        CHOICE,
        "def train(model, x, y):\n    model.to(device)\n    x, y = x.to(device), y.to(device)",
    ),
    "passed_by_position": (CHOICE, TRAIN, "w = train(x, y, 0.1, 100, device)"),
    "other_name": (CHOICE.replace("device =", "dev ="), TRAIN, "w = train(x, y, 0.1, 100, device=dev)"),
    "attribute": (
        "class Config:\n    def __init__(self):\n"
        '        self.device = "cuda" if torch.cuda.is_available() else "cpu"\ncfg = Config()',
        "x = torch.rand(3, device=cfg.device)",
    ),
    "keywords": (
        CHOICE + 'factory = {"device": device, "dtype": torch.float32}',
        "w = torch.zeros(1, **factory)",
    ),
    "inside_train": (
        "def train(x, y, lr, epochs, device=None):\n    if device is None:\n"
        '        device = "cuda" if torch.cuda.is_available() else "cpu"\n    x = x.to(device)\n    return x',
    ),
    "printed_and_compared": (
        CHOICE,
        TRAIN,
        USE
        + 'if device.type == "cuda":\n    print("cuda", torch.cuda.get_device_name(0))\nassert str(device) != "mps"',
    ),
    "inline": (TRAIN, 'w = train(x, y, 0.1, 9, device="cuda" if torch.cuda.is_available() else "cpu")'),
    "accelerate": ("accelerator = Accelerator()\ndevice = accelerator.device\nx = x.to(device)",),
    "magics": ("%matplotlib inline\n!nvidia-smi\n" + CHOICE, TRAIN, USE),
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_choice_is_read_as_such(name: str) -> None:
    found = reading(*RIGHT[name])
    assert (found.chosen, found.moved) == (True, True)
    assert found.fault("uncalled", "unguarded", "thrown_away", "unused_parameter") is None


def test_given_cells_may_do_the_moving_call() -> None:
    found = reading(CHOICE, TRAIN, given=(USE,))
    assert (found.chosen, found.moved) == (True, True)


def test_choice_in_a_given_cell_is_not_the_students() -> None:
    assert not reading(TRAIN, USE, given=(CHOICE,)).chosen


WRONG: dict[str, tuple[tuple[str, ...], Fault | Literal["no choice", "not moved"]]] = {
    "no_device_code": (
        ("def train(x, y, lr, epochs, **rest):\n    return x", "train(x, y, 1, 2)"),
        "no choice",
    ),
    "no_choice": ((TRAIN, "w = train(x, y, 0.1, 100)"), "no choice"),
    "uncalled": ((CHOICE.replace("available()", "available"), TRAIN, USE), "uncalled"),
    "uncalled_if": (
        ('if torch.cuda.is_available:\n    device = "cuda"\nelse:\n    device = "cpu"', TRAIN, USE),
        "uncalled",
    ),
    "cuda_unguarded": ((CHOICE, TRAIN, USE + "model = nn.Linear(1, 1).cuda()"), "unguarded"),
    "cuda_written_down": (('device = torch.device("cuda")', TRAIN, USE), "unguarded"),
    "cuda_as_keyword": (('w = torch.zeros(1, device="cuda:0")', TRAIN), "unguarded"),
    "cuda_as_default": ((TRAIN.replace('"cpu"', '"cuda"'),), "unguarded"),
    "cuda_only_asked_for": (
        ("print(torch.cuda.is_available())\ndevice = 'cuda'", TRAIN, USE),
        "unguarded",
    ),
    "cpu_written_down": (('device = torch.device("cpu")', TRAIN, USE), "hard_coded_cpu"),
    "cpu_as_word": (('device = "cpu"', TRAIN, USE), "hard_coded_cpu"),
    "never_used": (
        (CHOICE + "print(device)", "def train(x, y, lr, epochs):\n    return x"),
        "not moved",
    ),
    "only_handed_on": (
        (CHOICE, "def train(x, y, lr, epochs, device):\n    print(device)\n    return x", USE),
        "not moved",
    ),
    "parameter_unused": (
        (CHOICE + "x = x.to(device)", "def train(x, y, lr, epochs, device='cpu'):\n    return x", USE),
        "unused_parameter",
    ),
    "thrown_away": (
        (
            CHOICE,
            "def train(model, x, y):\n    model.to(device)\n    x.to(device)\n    y.to(device)\n    return x",
        ),
        "thrown_away",
    ),
    "thrown_away_at_top": (
        (
            CHOICE,
            "x, y = generate_data(100, 1, 2, 3, 4)\nx.to(device)\nmodel = nn.Linear(1, 1)\nmodel.to(device)",
        ),
        "thrown_away",
    ),
    "thrown_away_in_loop": (
        (CHOICE, "for xb, yb in loader:\n    xb.to(device)\n    model.to(device)"),
        "thrown_away",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_choice_is_named(name: str) -> None:
    texts, kind = WRONG[name]
    found = reading(*texts)
    if kind == "no choice":
        assert not found.chosen
    elif kind == "not moved":
        assert not found.moved
    else:
        assert found.fault(kind) is not None


@pytest.mark.parametrize(
    "texts",
    [
        ("device = eval('torch.device(0)')", TRAIN, USE),
        ("device = getattr(torch, 'device')(0)", TRAIN, USE),
        ("device = (torch.device 'cuda')", TRAIN, USE),
    ],
)
def test_code_that_hides_is_unclear(texts: tuple[str, ...]) -> None:
    assert reading(*texts).unclear


def test_eval_of_a_module_hides_nothing() -> None:
    assert not reading(TRAIN, "model.eval()\nw = train(x, y, 1, 2)").unclear


LIT = """
class LitXOR(L.LightningModule):
    def training_step(self, batch, batch_idx):
        x, y = batch
        return nn.functional.mse_loss(self(x), y)
"""
FIT = """
def fit(model, epochs=600):
    trainer = L.Trainer(max_epochs=epochs, logger=False{more})
    trainer.fit(model, DataLoader(TensorDataset(x, y), batch_size=4))
"""


@pytest.mark.parametrize(
    "texts",
    [
        (LIT, FIT.format(more="")),
        (LIT, FIT.format(more=', accelerator="auto", devices=1')),
        (LIT, FIT.format(more=', accelerator="gpu" if torch.cuda.is_available() else "cpu"')),
        (
            LIT.replace("x, y = batch", "x, y = batch\n        z = torch.zeros(1, device=self.device)"),
            FIT.format(more=""),
        ),
        (CHOICE + "print(device)", LIT, FIT.format(more="")),
        (LIT, FIT.format(more="") + "\nmodel.cpu()\nprint('cuda', model.device)"),
    ],
)
def test_lightning_that_places_everything_has_no_fault(texts: tuple[str, ...]) -> None:
    found = read_lightning(code(*texts))
    assert found.chosen
    assert found.faults == []


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        ((LIT, FIT.format(more=', accelerator="cpu"')), "cpu_accelerator"),
        ((LIT.replace("self(x)", 'self(x.to("cpu"))'), FIT.format(more="")), "device_in_module"),
        ((CHOICE, LIT.replace("self(x)", "self(x.to(device))"), FIT.format(more="")), "device_in_module"),
        (
            (CHOICE, LIT, FIT.format(more="").replace("fit(model, D", "fit(model.to(device), D")),
            "device_in_module",
        ),
        ((LIT, FIT.format(more=', accelerator="gpu"')), "unguarded"),
        ((LIT.replace("self(x)", "self(x.cuda())"), FIT.format(more="")), "unguarded"),
    ],
)
def test_device_written_into_lightning_is_named(texts: tuple[str, ...], kind: Fault) -> None:
    assert read_lightning(code(*texts)).fault(kind) is not None


def test_lightning_without_a_trainer_chooses_nothing() -> None:
    assert not read_lightning(code(LIT)).chosen


@pytest.mark.parametrize(
    ("head", "build"),
    [
        ("T = L.Trainer", "T(max_epochs=epochs{more})"),
        ("from lightning import Trainer as T", "T(max_epochs=epochs{more})"),
        ("make = functools.partial(L.Trainer, logger=False)", "make(max_epochs=epochs{more})"),
        ("make = functools.partial(L.Trainer, logger=False{more})", "make(max_epochs=epochs)"),
        ("class Mine(L.Trainer):\n    pass", "Mine(max_epochs=epochs{more})"),
        (
            "class Mine(L.Trainer):\n    def __init__(self, n):\n        super().__init__(max_epochs=n{more})",
            "Mine(epochs)",
        ),
        ("class Mine(L.Trainer):\n    pass\nclass Ours(Mine):\n    pass", "Ours(max_epochs=epochs{more})"),
        ("A, B = L.Trainer, L.LightningModule", "A(max_epochs=epochs{more})"),
        ("kinds = {'t': L.Trainer}", "kinds['t'](max_epochs=epochs{more})"),
        ("def kind():\n    return L.Trainer", "kind()(max_epochs=epochs{more})"),
        ("kind = lambda: L.Trainer", "kind()(max_epochs=epochs{more})"),
        ("", "getattr(L, 'Trainer')(max_epochs=epochs{more})"),
        ("class Tools:\n    kind = L.Trainer", "Tools.kind(max_epochs=epochs{more})"),
        ("", "(T := L.Trainer)(max_epochs=epochs{more})"),
    ],
)
def test_trainer_is_found_under_any_name(head: str, build: str) -> None:
    def found(more: str) -> Reading:
        fit = f"def fit(model, epochs=600):\n    {build}.fit(model)"
        return read_lightning(code(LIT, *(text.replace("{more}", more) for text in (head, fit))))

    assert found("").chosen
    assert found("").trains
    assert found("").faults == []
    assert found(', accelerator="cpu"').fault("cpu_accelerator") is not None


@pytest.mark.parametrize(
    "text",
    [
        "T = L.LightningModule\nT()",
        "x = torch.zeros(2)\ny = x.T\ny(1)",
        "from torch.optim import SGD as T\nT(model.parameters())",
        "class Mine(L.LightningModule):\n    def __init__(self):\n        super().__init__()",
    ],
)
def test_what_is_no_trainer_is_not_taken_for_one(text: str) -> None:
    assert not read_lightning(code(LIT, text)).chosen
