"""A notebook of the sample class gets the same from a kernel forked warm as from one started cold."""

from __future__ import annotations

import pytest

from grader.grading import grade_one
from grader.intake import read_submissions
from grader.model.exercise import Exercise
from grader.model.report import GradeReport, Job
from grader.pipeline.class_report import class_report_of
from grader.reports.results import results_of
from grader.sandbox.nursery import NURSERY
from tests.conftest import EXERCISES, ROOT, ReferenceOf

FOLDERS = sorted(path.name for path in (ROOT / "submissions").iterdir() if path.is_dir())
AT_ONCE = ("03_XOR_pytorch", "Karim")
"""The one that is tried in ordinary runs: hidden state, a GPU and a CPU written down, another kernel's name."""


def cases() -> list[object]:
    return [
        pytest.param(
            exercise,
            folder,
            id=f"{exercise}-{folder.partition('_')[0]}",
            marks=() if exercise == AT_ONCE[0] and folder.startswith(AT_ONCE[1]) else (pytest.mark.nightly,),
        )
        for exercise in EXERCISES
        for folder in FOLDERS
    ]


@pytest.mark.parametrize(("exercise_id", "folder"), cases())
def test_warm_and_cold_kernels_come_to_the_same(
    exercise_id: str, folder: str, exercises: dict[str, Exercise], reference_of: ReferenceOf, tier: str
) -> None:
    exercise = exercises[exercise_id]
    found = read_submissions([ROOT / "submissions" / folder], list(exercises.values())).submissions
    [submission] = [s for s in found if s.exercise == exercise_id]
    job = Job(
        submission=submission, exercise=exercise, reference=reference_of(exercise_id), seed=0, tier=tier
    )
    if tier not in ("none", "local"):
        assert NURSERY.get(exercise.rubric.preload, tier, exercise.rubric.limits) is not None
    warm, cold = (told(grade_one(job, warm=warm), exercise) for warm in (True, False))
    assert warm == cold


def told(report: GradeReport, exercise: Exercise) -> dict[str, object]:
    """What `results.json` says of it, but for times."""
    class_report = class_report_of([report], [exercise], seed=report.seed, tier=report.tier)
    [entry] = results_of(class_report, "en").reports
    return entry.model_dump(exclude={"wall_s", "graded_at"})
