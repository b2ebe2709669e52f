from __future__ import annotations

from pathlib import Path

import pytest

from grader.catalog import read_catalog
from grader.criteria import KINDS
from grader.errors import ConfigError
from grader.model.exercise import Exercise
from grader.model.submission import Intake, SetAside
from grader.model.text import say
from grader.pipeline.selection import select
from tests.course import ID, make_course
from tests.store.samples import submission

ADA = submission("42", name="Ada Lovelace", exercise=ID)
ADA_TOO = submission("42", name="Ada Lovelace", exercise="02_autograd")
GRACE = submission("43", name="Grace Hopper", exercise=ID)
ALL = [ADA, ADA_TOO, GRACE]
CLOSED = SetAside(path="Kim_44", reason=say("The folder is empty."), student="44", name="Kim")
OLDER = SetAside(path="42/x.ipynb", reason=say("The folder is empty."), student="42", exercise=ID)
STRAY = SetAside(path="stray.ipynb", reason=say("It lies in no student's folder."))
INTAKE = Intake(layout="moodle", submissions=tuple(ALL), set_aside=(CLOSED, OLDER, STRAY))


@pytest.fixture
def exercises(tmp_path: Path) -> list[Exercise]:
    make_course(tmp_path)
    (one,) = read_catalog(tmp_path / "exercises", tmp_path / "reference", KINDS)
    return [one, one.model_copy(update={"id": "02_autograd"})]


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        ([], ALL),
        (["42"], [ADA, ADA_TOO]),
        (["ada lovelace"], [ADA, ADA_TOO]),
        ([ID], [ADA, GRACE]),
        (["Grace Hopper", "42"], ALL),
        (["42", ID], [ADA]),
        (["43", "02_autograd"], []),
    ],
)
def test_only_names_students_and_exercises(
    exercises: list[Exercise], only: list[str], expected: list[object]
) -> None:
    assert list(select(INTAKE, exercises, only).submissions) == expected


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        ([], [CLOSED, OLDER, STRAY]),
        (["42"], [OLDER]),
        (["kim"], [CLOSED]),
        (["02_autograd"], [CLOSED, STRAY]),
        (["42", "02_autograd"], []),
    ],
)
def test_only_what_may_be_theirs_is_spoken_of(
    exercises: list[Exercise], only: list[str], expected: list[object]
) -> None:
    assert list(select(INTAKE, exercises, only).set_aside) == expected


def test_name_of_nobody_is_refused_with_the_nearest(exercises: list[Exercise]) -> None:
    with pytest.raises(ConfigError, match=r"--only 02_autogrd: .* did you mean '02_autograd'\?"):
        select(INTAKE, exercises, ["02_autogrd"])
    with pytest.raises(ConfigError, match="it must be"):
        select(INTAKE, exercises, ["zzzzzz"])
