"""Which notebooks a criterion's training is measured with."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.authoring.calibration.cases import calibrated, cases_of, chosen, defining_cells
from grader.catalog import read_catalog
from grader.criteria import KINDS
from grader.errors import CatalogError
from grader.model.exercise import Exercise
from tests.authoring.calibration.course import make_course, notebook
from tests.conftest import EXERCISES, ROOT


@pytest.fixture
def course(tmp_path: Path) -> tuple[Exercise, Path]:
    folder = make_course(tmp_path)
    (exercise,) = read_catalog(folder / "exercises", folder / "reference", KINDS)
    return exercise, folder / "reference"


def test_a_mistake_is_looked_at_when_it_touches_the_training(course: tuple[Exercise, Path]) -> None:
    exercise, reference = course
    (criterion,) = calibrated(exercise)
    found = [(case.name, case.role, case.must_pass) for case in cases_of(exercise, criterion, reference)]
    assert found == [
        ("reference", "reference", True),
        ("renamed", "right", True),
        ("stuck", "must_fail", False),
        ("beside", "unrelated", True),
    ]


def test_names_and_roles_choose_and_a_misspelt_one_is_refused(course: tuple[Exercise, Path]) -> None:
    exercise, reference = course
    cases = cases_of(exercise, calibrated(exercise)[0], reference)
    assert [c.name for c in chosen(cases, ["right", "stuck"])] == ["renamed", "stuck"]
    assert chosen(cases, []) == cases
    with pytest.raises(CatalogError, match="did you mean 'renamed'"):
        chosen(cases, ["renamd"])


def test_cells_that_define_a_name_are_found_wherever_it_is_bound() -> None:
    assert defining_cells(notebook("def train(): ..."), ["train"]) == {"train"}
    assert defining_cells(notebook("%matplotlib inline\nif True:\n    train = 1"), ["train"]) == {"train"}
    assert defining_cells(notebook("def f():\n    train = 1"), ["train"]) == set()
    assert defining_cells(notebook("def broken(:"), ["train"]) == set()


def test_the_exercises_that_train_are_calibrated(exercises: dict[str, Exercise]) -> None:
    found = {id_: [c.id for c in calibrated(exercises[id_])] for id_ in EXERCISES}
    assert found == {
        "01_regression_lineaire": ["result.loss"],
        "02_autograd": [],
        "03_XOR_lightning": ["learns.loss"],
        "03_XOR_pytorch": ["learns.loss"],
    }
    exercise = exercises["03_XOR_pytorch"]
    roles = {c.name: c.role for c in cases_of(exercise, calibrated(exercise)[0], ROOT / "reference")}
    assert roles["learns_tiny_rate"] == "must_fail"
    assert roles["network_relu"] == "may_fail"
    assert roles["train_losses_every_tenth"] == "unrelated"
    assert "figure_absent" not in roles
    assert "data_and" not in roles
