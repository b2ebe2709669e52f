"""The four real exercises, and notebooks to hand in."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from grader.model.evidence import Evidence
from grader.model.exercise import Exercise
from grader.model.judgement import Judgement
from grader.model.rubric import Criterion, Rubric, Task
from grader.model.text import Bilingual, say
from grader.model.verdict import Verdict

settings.register_profile("calm", deadline=None)
settings.load_profile("calm")

ROOT = Path(__file__).parents[2]
IDS = ("01_regression_lineaire", "02_autograd", "03_XOR_lightning", "03_XOR_pytorch")


class Granted(Criterion):
    """A criterion that anything fulfils; intake only needs the rubric to exist."""

    kind: str = "granted"

    def judge(self, evidence: Evidence) -> Judgement:
        return Judgement(verdict=Verdict.ACCEPTED, score=Decimal(1), summary=say("right"))


def _exercise(exercise_id: str) -> Exercise:
    title = Bilingual(fr=exercise_id, en=exercise_id)
    rubric = Rubric(
        schema=1,
        exercise=exercise_id,
        title=title,
        tasks=(Task(id="a", title=title, points=Decimal(1)),),
        criteria=(Granted(id="a.b", task="a", points=Decimal(1), title=title),),
    )
    return Exercise(
        id=exercise_id,
        rubric=rubric,
        rubric_version="0" * 12,
        reference=(ROOT / "reference" / exercise_id / f"{exercise_id}.ipynb").read_text("utf-8"),
        reference_sha256="0" * 64,
        handout=(ROOT / "exercises" / exercise_id / f"{exercise_id}.ipynb").read_text("utf-8"),
    )


@pytest.fixture(scope="session")
def exercises() -> tuple[Exercise, ...]:
    """All four."""
    return tuple(_exercise(exercise_id) for exercise_id in IDS)


@pytest.fixture(scope="session")
def handouts(exercises: tuple[Exercise, ...]) -> dict[str, str]:
    """What students get, by exercise."""
    return {exercise.id: exercise.handout for exercise in exercises}


def notebook(*code: str, **metadata: Any) -> str:
    """A notebook with these code cells and this metadata, and no sign of any exercise."""
    cells = [
        {
            "cell_type": "code",
            "id": f"c{i}",
            "metadata": {},
            "source": text,
            "outputs": [],
            "execution_count": None,
        }
        for i, text in enumerate(code or ("x = 1",))
    ]
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture
def hand_in(tmp_path: Path) -> Callable[..., Path]:
    """Write a file below the submissions folder and return the folder."""

    def write(path: str, text: str | bytes | None = None) -> Path:
        file = tmp_path / "class" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        content = notebook() if text is None else text
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path / "class"

    return write
