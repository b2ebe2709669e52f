"""Whole notebooks judged by `device` alone, each run twice behind the walls of this machine."""

from __future__ import annotations

import hashlib
from typing import Any

from grader.criteria.device import Device
from grader.grading import grade_one
from grader.model.exercise import Exercise
from grader.model.judgement import Judgement
from grader.model.packed import Packed
from grader.model.report import Job, ReferenceAnswers
from grader.model.rubric import Rubric
from grader.model.submission import Submission
from tests.sandbox.notebooks import notebook

TITLE = {"fr": "Le GPU", "en": "The GPU"}


def judged(
    exercise: Exercise, tier: str, *cells: str, real_gpu: bool = False, **parameters: Any
) -> Judgement:
    """`exercise`: any; its rubric and handout are replaced. `parameters`: of the criterion."""
    criterion = Device(id="task.gpu", task="task", points=2, title=TITLE, **parameters)  # type: ignore[arg-type]
    rubric = Rubric(
        exercise="gpu",
        title=TITLE,  # type: ignore[arg-type]
        tasks=({"id": "task", "title": TITLE, "points": 2},),  # type: ignore[arg-type]
        criteria=(criterion,),
    )
    text = notebook(*cells)
    empty = notebook("# nothing yet")
    submission = Submission(
        student="one",
        name="one",
        exercise="gpu",
        path="one.ipynb",
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        notebook=Packed.of(text),
    )
    job = Job(
        submission=submission,
        exercise=exercise.model_copy(update={"id": "gpu", "rubric": rubric, "handout": empty}),
        reference=ReferenceAnswers(key="none", answers={}),
        seed=0,
        tier=tier,
        real_gpu=real_gpu,
    )
    [result] = grade_one(job).criteria
    return result.judgement


def finding(judgement: Judgement) -> str:
    """The finding that the note for the staff names."""
    return judgement.staff_note.partition("\n")[0].removeprefix("finding: ").partition(" ")[0]
