"""What many tests share: the exercises, the sandbox tier of this machine, and the reference's answers, asked once."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.authoring.check_bundle import make_bundle
from grader.catalog import read_catalog, read_exercise
from grader.criteria import KINDS
from grader.errors import SandboxUnavailableError
from grader.grading import ask_reference, reference_key
from grader.model.check_bundle import SUFFIX
from grader.model.exercise import Exercise
from grader.model.report import ReferenceAnswers
from grader.sandbox import choose_tier
from grader.selfcheck.public import PublicExercise, read_bundle
from tests.once import made_once
from tests.scheduling import pytest_xdist_make_scheduler  # noqa: F401  a hook
from tests.selfcheck.course import ID, make_course
from tests.skips import pytest_make_collect_report, pytest_runtest_makereport  # noqa: F401  hooks

ROOT = Path(__file__).parent.parent
EXERCISES = ("01_regression_lineaire", "02_autograd", "03_XOR_lightning", "03_XOR_pytorch")

ReferenceOf = Callable[[str], ReferenceAnswers]


@pytest.fixture(scope="session")
def exercises() -> dict[str, Exercise]:
    return {e.id: e for e in read_catalog(ROOT / "exercises", ROOT / "reference", KINDS)}


@pytest.fixture(scope="session")
def tier() -> str:
    """The walls that a real run would have; where there are none, only what needs none is tested, outside CI."""
    try:
        return choose_tier("auto")
    except SandboxUnavailableError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no sandbox on this machine: {error}")


@pytest.fixture(scope="session")
def reference_of(
    exercises: dict[str, Exercise], tier: str, tmp_path_factory: pytest.TempPathFactory
) -> ReferenceOf:
    """The reference's answers for seed 0; shared between the workers of one test session."""

    def answers(exercise_id: str) -> ReferenceAnswers:
        exercise = exercises[exercise_id]

        def ask(path: Path) -> None:
            asked = ask_reference(exercise, seed=0, tier=tier)
            path.write_text(asked.model_dump_json(), encoding="utf-8")

        path = made_once(tmp_path_factory, f"{reference_key(exercise, 0)}.json", ask)
        return ReferenceAnswers.model_validate_json(path.read_bytes())

    return answers


@pytest.fixture(scope="session")
def bundle_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`<id>.check.json`, made by a reference in a plain local kernel."""
    course = tmp_path_factory.mktemp("course")

    def make(path: Path) -> None:
        make_course(course)
        exercise = read_exercise(course / "reference" / ID, course / "exercises", KINDS)
        bundle = make_bundle(exercise, tier="local", lang="fr")
        path.write_text(bundle.model_dump_json(by_alias=True), encoding="utf-8")

    return made_once(tmp_path_factory, f"{ID}{SUFFIX}", make)


@pytest.fixture
def public(bundle_file: Path) -> PublicExercise:
    return read_bundle(bundle_file)


@pytest.fixture
def student(tmp_path: Path, bundle_file: Path) -> Path:
    """A student's folder, with the exercise's file in it."""
    (tmp_path / bundle_file.name).write_bytes(bundle_file.read_bytes())
    return tmp_path
