"""Exercises tested like code: the reference, the blank, right variants and known mistakes, on real kernels."""

from __future__ import annotations

from collections import Counter

import pytest

from grader.authoring import verify
from grader.authoring.release import release
from grader.authoring.variants import Variant, load_variants
from grader.model.exercise import Exercise
from grader.model.verdict import Verdict
from tests.conftest import EXERCISES, ROOT, ReferenceOf

RIGHT = {id_: load_variants(ROOT / "reference" / id_ / "right") for id_ in EXERCISES}
MISTAKES = {id_: load_variants(ROOT / "reference" / id_ / "mistakes") for id_ in EXERCISES}


def cases(variants: dict[str, tuple[Variant, ...]]) -> list[object]:
    return [pytest.param(id_, v, id=f"{id_}-{v.name}") for id_, vs in variants.items() for v in vs]


@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_the_reference_gets_all_that_a_machine_can_give(
    exercise_id: str, exercises: dict[str, Exercise], reference_of: ReferenceOf, tier: str
) -> None:
    exercise = exercises[exercise_id]
    report = verify.grade_notebook(
        exercise.reference, exercise, reference_of(exercise_id), seed=0, tier=tier, name="reference"
    )
    assert list(verify.right_faults(report)) == []
    manual = sum(c.points for c in exercise.rubric.criteria if c.kind == "manual")
    assert report.points == exercise.rubric.out_of - manual
    assert report.undecided == manual


@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_the_blank_gets_nothing(
    exercise_id: str, exercises: dict[str, Exercise], reference_of: ReferenceOf, tier: str
) -> None:
    exercise = exercises[exercise_id]
    report = verify.grade_notebook(
        exercise.handout, exercise, reference_of(exercise_id), seed=0, tier=tier, name="blank"
    )
    assert list(verify.blank_faults(report)) == []
    assert report.verdict is Verdict.NOT_ATTEMPTED
    assert report.points == 0


@pytest.mark.parametrize(("exercise_id", "variant"), cases(RIGHT))
def test_right_variant_gets_all_points(
    exercise_id: str, variant: Variant, exercises: dict[str, Exercise], reference_of: ReferenceOf, tier: str
) -> None:
    report = verify.grade_variant(
        variant, exercises[exercise_id], reference_of(exercise_id), seed=0, tier=tier
    )
    assert verify.faults(variant, report) == []


@pytest.mark.parametrize(("exercise_id", "variant"), cases(MISTAKES))
def test_mistake_fails_by_its_own_criterion(
    exercise_id: str, variant: Variant, exercises: dict[str, Exercise], reference_of: ReferenceOf, tier: str
) -> None:
    report = verify.grade_variant(
        variant, exercises[exercise_id], reference_of(exercise_id), seed=0, tier=tier
    )
    assert verify.faults(variant, report) == []


@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_the_handout_is_in_step_with_the_reference(exercise_id: str) -> None:
    source = (ROOT / "reference" / exercise_id / f"{exercise_id}.ipynb").read_text(encoding="utf-8")
    handout = (ROOT / "exercises" / exercise_id / f"{exercise_id}.ipynb").read_bytes()
    assert release(source, exercise=exercise_id).encode() == handout


@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_every_exercise_has_its_variants(exercise_id: str, exercises: dict[str, Exercise]) -> None:
    rubric = exercises[exercise_id].rubric
    task_of = {c.id: c.task for c in rubric.criteria}
    found = Counter(task_of[str(v.criterion)] for v in MISTAKES[exercise_id])
    by_hand = {c.task for c in rubric.criteria if c.kind == "manual"}
    assert len(RIGHT[exercise_id]) >= 8
    assert {t.id: found[t.id] for t in rubric.tasks if t.id not in by_hand and found[t.id] < 4} == {}
