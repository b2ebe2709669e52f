"""What ran without the virtual device runs with it, and prints and draws the same."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from grader.authoring.variants import apply, load_variant
from grader.criteria.device_failures import kind_of
from grader.model.execution import Execution
from grader.model.exercise import Exercise
from grader.sandbox import open_kernel
from tests.conftest import EXERCISES, ROOT

ABOUT_DEVICES = ("no_gpu", "mixed", "numpy", "ordinal", "checkpoint")
"""Kinds of errors that a right notebook cannot have, and a wrong one gets as on a GPU."""
NAMES_OF_DEVICES = re.compile(
    r",? ?device=(device\()?'?(type=)?'?cuda(:0|', index=0)?'?(?(1)\))|\b(cuda(:0)?|cpu)\b"
)
NUMBER = re.compile(r"-?\d+(?:\.\d*)?(?:e[+-]?\d+)?")
"""To a thousandth: on a GPU, optimizers update all parameters by one operator, which rounds otherwise."""
PLACES = re.compile(r"GPU|TPU|HPU|CUDA_VISIBLE|litlogger|LOCAL_RANK|num_workers|\bit/s\b")
"""Lines of Lightning's that tell what the machine has."""
RIGHT = [path for id_ in EXERCISES for path in sorted((ROOT / "reference" / id_ / "right").glob("*.toml"))]


def _can_run(path: Path) -> bool:
    try:
        return json.loads(path.read_text(encoding="utf-8"))["nbformat"] == 4
    except ValueError:
        return False


HANDED_IN = [path for path in sorted((ROOT / "submissions").rglob("*.ipynb")) if _can_run(path)]


def _cases() -> list[Any]:
    first = {path.parent: path for path in reversed(RIGHT)}
    at_once = [path for folder, path in first.items() if "03_XOR" in str(folder)]
    cases: list[Any] = []
    for path in (*RIGHT, *HANDED_IN):
        marks = () if path in at_once else (pytest.mark.nightly,)
        exercise = path.parent.parent.name if path.suffix == ".toml" else path.stem
        id_ = f"{exercise}-{path.stem if path.suffix == '.toml' else path.parent.name.partition('_')[0]}"
        cases.append(pytest.param(path, marks=marks, id=id_))
    return cases


@pytest.mark.parametrize("path", _cases())
def test_notebook_is_the_same_with_the_device(path: Path, exercises: dict[str, Exercise], tier: str) -> None:
    exercise, text = _exercise_and_text(path, exercises)
    without, with_device = (_run(text, exercise, tier, gpu) for gpu in (False, True))
    is_whole = without.ended == "completed"
    differing_from = len(json.loads(text)["cells"]) if is_whole else without.cells[-1].index
    for one, other in zip(without.cells, with_device.cells, strict=is_whole):
        if one.error is None and other.error is not None:
            assert kind_of(other.error.name, other.error.message) in ABOUT_DEVICES, other.error
            assert path.suffix == ".ipynb", f"a right variant fails with a GPU: {other.error}"
        if (one.error is None) != (other.error is None):
            differing_from = one.index
            break
    for (cell, one), (other_cell, other) in zip(
        _shown(without, differing_from), _shown(with_device, differing_from), strict=True
    ):
        assert (cell, NUMBER.sub("#", one)) == (other_cell, NUMBER.sub("#", other))
        numbers = [float(number) for number in NUMBER.findall(other)]
        assert [float(number) for number in NUMBER.findall(one)] == pytest.approx(numbers, rel=1e-3, abs=1e-3)


def _exercise_and_text(path: Path, exercises: dict[str, Exercise]) -> tuple[Exercise, str]:
    if path.suffix == ".toml":
        exercise = exercises[path.parent.parent.name]
        return exercise, apply(exercise.reference, load_variant(path))
    text = path.read_text(encoding="utf-8")
    named = [id_ for id_ in EXERCISES if id_ in path.name]
    return exercises[named[0] if named else EXERCISES[0]], text


def _run(text: str, exercise: Exercise, tier: str, gpu: bool) -> Execution:
    rubric = exercise.rubric
    with open_kernel(
        tier=tier,
        limits=rubric.limits,
        seed=0,
        preload=rubric.preload,
        gpu="virtual" if gpu else None,
    ) as kernel:
        return kernel.execute(text)


def _shown(execution: Execution, before: int) -> list[tuple[int, str]]:
    """What the cells print, and where they draw pictures."""
    found = []
    for index, cell in enumerate(json.loads(execution.notebook)["cells"][:before]):
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            for words in (output.get("text", ""), data.get("text/plain", "")):
                lines = "".join(words).splitlines()
                kept = [NAMES_OF_DEVICES.sub("", line) for line in lines if not PLACES.search(line)]
                found.append((index, " ".join(" ".join(kept).split())))
            found.append((index, "a picture" if "image/png" in data else ""))
    return [item for item in found if item[1]]
