from __future__ import annotations

import tomllib

import pytest

from grader.authoring.rubric_diff import Difference, differences
from grader.authoring.rubric_edit import with_values
from grader.catalog import canonical_json, parse_rubric
from grader.criteria import KINDS
from grader.errors import ConfigError
from tests.conftest import EXERCISES, ROOT
from tests.course import RUBRIC


def canonical(text: str) -> str:
    return canonical_json(parse_rubric(tomllib.loads(text), KINDS, origin="test"))


@pytest.mark.parametrize("exercise", EXERCISES)
def test_only_the_line_that_was_set_differs(exercise: str) -> None:
    text = (ROOT / "reference" / exercise / "rubric.toml").read_text(encoding="utf-8")
    criterion = tomllib.loads(text)["criteria"][3]["id"]
    changed = with_values(text, [(f"{criterion}.public", "false"), ("limits.cell_s", "77")])
    was, now = text.splitlines(), changed.splitlines()
    different = set(now) - set(was)
    assert different <= {"public = false", "cell_s = 77", "[limits]"}
    assert len(now) - len(was) <= 4
    assert "limits.cell_s" in {d.key for d in differences(canonical(text), canonical(changed))}


def test_points_of_the_task_follow_its_criteria_unless_set_as_well() -> None:
    changed = with_values(RUBRIC, [("double.values.points", "2.5")])
    assert {(d.key, d.before, d.after) for d in differences(canonical(RUBRIC), canonical(changed))} == {
        ("tasks.double.points", "2", "2.5"),
        ("criteria.double.values.points", "2", "2.5"),
    }
    both = with_values(RUBRIC, [("double.values.points", "3"), ("tasks.double.points", "4")])
    assert tomllib.loads(both)["tasks"][0]["points"] == 4


def test_words_nested_keys_and_keys_taken_out() -> None:
    changed = with_values(
        RUBRIC,
        [("title.fr", "Le double, enfin"), ("double.values.inputs.x.low", "-2.5"), ("limits.total_s", None)],
    )
    data = tomllib.loads(changed)
    assert data["title"]["fr"] == "Le double, enfin"
    assert data["criteria"][0]["inputs"]["x"]["low"] == -2.5
    assert "total_s" not in data["limits"]


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("double.valeus.points", "1", "tasks"),
        ("tripled.points", "1", "begins with no criterion"),
        ("limits.cells", None, "no such key"),
        ("limits.cell_s.more", "1", "is a value"),
    ],
)
def test_keys_that_lead_nowhere_are_refused_here_or_by_the_schema(
    key: str, value: str | None, said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        canonical(with_values(RUBRIC, [(key, value)]))


def test_a_criterion_that_is_new_or_gone_is_one_difference() -> None:
    more = RUBRIC + RUBRIC[RUBRIC.index("[[criteria]]") :].replace("double.values", "double.again")
    more = with_values(more, [("double.again.points", "1")])
    found = differences(canonical(RUBRIC), canonical(more))
    assert Difference("criteria.double.again", None, "matches_reference 1") in found
    assert not [d for d in found if d.key.startswith("criteria.double.again.")]
    assert Difference("criteria.double.again", "matches_reference 1", None) in differences(
        canonical(more), canonical(RUBRIC)
    )


BONUS = (
    RUBRIC
    + """
[[criteria]]
id = "double.more"
task = "double"
kind = "manual"
bonus = true
points = 1
title = { fr = "En plus", en = "More" }
cell = "double"
"""
)


def test_bonus_comes_on_top_of_its_task() -> None:
    rubric = parse_rubric(tomllib.loads(BONUS), KINDS, origin="test")
    assert rubric.out_of == 2
    changed = tomllib.loads(with_values(BONUS, [("double.more.points", "2"), ("double.values.points", "3")]))
    assert changed["tasks"][0]["points"] == 3
