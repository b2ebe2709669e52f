"""Devices chosen in many ways, run on the CPU and read."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from grader.criteria.device import Device
from grader.model.evidence import Evidence
from grader.model.verdict import Verdict
from tests.criteria.builders import answered, cells, evidence, leaf, make, raised, words

CHOICE = 'device = torch.device("cuda" if torch.cuda.is_available() else "cpu")\n'
TRAIN = """
def train(x, y, lr, epochs, device="cpu"):
    x, y = x.to(device), y.to(device)
    w = torch.zeros(1, device=device, requires_grad=True)
    return w
"""
USE = "w = train(x, y, 0.1, 100, device=device)\n"


def criterion(**parameters: Any) -> Device:
    return make(
        Device,
        **({"calls": ["train(torch.zeros(4, 1), torch.ones(4, 1), 0.1, 2, device=device)"]} | parameters),
    )


def seen(*texts: str, given: tuple[str, ...] = (), ran: bool = True) -> Evidence:
    probes = ["task.word/word0", "task.word/object0"]
    student = [
        answered(p, leaf([1.0])) if ran else raised(p, "RuntimeError", "No CUDA GPUs are available")
        for p in probes
    ]
    handout = {f"given{index}": text for index, text in enumerate(given)}
    return evidence(
        student, [answered(p, leaf([1.0])) for p in probes], source=cells(*given, *texts), handout=handout
    )


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
def test_right_choice_is_accepted(name: str) -> None:
    judgement = criterion().judge(seen(*RIGHT[name]))
    assert judgement.verdict is Verdict.ACCEPTED, words(judgement)
    assert "without a GPU" in words(judgement)


def test_given_cells_may_do_the_moving_call() -> None:
    assert criterion().judge(seen(CHOICE, TRAIN, given=(USE,))).verdict is Verdict.ACCEPTED


WRONG = {
    "no_device_code": (
        ("def train(x, y, lr, epochs, **rest):\n    return x", "train(x, y, 1, 2)"),
        "Nothing",
        "0",
    ),
    "no_choice": ((TRAIN, "w = train(x, y, 0.1, 100)"), "Nothing in the code chooses", "0.5"),
    "uncalled": ((CHOICE.replace("available()", "available"), TRAIN, USE), "not called", "0"),
    "uncalled_if": (
        ('if torch.cuda.is_available:\n    device = "cuda"\nelse:\n    device = "cpu"', TRAIN, USE),
        "not called",
        "0",
    ),
    "cuda_unguarded": ((CHOICE, TRAIN, USE + "model = nn.Linear(1, 1).cuda()"), "without asking", "0"),
    "cuda_written_down": (('device = torch.device("cuda")', TRAIN, USE), "without asking", "0"),
    "cuda_as_keyword": (('w = torch.zeros(1, device="cuda:0")', TRAIN), "without asking", "0"),
    "cuda_as_default": ((TRAIN.replace('"cpu"', '"cuda"'),), "without asking", "0"),
    "cuda_only_asked_for": (
        ("print(torch.cuda.is_available())\ndevice = 'cuda'", TRAIN, USE),
        "without asking",
        "0",
    ),
    "cpu_written_down": (('device = torch.device("cpu")', TRAIN, USE), "CPU is written down", "0.5"),
    "cpu_as_word": (('device = "cpu"', TRAIN, USE), "CPU is written down", "0.5"),
    "never_used": (
        (CHOICE + "print(device)", "def train(x, y, lr, epochs):\n    return x"),
        "nothing is ever moved",
        "0.5",
    ),
    "only_handed_on": (
        (CHOICE, "def train(x, y, lr, epochs, device):\n    print(device)\n    return x", USE),
        "nothing is ever moved",
        "0.5",
    ),
    "parameter_unused": (
        (CHOICE + "x = x.to(device)", "def train(x, y, lr, epochs, device='cpu'):\n    return x", USE),
        "never uses it",
        "0.5",
    ),
    "thrown_away": (
        (
            CHOICE,
            "def train(model, x, y):\n    model.to(device)\n    x.to(device)\n    y.to(device)\n    return x",
        ),
        "thrown away",
        "0.5",
    ),
    "thrown_away_at_top": (
        (
            CHOICE,
            "x, y = generate_data(100, 1, 2, 3, 4)\nx.to(device)\nmodel = nn.Linear(1, 1)\nmodel.to(device)",
        ),
        "thrown away",
        "0.5",
    ),
    "thrown_away_in_loop": (
        (CHOICE, "for xb, yb in loader:\n    xb.to(device)\n    model.to(device)"),
        "thrown away",
        "0.5",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_choice_is_named(name: str) -> None:
    texts, said, score = WRONG[name]
    judgement = criterion().judge(seen(*texts))
    assert judgement.verdict in (Verdict.WRONG_ANSWER, Verdict.PARTIALLY_ACCEPTED)
    assert said in words(judgement)
    assert "without a GPU" in words(judgement)
    assert judgement.score == Decimal(score)


def test_choice_in_a_given_cell_is_not_the_students() -> None:
    judgement = criterion().judge(seen(TRAIN, USE, given=(CHOICE,)))
    assert judgement.score == Decimal("0.5")


def test_code_that_needs_a_gpu_is_half_right_at_most() -> None:
    judgement = criterion().judge(seen(CHOICE, TRAIN, USE, ran=False))
    assert judgement.score == Decimal("0.5")
    assert "On a machine without a GPU" in words(judgement)


def test_nothing_filled_in_is_not_attempted() -> None:
    probes = ["task.word/word0", "task.word/object0"]
    student = [raised(p, "NotImplementedError") for p in probes]
    untouched = evidence(
        student, [answered(p, leaf([1.0])) for p in probes], source=cells("raise NotImplementedError")
    )
    judgement = criterion().judge(untouched)
    assert (judgement.verdict, judgement.score) == (Verdict.NOT_ATTEMPTED, 0)


def test_tensor_elsewhere_is_wrong() -> None:
    probes = ["task.word/word0", "task.word/object0"]
    meta = leaf([1.0]).model_copy(update={"device": "meta"})
    student = [answered(p, meta) for p in probes]
    judgement = criterion().judge(
        evidence(student, [answered(p, leaf([1.0])) for p in probes], source=cells(CHOICE, TRAIN, USE))
    )
    assert judgement.score == Decimal("0.5")
    assert "meta" in words(judgement)


@pytest.mark.parametrize(
    "texts",
    [
        ("device = eval('torch.device(0)')", TRAIN, USE),
        ("device = getattr(torch, 'device')(0)", TRAIN, USE),
        ("device = (torch.device 'cuda')", TRAIN, USE),
    ],
)
def test_code_that_hides_waits_for_a_person(texts: tuple[str, ...]) -> None:
    assert criterion().judge(seen(*texts)).verdict is Verdict.NEEDS_REVIEW


def test_eval_of_a_module_hides_nothing() -> None:
    judgement = criterion().judge(seen(TRAIN, "model.eval()\nw = train(x, y, 1, 2)"))
    assert judgement.verdict is Verdict.PARTIALLY_ACCEPTED


def test_numpy_without_cpu_is_only_advice() -> None:
    judgement = criterion().judge(seen(CHOICE, TRAIN, USE + "w.detach().numpy()"))
    assert judgement.verdict is Verdict.ACCEPTED
    assert "`.cpu()`" in words(judgement)


def test_calls_are_asked_with_a_word_and_with_an_object() -> None:
    import numpy as np

    word, made = criterion().probes(np.random.default_rng(0))
    assert word.arguments["device"] == "cpu"
    assert made.code.startswith('device = torch.device("cpu")')


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


def lightning(*texts: str, ran: bool = True) -> tuple[Device, Evidence]:
    asked = make(Device, mode="lightning", calls=["fit(LitXOR(), 1)"])
    probe = "task.word/word0"
    student = [answered(probe, leaf([1.0])) if ran else raised(probe, "MisconfigurationException")]
    return asked, evidence(student, [answered(probe, leaf([1.0]))], source=cells(*texts))


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
def test_lightning_that_places_everything_is_accepted(texts: tuple[str, ...]) -> None:
    asked, given = lightning(*texts)
    judgement = asked.judge(given)
    assert judgement.verdict is Verdict.ACCEPTED, words(judgement)


@pytest.mark.parametrize(
    ("texts", "said", "score"),
    [
        ((LIT, FIT.format(more=', accelerator="cpu"')), 'accelerator="cpu"', "0.5"),
        ((LIT.replace("self(x)", 'self(x.to("cpu"))'), FIT.format(more="")), "written into the code", "0.5"),
        (
            (CHOICE, LIT.replace("self(x)", "self(x.to(device))"), FIT.format(more="")),
            "written into the code",
            "0.5",
        ),
        (
            (CHOICE, LIT, FIT.format(more="").replace("fit(model, D", "fit(model.to(device), D")),
            "written into",
            "0.5",
        ),
    ],
)
def test_device_written_into_lightning_is_named(texts: tuple[str, ...], said: str, score: str) -> None:
    asked, given = lightning(*texts)
    judgement = asked.judge(given)
    assert said in words(judgement)
    assert judgement.score == Decimal(score)


@pytest.mark.parametrize(
    "texts",
    [
        (LIT, FIT.format(more=', accelerator="gpu"')),
        (LIT.replace("self(x)", "self(x.cuda())"), FIT.format(more="")),
    ],
)
def test_gpu_written_into_lightning_is_wrong(texts: tuple[str, ...]) -> None:
    asked, given = lightning(*texts, ran=False)
    judgement = asked.judge(given)
    assert judgement.score == 0
    assert "A GPU is written down" in words(judgement)
    assert "without a GPU" in words(judgement)


def test_lightning_without_a_trainer_is_not_right() -> None:
    asked, given = lightning(LIT)
    judgement = asked.judge(given)
    assert judgement.verdict is Verdict.NOT_ATTEMPTED
    assert "Trainer" in words(judgement)
