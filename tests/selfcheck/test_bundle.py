"""What students get of an exercise: public criteria and examples; nothing of the solution, nothing hidden."""

from __future__ import annotations

import json

import numpy as np
import pytest

from grader.authoring.check_bundle import EXAMPLES_SEED, public_rubric
from grader.catalog import parse_rubric
from grader.config import Settings
from grader.criteria import KINDS
from grader.errors import CatalogError
from grader.grading.questions import questions_of
from grader.selfcheck.public import choose, parse_bundle
from tests.conftest import EXERCISES
from tests.selfcheck.course import HIDDEN_ID, SOLUTION_MARK


def told_to_students(rubric):
    return [criterion.for_students().model_dump(mode="json") for criterion in public_rubric(rubric).criteria]


def test_the_file_holds_no_solution_no_hidden_criterion_and_no_code_of_mistakes(bundle_file):
    text = bundle_file.read_text("utf-8")
    for secret in (
        SOLUTION_MARK,
        HIDDEN_ID,
        "x[:, None]",
        "Ce que personne",
        "4 * x - x",
        "too many",
        "raceback",
    ):
        assert secret not in text, secret
    content = json.loads(text)
    assert (content["hidden_criteria"], content["hidden_points"]) == (1, "1")
    assert {answer["outcome"] for answer in content["answers"].values()} == {"answered", "raised"}


def test_a_mistake_can_still_be_named_and_an_unknown_dependence_is_gone(public):
    values = next(c for c in public.exercise.rubric.criteria if c.id == "double.values")
    assert values.depends == ()
    assert [mistake.says.en for mistake in values.mistakes] == ["This is the triple.", "Too many."]
    assert "double.values/0-mistake-0" in public.bundle.answers


@pytest.mark.parametrize("id_", EXERCISES)
def test_nothing_hidden_and_nothing_asked_of_the_reference_is_in_a_real_exercises_part(id_, exercises):
    exercise = exercises[id_]
    shown = public_rubric(exercise.rubric)
    text = json.dumps(told_to_students(exercise.rubric), ensure_ascii=False)
    for criterion in exercise.rubric.criteria:
        if not criterion.public:
            assert f'"{criterion.id}"' not in text
        code = [mistake.call for mistake in getattr(criterion, "mistakes", ())]
        code += [
            *getattr(criterion, "also_right", ()),
            *filter(None, [getattr(criterion, "data_call", None)]),
        ]
        code += [criterion.loss] if criterion.kind == "gradient" else []
        for snippet in code:
            assert json.dumps(snippet, ensure_ascii=False) not in text, (criterion.id, snippet)
    assert sum(task.points for task in shown.tasks) == sum(c.points for c in shown.criteria)


@pytest.mark.parametrize("id_", EXERCISES)
def test_the_public_part_is_a_rubric_and_asks_what_the_whole_one_asks(id_, exercises):
    shown = public_rubric(exercises[id_].rubric)
    told = shown.model_copy(update={"criteria": tuple(c.for_students() for c in shown.criteria)})
    data = told.model_dump(mode="json", by_alias=True, exclude_unset=True)
    assert parse_rubric(data, KINDS, origin="test").criteria == told.criteria


def test_grading_never_asks_with_the_examples_inputs(exercises):
    exercise = exercises["02_autograd"]
    with pytest.raises(ValueError, match="seed"):
        Settings(seed=EXAMPLES_SEED)
    examples, asked = questions_of(exercise, EXAMPLES_SEED), questions_of(exercise, 0)
    for id_ in ("numeric.values", "neuron.values"):
        for one, other in zip(examples[id_], asked[id_], strict=True):
            assert not all(np.array_equal(one.inputs[name], other.inputs[name]) for name in one.inputs)


def test_an_exercise_without_public_criteria_is_refused(exercises):
    rubric = exercises["02_autograd"].rubric
    hidden = rubric.model_copy(
        update={"criteria": tuple(c.model_copy(update={"public": False}) for c in rubric.criteria)}
    )
    with pytest.raises(CatalogError, match="no criterion is public"):
        public_rubric(hidden)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is not the self-check file"),
        ("[]", "is not the self-check file"),
        ('{"schema": 2}', "newer version of grade"),
        ("{}", "is not the self-check file"),
    ],
)
def test_a_file_that_is_none_is_refused_by_name(text, words):
    with pytest.raises(CatalogError, match=words):
        parse_bundle(text, origin="TP1.check.json")


def test_a_single_exercise_is_chosen_for_a_notebook_that_tells_nothing(public):
    assert choose([public], None, None) is public
    assert choose([], None, None) is None


def test_a_notebook_of_another_exercise_is_not_checked_by_the_single_one(public):
    other = {"metadata": {"grade": {"exercise": "09_other"}}, "cells": []}
    assert choose([public], other, None) is None
