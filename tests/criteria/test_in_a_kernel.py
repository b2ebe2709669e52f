"""The criteria of this folder put to a real kernel: probes as it runs them, values and errors as it sends them."""

import json

import numpy as np
import pytest

from grader.criteria.gradient import Gradient
from grader.criteria.matches_reference import MatchesReference
from grader.criteria.runs import Runs
from grader.model.evidence import Evidence
from grader.model.rubric import Limits
from grader.model.verdict import Verdict
from grader.sandbox import open_kernel
from tests.criteria.builders import cells, make, words

INPUTS = {"x": {"shape": ["n", 1]}, "w": {"shape": [1]}}
GRADIENT = make(
    Gradient,
    id="a.gradient",
    call="gradient(x, w)",
    loss="loss(x, w)",
    wrt=["w"],
    requires=["gradient"],
    inputs=INPUTS,
    sizes={"n": [2, 3]},
    cases=2,
)
LOSS = make(
    MatchesReference,
    id="a.loss",
    call="loss(x, w)",
    requires=["loss"],
    inputs=INPUTS,
    sizes={"n": [2, 3]},
    cases=2,
)
RESULT = make(MatchesReference, id="a.result", call="result", requires=["result"], cases=1, reads_state=True)
RUNS = make(Runs, id="a.runs")

REFERENCE = (
    "import torch",
    "def loss(x, w):\n    return ((x * w) ** 2).mean()",
    "def gradient(x, w):\n    return (2 * x * x * w).mean().reshape(1)",
    "result = torch.tensor([1.0, 2.0])",
)
STUDENT = (
    "import torch\nlist = [1]",
    "def loss(x, w):\n    return (x * w) ** 2 / 0 if False else d['key']",
    "def gradient(x, w):\n    w.requires_grad_(True)\n    ((x * w) ** 2).mean().backward()\n    return w.grad",
    "Result = torch.tensor([1.0, 2.0])\nundefined + 1",
)


def asked(texts):
    """The execution and all observations of a notebook with these code cells."""
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {},
        "cells": [
            {
                "cell_type": "code",
                "id": f"c{index}",
                "metadata": {},
                "source": text,
                "outputs": [],
                "execution_count": None,
            }
            for index, text in enumerate(texts)
        ],
    }
    with open_kernel(tier="none", limits=Limits(), seed=0) as kernel:
        execution = kernel.execute(json.dumps(notebook))
        probes = [p for c in (GRADIENT, LOSS, RESULT) for p in c.probes(np.random.default_rng(0))]
        return execution, {probe.id: kernel.ask(probe) for probe in probes}


@pytest.fixture(scope="module")
def reference():
    return asked(REFERENCE)


def evidence_of(texts, notebook, reference):
    execution, answers = notebook
    theirs = reference[1]
    mine = {name: answer for name, answer in answers.items() if "-" not in name}
    return Evidence(execution=execution, source=cells(*texts), handout={}, answers=mine, reference=theirs)


@pytest.fixture(scope="module")
def student(reference):
    return evidence_of(STUDENT, asked(STUDENT), reference)


def test_the_reference_gets_everything(reference):
    evidence = evidence_of(REFERENCE, reference, reference)
    for criterion in (GRADIENT, LOSS, RESULT, RUNS):
        assert criterion.judge(evidence).verdict is Verdict.ACCEPTED


def test_accumulated_gradients_are_named(student):
    judgement = GRADIENT.judge(student)
    assert judgement.verdict is Verdict.WRONG_ANSWER
    assert "accumulate" in words(judgement)


def test_an_error_in_a_call_is_told_with_its_line(student):
    judgement = LOSS.judge(student)
    assert judgement.verdict is Verdict.RUN_TIME_ERROR
    assert judgement.cell == 1
    assert "Cell 2 of the notebook, line 2" in words(judgement)
    assert "`d` is not defined" in words(judgement)


def test_a_name_in_other_case_is_told(student):
    assert "did you mean `Result`?" in words(RESULT.judge(student))


def test_the_first_error_of_the_run_is_told_with_its_line(student):
    judgement = RUNS.judge(student)
    assert judgement.verdict is Verdict.RUN_TIME_ERROR
    assert "`undefined` is not defined when the notebook is run from the top" in words(judgement)
    assert "Cell 4 of the notebook, line 2: undefined + 1" in words(judgement)
