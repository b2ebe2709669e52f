"""Each cause that `device` names is said where it explains what was observed, and not where something near it was."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from grader.criteria.device import Device
from grader.model.execution import CellRun
from grader.model.gpu_run import GpuRun
from grader.model.judgement import Judgement
from grader.model.probe import Observation
from tests.criteria.builders import answered, cell_raised, cells, evidence, execution, make, words

CHOICE = 'device = "cuda" if torch.cuda.is_available() else "cpu"\n'
MOVES = CHOICE + "x = x.to(device)\n"


def record(where: str, found: dict[str, Any]) -> Observation:
    return answered(f"task.word/{where}", np.frombuffer(json.dumps(found).encode(), dtype=np.uint8))


def step(parameters: str, times: int = 5) -> dict[str, Any]:
    return {"parameters": parameters, "gradients": parameters, "times": times}


def judged(
    code: str, observed: dict[str, Any], *, plain: dict[str, Any] | None = None, **more: Any
) -> Judgement:
    """Of a notebook that ran to its end twice, with this record of where its tensors were."""
    ran = execution(CellRun(index=0, ended="completed"))
    run = GpuRun(execution=ran, answers={"task.word/gpu": record("gpu", {"observed": observed})})
    found = evidence([record("plain", plain or {})], source=cells(code), ran=ran)
    return make(Device, **more).judge(found.model_copy(update={"gpu": run}))


LEFT = "the parameters that the optimizer changes are on the CPU"
NOT_MOVED = "nothing is ever moved to it"
NEVER = "the training never takes place on the GPU"
NO_CHOICE = "Nothing in the code chooses a GPU"


@pytest.mark.parametrize(
    ("code", "observed", "said", "not_said"),
    [
        (MOVES, {"steps": [step("cpu")], "backwards": {"cuda": 5}}, LEFT, NEVER),
        (MOVES, {"steps": [step("cpu")], "backwards": {"cpu": 5}}, NEVER, LEFT),
        (CHOICE, {"steps": [step("cpu")], "backwards": {"cpu": 5}}, NOT_MOVED, LEFT),
        (
            "print('no cuda')\nmodel.cuda",
            {"steps": [step("cpu")], "backwards": {"cpu": 5}},
            NO_CHOICE,
            NOT_MOVED,
        ),
        (MOVES, {"steps": [step("cuda")], "backwards": {"cuda": 5}}, "computes on the GPU", NEVER),
        (MOVES, {"steps": [step("cpu+cuda")], "backwards": {"cuda": 5}}, "computes on the GPU", LEFT),
        (
            MOVES,
            {"steps": [step("cpu", 90), step("cuda")], "backwards": {"cuda": 5}},
            "computes on the GPU",
            LEFT,
        ),
    ],
)
def test_why_the_gpu_was_not_used(code: str, observed: dict[str, Any], said: str, not_said: str) -> None:
    told = words(judged(code, observed))
    assert said in told
    assert not_said not in told


HISTORY = "The history of losses is a list of tensors"


@pytest.mark.parametrize(
    ("kept", "is_said"),
    [
        ({"name": "losses", "devices": "cuda"}, True),
        ({"name": "pertes", "devices": "cuda"}, True),
        ({"name": "values", "devices": "cuda", "is_history": True}, True),
        ({"name": "curve", "devices": "cuda"}, True),
        ({"name": "predictions", "devices": "cuda"}, False),
        ({"name": "losses", "devices": "cpu"}, False),
    ],
)
def test_losses_kept_are_losses_and_on_the_gpu(kept: dict[str, Any], is_said: bool) -> None:
    observed = {"steps": [step("cuda")], "backwards": {"cuda": 5}, "kept": [kept]}
    assert (HISTORY in words(judged(MOVES, observed, same=["curve"]))) == is_said


def test_gpu_that_is_chosen_where_there_is_none_is_told_as_chosen_and_not_as_a_stop() -> None:
    trained = {"steps": [step("cuda")], "backwards": {"cuda": 5}}
    chosen = words(judged("use(device)", trained, plain={"places": {"device": ["cuda"]}}, choice="device"))
    assert "A GPU is chosen where there is none" in chosen
    assert "the code stops" not in chosen
    right = words(judged(MOVES, trained, plain={"places": {"device": ["cpu"]}}, choice="device"))
    assert "A GPU is chosen" not in right


@pytest.mark.parametrize(
    ("name", "message", "code", "said"),
    [
        (
            "AssertionError",
            "Torch not compiled with CUDA enabled",
            "x.cuda()",
            "A GPU is written down without asking",
        ),
        (
            "AssertionError",
            "Torch not compiled with CUDA enabled",
            "show(device)",
            "it asks for one all the same",
        ),
        (
            "NameError",
            "name 'card' is not defined",
            "if torch.cuda.is_available(): card = 1\ncard",
            "runs to its end",
        ),
        ("NameError", "name 'card' is not defined", "device\ncard = 1\ncard", "could not be told"),
        (
            "RuntimeError",
            "one of the variables has been modified by an inplace operation",
            "device",
            "chooses a GPU",
        ),
        ("RuntimeError", "one of the variables has been modified", "device", "could not be told"),
    ],
)
def test_what_stops_only_without_a_gpu(name: str, message: str, code: str, said: str) -> None:
    ended = execution(CellRun(index=0, ended="completed"))
    run = GpuRun(execution=ended, answers={"task.word/gpu": record("gpu", {})})
    found = evidence(source=cells(code), ran=execution(cell_raised(0, name, message)))
    told = words(make(Device).judge(found.model_copy(update={"gpu": run})))
    assert said in told
