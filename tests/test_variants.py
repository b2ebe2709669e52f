"""Exercises tested like code: the reference, the blank, right variants and known mistakes, on real kernels.

CI grades all of 01 and 02 by `grade exercise verify`, as a step of its own. Here a handful is, chosen by rule: of each
exercise one right variant, and one mistake for each kind of criterion; of 01 and 02, one. The rest is `nightly`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator

import pytest

from grader.authoring import verify
from grader.authoring.variants import Variant, load_variants
from grader.model.exercise import Exercise
from grader.model.report import GradeReport
from grader.model.verdict import Verdict
from tests.conftest import EXERCISES, ROOT, ReferenceOf

RIGHT = {id_: load_variants(ROOT / "reference" / id_ / "right") for id_ in EXERCISES}
MISTAKES = {id_: load_variants(ROOT / "reference" / id_ / "mistakes") for id_ in EXERCISES}

VERIFIED = ("01_regression_lineaire", "02_autograd")
"""Graded whole by `.ci/run`."""
SLOW = (
    "network_flat_output",
    "network_no_activation",
    "network_no_biases",
    "fit_another_model",
    "fit_epochs_ignored",
    "train_another_model",
)
"""They train in vain from all starts, or too long: many times as long as others of their kind. For the night."""


def kinds(exercise_id: str) -> dict[str, str]:
    """Criterion to kind."""
    text = (ROOT / "reference" / exercise_id / "rubric.toml").read_text(encoding="utf-8")
    return {criterion["id"]: criterion["kind"] for criterion in tomllib.loads(text)["criteria"]}


def cases(variants: dict[str, tuple[Variant, ...]]) -> Iterator[object]:
    """All of them; not `nightly` is the first of its exercise, or of its exercise and kind, that is not slow."""
    for exercise_id, found in variants.items():
        kind_of, seen = kinds(exercise_id), set()
        for variant in found:
            kind = "any" if exercise_id in VERIFIED else kind_of.get(str(variant.criterion), "right")
            later = kind in seen or variant.name in SLOW
            if not later:
                seen.add(kind)
            marks = (pytest.mark.nightly,) if later else ()
            yield pytest.param(exercise_id, variant, id=f"{exercise_id}-{variant.name}", marks=marks)


def half_told(report: GradeReport) -> list[str]:
    """Criteria that take points without saying what was expected and what came; a rule about code says both at once.

    With follow-through marks it is the first judgement that says them.
    """
    first = ((r, r.carried.judgement if r.carried else r.judgement) for r in report.criteria)
    return [
        result.id
        for result, judgement in first
        if result.kind != "source"
        and judgement.score is not None
        and judgement.score < 1
        and judgement.verdict is not Verdict.SKIPPED
        and None in (judgement.expected, judgement.got)
    ]


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
    assert half_told(report) == []


@pytest.mark.parametrize(("exercise_id", "variant"), list(cases(RIGHT)))
def test_right_variant_gets_all_points(
    exercise_id: str, variant: Variant, exercises: dict[str, Exercise], reference_of: ReferenceOf, tier: str
) -> None:
    report = verify.grade_variant(
        variant, exercises[exercise_id], reference_of(exercise_id), seed=0, tier=tier
    )
    assert verify.faults(variant, report) == []


@pytest.mark.parametrize(("exercise_id", "variant"), list(cases(MISTAKES)))
def test_mistake_fails_by_its_own_criterion(
    exercise_id: str, variant: Variant, exercises: dict[str, Exercise], reference_of: ReferenceOf, tier: str
) -> None:
    report = verify.grade_variant(
        variant, exercises[exercise_id], reference_of(exercise_id), seed=0, tier=tier
    )
    assert verify.faults(variant, report) == []
    assert half_told(report) == []
