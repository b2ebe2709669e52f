"""The record: a trial holds as long as what it rests on is the same."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from grader.authoring.mutation import mutants_of
from grader.authoring.mutation.record import Record
from grader.authoring.mutation.score import Tried, score
from grader.authoring.mutation.trial import Fate, Trial, trial_of
from grader.errors import ConfigError
from grader.model.exercise import Exercise
from grader.model.text import say
from grader.model.verdict import Verdict
from tests.reports.builders import criterion

ID = "01_regression_lineaire"
KILLED = Trial(fate=Fate.KILLED, criterion="mse.values", verdict=Verdict.WRONG_ANSWER)
SURVIVED = Trial(fate=Fate.SURVIVED)


def changed(exercise: Exercise, id_: str) -> Exercise:
    """The exercise with another number of points for one criterion."""
    criteria = tuple(
        c.model_copy(update={"points": c.points + Decimal(1)}) if c.id == id_ else c
        for c in exercise.rubric.criteria
    )
    rubric = exercise.rubric.model_copy(update={"criteria": criteria})
    return exercise.model_copy(update={"rubric": rubric, "rubric_version": f"{exercise.rubric_version}+"})


@pytest.mark.parametrize(
    ("trial", "touched", "holds"),
    [
        (KILLED, None, True),
        (KILLED, "mse.values", False),
        (KILLED, "train.steps", True),
        (SURVIVED, None, True),
        (SURVIVED, "train.steps", False),
    ],
)
def test_a_kill_holds_while_its_criterion_does_and_all_else_while_the_rubric_does(
    trial: Trial, touched: str | None, holds: bool, exercises: dict[str, Exercise], tmp_path: Path
) -> None:
    exercise = exercises[ID]
    mutant = mutants_of(exercise.reference, ID)[10]
    with Record(tmp_path / "record.jsonl") as record:
        record.keep(mutant, exercise, 0, trial)
    again = Record(tmp_path / "record.jsonl")
    assert (again.find(mutant, changed(exercise, touched) if touched else exercise, 0) == trial) == holds
    assert again.find(mutant, exercise, 1) is None
    assert again.find(mutants_of(exercise.reference, ID)[11], exercise, 0) is None


def test_what_was_not_decided_is_tried_again(exercises: dict[str, Exercise], tmp_path: Path) -> None:
    mutant = mutants_of(exercises[ID].reference, ID)[0]
    with Record(tmp_path / "record.jsonl") as record:
        record.keep(mutant, exercises[ID], 0, Trial(fate=Fate.UNDECIDED))
    assert (tmp_path / "record.jsonl").read_text() == ""


def test_a_line_cut_off_is_passed_over_and_any_other_file_is_refused(
    exercises: dict[str, Exercise], tmp_path: Path
) -> None:
    path = tmp_path / "record.jsonl"
    mutant = mutants_of(exercises[ID].reference, ID)[0]
    with Record(path) as record:
        record.keep(mutant, exercises[ID], 0, SURVIVED)
    path.write_text(path.read_text() + '{"exercise": "01')
    assert Record(path).find(mutant, exercises[ID], 0) == SURVIVED
    path.write_text("hello\n" + path.read_text())
    with pytest.raises(ConfigError, match=r"line 1 is not of a record of mutants"):
        Record(path)
    with pytest.raises(ConfigError, match="cannot be written"), Record(tmp_path / "nowhere" / "r.jsonl"):
        pass


def test_a_time_out_kills_and_a_judge_error_does_not() -> None:
    late = criterion(Verdict.TIME_LIMIT_EXCEEDED, id_="a.a")
    broken = criterion(Verdict.JUDGE_ERROR, id_="b.b")
    good = criterion(Verdict.ACCEPTED, id_="c.c", share="1")
    assert trial_of([good, late, broken]).fate is Fate.KILLED
    undecided = trial_of([good, broken])
    assert (undecided.fate, undecided.criterion, undecided.verdict) == (
        Fate.UNDECIDED,
        "b.b",
        Verdict.JUDGE_ERROR,
    )
    assert trial_of([good]).fate is Fate.SURVIVED


def test_the_score_is_of_those_that_are_not_equivalent(exercises: dict[str, Exercise]) -> None:
    mutants = mutants_of(exercises[ID].reference, ID)
    killed = [Tried(exercise=ID, mutant=m, trial=KILLED) for m in mutants[:18]]
    living = Tried(exercise=ID, mutant=mutants[18], trial=SURVIVED)
    excused = Tried(exercise=ID, mutant=mutants[19], trial=SURVIVED, equivalent="It does the same.")
    failed = Tried(exercise=ID, mutant=mutants[20], trial=None, problem=say("no kernel"))
    assert score([*killed, living, excused]) == 18 / 19
    assert score([*killed, living, excused, failed]) == 18 / 20
    assert score([]) == 1
