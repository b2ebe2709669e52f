"""The questions about networks and training, put to a real kernel."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grader.criteria.architecture import Architecture
from grader.criteria.loss_history import LossHistory
from grader.criteria.loss_threshold import LossThreshold
from grader.errors import SandboxUnavailableError
from grader.model.judgement import Judgement
from grader.model.rubric import Criterion, Limits
from grader.model.verdict import Verdict
from grader.sandbox import Kernel, choose_tier, open_kernel
from tests.criteria import test_loss_history as history
from tests.criteria.builders import evidence, make, words
from tests.criteria.networks import RIGHT
from tests.criteria.test_loss_threshold import CALL, TRAIN, XOR

NOTEBOOK = (
    "import torch\nfrom torch import nn\nsum = max = 'names of builtins, used again'",
    textwrap.dedent(RIGHT["two_separate_neurons"]),
    TRAIN,
    history.RUN.format(seed=3, lr=0.05, epochs=400),
    "class Half:\n    pass\n",
)


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    try:
        tier = choose_tier("auto")
    except SandboxUnavailableError:
        tier = "none"
    notebook = nbformat.writes(new_notebook(cells=[new_code_cell(text) for text in NOTEBOOK]))
    with open_kernel(tier=tier, limits=Limits(), seed=1) as opened:
        execution = opened.execute(notebook)
        assert execution.ended == "completed", execution.first_failure
        yield opened


def judged(kernel: Kernel, criterion: Criterion) -> Judgement:
    probes = criterion.probes(np.random.default_rng(11))
    reference = {p.id: kernel.ask(p) for p in probes if p.ask == "reference"}
    answers: list[Any] = []
    for probe in probes:
        if probe.ask != "reference" and not criterion.is_settled(answers, reference):
            answers.append(kernel.ask(probe))
    return criterion.judge(evidence(answers, reference.values()))


@pytest.mark.parametrize(
    "criterion",
    [
        make(LossHistory, call=history.STATE, layers=[2, 2, 1], data=XOR, reads_state=True),
        make(Architecture, build="XORNet()", layers=[2, 2, 1], check="parameters"),
        make(Architecture, build="XORNet()", layers=[2, 2, 1]),
        make(LossHistory, call=history.CALL, layers=[2, 2, 1], data=XOR),
        make(LossThreshold, call=CALL, layers=[2, 2, 1], data=XOR),
    ],
    ids=lambda criterion: f"{criterion.kind}-{getattr(criterion, 'check', '')}",
)
def test_right_work_is_accepted(kernel: Kernel, criterion: Criterion) -> None:
    judgement = judged(kernel, criterion)
    assert judgement.verdict is Verdict.ACCEPTED, words(judgement) + judgement.staff_note


def test_wrong_work_is_named(kernel: Kernel) -> None:
    other = make(Architecture, build="XORNet()", layers=[2, 2, 1], activation="tanh")
    assert "activation of the hidden layer is sigmoid" in words(judged(kernel, other))
    assert "not a PyTorch module" in words(judged(kernel, make(Architecture, build="Half()", layers=[2, 1])))
