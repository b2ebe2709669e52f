"""What a rubric may say in `carry_forward`, and how it is told what it may not."""

from __future__ import annotations

import pytest

from grader.authoring.rubric_diff import differences
from grader.authoring.rubric_edit import with_values
from grader.catalog import canonical_json, rubric_of, rubric_version
from grader.criteria import KINDS
from grader.errors import RubricError
from grader.model.rubric import Rubric
from grader.model.schema import rubric_schema
from grader.rubric_names import check_names
from tests.course import code_cell, notebook_of

TEXT = """
schema = 1
exercise = "x"
title = { fr = "x", en = "x" }
{carry}
{parts}
"""
PART = """
[[tasks]]
id = "{id}"
title = { fr = "x", en = "x" }
points = 1

[[criteria]]
id = "{id}.values"
task = "{id}"
kind = "matches_reference"
points = 1
title = { fr = "x", en = "x" }
call = "{id}()"
requires = ["{id}"]
"""
ENTRY = '[[carry_forward]]\ntask = "mse"\nnames = ["mse"]\npays = { train = 1, result = 0.5 }\n'


def text(*entries: str) -> str:
    parts = "".join(PART.replace("{id}", id_) for id_ in ("mse", "train", "result"))
    return TEXT.replace("{parts}", parts + "\n".join(entries)).replace("{carry}", "")


def read(*entries: str) -> Rubric:
    return rubric_of(text(*entries), KINDS, origin="rubric.toml")


def fault(*entries: str) -> str:
    with pytest.raises(RubricError) as raised:
        read(*entries)
    return str(raised.value).removeprefix("rubric.toml: ")


def entry(**changes: str) -> str:
    lines = {"task": '"mse"', "names": '["mse"]', "pays": "{ train = 1 }"} | changes
    return "[[carry_forward]]\n" + "\n".join(f"{key} = {value}" for key, value in lines.items())


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"task": '"mes"'},
            "carry_forward.task: 'mes' is not one of mse, train, result (did you mean 'mse'?).",
        ),
        ({"pays": "{ trian = 1 }"}, "carry_forward.mse.pays: 'trian' is not one of mse, train, result"),
        ({"pays": "{ train = 0 }"}, "carry_forward.mse.pays.train: Input should be greater than 0 (got 0)."),
        (
            {"pays": "{ train = 1.5 }"},
            "carry_forward.mse.pays.train: Input should be less than or equal to 1",
        ),
        ({"pays": "{}"}, "carry_forward.mse.pays: "),
        ({"names": "[]"}, "carry_forward.mse.names: "),
        ({"names": '["a.b.c"]'}, "carry_forward.mse.names.1: "),
        ({"names": '["mse", "mse"]'}, "carry_forward: the name 'mse' stands there twice"),
        ({"names": '["Net.forward", "Net"]'}, "carry_forward: the name 'Net' stands there twice"),
        ({"pays": "{ mse = 1 }"}, "carry_forward: 'mse' would rest on itself"),
        ({"pay": "1"}, "carry_forward.mse.pay: unknown key (did you mean 'pays'?)"),
    ],
)
def test_an_entry_that_cannot_be_is_told_by_key_and_expectation(changes: dict[str, str], told: str) -> None:
    assert fault(entry(**changes)).startswith(told)


def test_entries_that_do_not_go_together_are_told() -> None:
    assert fault(entry(), entry(names='["other"]')).startswith(
        "carry_forward: two entries have the task 'mse'"
    )
    other = entry(task='"train"', pays="{ mse = 1 }", names='["train"]')
    assert fault(entry(), other).startswith("carry_forward: 'mse' would rest on itself")


def test_one_table_where_there_may_be_several_is_told() -> None:
    assert "write [[carry_forward]], with two brackets" in fault(
        entry().replace("[[", "[").replace("]]\n", "]\n")
    )


REFERENCE = notebook_of(
    code_cell("a", "def mse(): ...\nclass Net:\n    def forward(self): ...", task="mse"),
    code_cell("b", "def train(): ...\ndef result(): ..."),
)


@pytest.mark.parametrize("name", ["mse", "Net", "Net.forward"])
def test_a_name_is_one_that_an_answer_cell_defines(name: str) -> None:
    check_names(read(entry(names=f'["{name}"]')), REFERENCE, origin="rubric.toml")


@pytest.mark.parametrize(("name", "meant"), [("msee", "mse"), ("Net.foward", "Net.forward"), ("train", "")])
def test_a_name_that_no_answer_cell_defines_is_told_with_the_nearest(name: str, meant: str) -> None:
    with pytest.raises(RubricError) as raised:
        check_names(read(entry(names=f'["{name}"]')), REFERENCE, origin="rubric.toml")
    hint = f" (did you mean '{meant}'?)" if meant else ""
    expected = f"carry_forward.mse.names: no answer cell of the reference defines '{name}'{hint}."
    assert str(raised.value) == f"rubric.toml: {expected}"


def test_a_rubric_without_it_keeps_its_version_and_one_with_it_has_another() -> None:
    assert "carry_forward" not in canonical_json(read())
    assert rubric_version(read()) != rubric_version(read(ENTRY))


def test_a_share_is_set_and_compared_by_its_key_and_the_schema_knows_it() -> None:
    after = with_values(text(ENTRY), [("carry_forward.mse.pays.train", "0.5")])
    new = rubric_of(after, KINDS, origin="rubric.toml")
    assert [str(d.key) for d in differences(canonical_json(read(ENTRY)), canonical_json(new))] == [
        "carry_forward.mse.pays.train"
    ]
    assert "carry_forward" in rubric_schema(KINDS.values())["properties"]
