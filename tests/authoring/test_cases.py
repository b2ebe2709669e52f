"""The cases of an exercise, and what is seen without grading any of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.authoring.cases import cases_of, chosen, shortages, standing_faults
from grader.errors import CatalogError
from grader.model.exercise import Exercise
from tests.conftest import EXERCISES, ROOT

ID = "01_regression_lineaire"
RIGHT = 'about = "x"\n[cells]\nmse = "x = 1"\n'
MISTAKE = 'criterion = "mse.values"\nverdict = "wrong_answer"\nsays = "x"\npoints = ["0", "0.5"]\n' + RIGHT


@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_the_repositorys_exercises_have_all_that_they_need(
    exercise_id: str, exercises: dict[str, Exercise]
) -> None:
    cases = cases_of(exercises[exercise_id], ROOT / "reference" / exercise_id)
    assert list(standing_faults(exercises[exercise_id], cases)) == []
    assert list(shortages(exercises[exercise_id], cases)) == []


@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_without_the_mistakes_of_any_one_criterion_it_is_missed(
    exercise_id: str, exercises: dict[str, Exercise]
) -> None:
    exercise = exercises[exercise_id]
    cases = cases_of(exercise, ROOT / "reference" / exercise_id)
    for criterion in exercise.rubric.criteria:
        if criterion.kind == "manual" or criterion.points == 0:
            continue
        rest = [c for c in cases if c.variant is None or c.variant.criterion != criterion.id]
        faults = list(standing_faults(exercise, rest))
        assert any(f"no mistake that '{criterion.id}' must find" in str(fault) for fault in faults), (
            criterion.id
        )


def test_too_few_variants_and_a_handout_out_of_step_are_told(exercises: dict[str, Exercise]) -> None:
    exercise = exercises[ID]
    cases = cases_of(exercise, ROOT / "reference" / ID)
    stale = exercise.model_copy(update={"handout": exercise.reference})
    faults = "\n".join(map(str, standing_faults(stale, cases[:4])))
    assert f"run `grade exercise release {ID}`" in faults
    wanting = "\n".join(map(str, shortages(exercise, cases[:4])))
    assert f"reference/{ID}/right/: right variants 2; 8 would show" in wanting
    assert f"reference/{ID}/mistakes/: mistakes of the task 'mse' 0; 4 would show" in wanting


@pytest.mark.parametrize(
    ("folder", "text", "words"),
    [
        (
            "right",
            RIGHT.replace("mse", "msee"),
            "cells: 'msee': the reference has no such cell (did you mean 'mse'?)",
        ),
        (
            "mistakes",
            MISTAKE.replace("mse.values", "mse.value"),
            "criterion: 'mse.value': the rubric has no such crit",
        ),
        ("mistakes", MISTAKE.replace("mse.values", "mse.value"), "did you mean 'mse.values'?"),
        (
            "mistakes",
            'also = ["train.step"]\n' + MISTAKE,
            "also: 'train.step': the rubric has no such criterion",
        ),
        (
            "mistakes",
            'carried = ["train.step"]\n' + MISTAKE,
            "carried: 'train.step': the rubric has no such criterion",
        ),
        (
            "mistakes",
            MISTAKE.replace('"0.5"', '"3"'),
            "points: 'mse.values' is worth 0.5, but the file allows up to 3",
        ),
        ("right", MISTAKE, "a right variant has none; does it belong to mistakes/?"),
        ("mistakes", RIGHT, "criterion: is missing; which criterion must find the mistake?"),
    ],
)
def test_a_variant_that_names_what_there_is_not_is_refused(
    folder: str, text: str, words: str, exercises: dict[str, Exercise], tmp_path: Path
) -> None:
    path = tmp_path / folder / "v.toml"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CatalogError) as caught:
        cases_of(exercises[ID], tmp_path)
    assert str(path) in str(caught.value)
    assert words in str(caught.value)


def test_cases_are_chosen_by_name_pattern_or_kind(exercises: dict[str, Exercise]) -> None:
    cases = cases_of(exercises[ID], ROOT / "reference" / ID)
    assert chosen(cases, []) == cases
    assert [c.name for c in chosen(cases, ["blank", "mse_h*", "reference"])] == [
        "reference",
        "blank",
        "mse_half",
    ]
    assert {c.what for c in chosen(cases, ["right"])} == {"right"}
    with pytest.raises(CatalogError, match=r"--only mse_hlf: no such case \(did you mean 'mse_half'"):
        chosen(cases, ["mse_hlf"])
