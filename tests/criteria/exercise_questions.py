"""The questions of an exercise's own rubric about functions, asked of code in the test's process.

Each function is put in the place of the reference's; what the criteria of its task say comes back.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import textwrap
from functools import cache
from typing import Any

import numpy as np

from grader.catalog import read_exercise
from grader.criteria import KINDS
from grader.model.evidence import Evidence
from grader.model.judgement import Judgement
from grader.model.probe import Observation
from grader.model.rubric import Criterion
from tests.conftest import ROOT
from tests.criteria.asking import answer, names_of
from tests.criteria.builders import evidence

ASKED = ("matches_reference", "gradient")
DEFINITION = re.compile(r"^(?:def|class) ", re.MULTILINE)


@cache
def _criteria(exercise: str) -> dict[str, Criterion]:
    read = read_exercise(ROOT / "reference" / exercise, ROOT / "exercises", KINDS)
    return {c.id: c for c in read.rubric.criteria if c.kind in ASKED}


@cache
def reference_code(exercise: str) -> str:
    """The reference's answer cells that define functions and classes, without trainings and figures."""
    path = ROOT / "reference" / exercise / f"{exercise}.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = (
        "".join(cell["source"])
        for cell in cells
        if cell["cell_type"] == "code" and cell["metadata"].get("nbgrader", {}).get("solution")
    )
    return "import math\n" + "\n".join(text for text in code if DEFINITION.search(text))


@cache
def _reference(exercise: str, criterion: str, seed: int) -> dict[str, Observation]:
    names = names_of(reference_code(exercise))
    asked = _criteria(exercise)[criterion].probes(np.random.default_rng(seed))
    return {probe.id: answer(probe, names) for probe in asked if probe.ask != "student"}


def questioned(exercise: str, task: str, code: str, seed: int = 0) -> dict[str, Judgement]:
    """What each criterion of a task says of code that takes the place of the reference's; by the criterion's id."""
    judged = {}
    for id_, criterion in _criteria(exercise).items():
        if criterion.task == task:
            judged[id_] = criterion.judge(_evidence(exercise, criterion, code, seed))
    return judged


def _evidence(exercise: str, criterion: Criterion, code: str, seed: int) -> Evidence:
    theirs = _reference(exercise, criterion.id, seed)
    names: dict[str, Any] = names_of(reference_code(exercise) + "\n" + textwrap.dedent(code))
    ours: list[Observation] = []
    with contextlib.redirect_stdout(io.StringIO()):
        for probe in criterion.probes(np.random.default_rng(seed)):
            if probe.ask == "reference":
                continue
            if criterion.is_settled(ours, theirs):
                break
            ours.append(answer(probe, names))
    return evidence(ours, theirs.values())
