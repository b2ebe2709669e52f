"""A criterion that accepts everything is noticed, whichever it is.

Each mistake's report is made up as its file says that it must be, and then one criterion after the other is
weakened; with real kernels a sample of criteria is, and at night all.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from grader import scoring
from grader.authoring import verify
from grader.authoring.variants import Variant, load_variants
from grader.catalog import read_catalog
from grader.criteria import KINDS
from grader.model.evidence import Evidence
from grader.model.exercise import Exercise
from grader.model.judgement import Judgement
from grader.model.report import Carried, GradeReport
from grader.model.rubric import Criterion
from grader.model.text import say
from grader.model.verdict import Verdict
from tests.conftest import EXERCISES, ROOT, ReferenceOf
from tests.reports.builders import report

MISTAKES = {id_: load_variants(ROOT / "reference" / id_ / "mistakes") for id_ in EXERCISES}
ACCEPTED = Judgement(verdict=Verdict.ACCEPTED, score=1, summary=say("right"))
LOST = Judgement(verdict=Verdict.WRONG_ANSWER, score=0, summary=say("lost"))
SAMPLE = ("mse.values", "gradients.by_hand", "numeric.keeps_x", "descent.runs", "data.cases")


def by_machine(exercise: Exercise) -> list[Criterion]:
    return [c for c in exercise.rubric.criteria if c.kind != "manual"]


def own_mistakes(exercise_id: str, criterion: str) -> list[Variant]:
    return [variant for variant in MISTAKES[exercise_id] if variant.criterion == criterion]


def as_the_file_says(variant: Variant, exercise: Exercise) -> GradeReport:
    """The report that a mistake must have: its own criterion fails with those words, all others accept.

    Those that the file calls carried do so by follow-through marks.
    """
    names = exercise.rubric.carry_forward[0].names
    results = []
    for criterion in exercise.rubric.criteria:
        judgement = ACCEPTED
        if criterion.id == variant.criterion and variant.verdict and variant.most_points is not None:
            is_partial = variant.verdict is Verdict.PARTIALLY_ACCEPTED
            share = variant.most_points / criterion.points if is_partial else Decimal(0)
            score = share if variant.verdict.is_judged else None
            judgement = Judgement(verdict=variant.verdict, score=score, summary=say(f"{variant.says}"))
        result = scoring.score_criterion(criterion, judgement)
        if criterion.id in variant.carried_ids:
            marks = Carried(names=names, pays=Decimal(1), judgement=LOST, points=Decimal(0))
            result = result.model_copy(update={"carried": marks})
        results.append(result)
    return report(*results, exercise_id=exercise.id)


def weakened(found: GradeReport, exercise: Exercise, id_: str) -> GradeReport:
    criterion = next(c for c in exercise.rubric.criteria if c.id == id_)
    accepting = scoring.score_criterion(criterion, ACCEPTED)
    results = tuple(accepting if result.id == id_ else result for result in found.criteria)
    return found.model_copy(update={"criteria": results})


@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_each_criterion_has_mistakes_that_turn_red_when_it_alone_accepts_everything(
    exercise_id: str, exercises: dict[str, Exercise]
) -> None:
    exercise = exercises[exercise_id]
    for criterion in by_machine(exercise):
        mistakes = own_mistakes(exercise_id, criterion.id)
        assert mistakes, criterion.id
        for variant in mistakes:
            found = as_the_file_says(variant, exercise)
            assert verify.faults(variant, found) == []
            faults = verify.faults(variant, weakened(found, exercise, criterion.id))
            assert any(
                str(fault).startswith(f"{criterion.id}: expected {variant.verdict}, got accepted")
                for fault in faults
            )


def accepting(criterion: Criterion) -> Criterion:
    """The same criterion, which asks all that it asks and accepts whatever it hears."""

    def judge(self: Criterion, evidence: Evidence) -> Judgement:
        return ACCEPTED

    kind = type(f"Accepting{type(criterion).__name__}", (type(criterion),), {"judge": judge})
    return kind.model_construct(**{name: getattr(criterion, name) for name in type(criterion).model_fields})


def all_criteria() -> Iterator[object]:
    for exercise in read_catalog(ROOT / "exercises", ROOT / "reference", KINDS):
        for criterion in by_machine(exercise):
            marks = () if criterion.id in SAMPLE else (pytest.mark.nightly,)
            yield pytest.param(exercise.id, criterion.id, id=f"{exercise.id}-{criterion.id}", marks=marks)


@pytest.mark.parametrize(("exercise_id", "criterion_id"), list(all_criteria()))
def test_a_criterion_that_accepts_everything_turns_verify_red(
    exercise_id: str,
    criterion_id: str,
    exercises: dict[str, Exercise],
    reference_of: ReferenceOf,
    tier: str,
) -> None:
    exercise = exercises[exercise_id]
    criteria = tuple(accepting(c) if c.id == criterion_id else c for c in exercise.rubric.criteria)
    rubric = exercise.rubric.model_copy(update={"criteria": criteria})
    weak = exercise.model_copy(update={"rubric": rubric})
    variant = own_mistakes(exercise_id, criterion_id)[0]
    found = verify.grade_variant(variant, weak, reference_of(exercise_id), seed=0, tier=tier)
    faults = verify.faults(variant, found)
    assert any(
        str(fault).startswith(f"{criterion_id}: expected {variant.verdict}, got accepted") for fault in faults
    )
