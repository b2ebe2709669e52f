from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import AfterValidator, BaseModel, Field, ValidationError

from grader.i18n import render
from grader.model.faults import complaint, expectation
from grader.model.text import say


def _refused(value: int) -> int:
    if value == 7:
        raise ValueError(say("{key}: is missing.", key="seven"))
    return value


class Model(BaseModel):
    number: Annotated[int, Field(ge=0, lt=10), AfterValidator(_refused)] = 0
    kind: Literal["a", "b", "c"] = "a"
    name: Annotated[str, Field(pattern="^[a-z]+$")] = "x"


@pytest.mark.parametrize(
    ("given", "english", "french"),
    [
        (
            {"number": -1},
            "Input should be greater than or equal to 0",
            "attendu : un nombre supérieur ou égal à 0",
        ),
        ({"number": 10}, "Input should be less than 10", "attendu : un nombre inférieur à 10"),
        ({"kind": "d"}, "Input should be 'a', 'b' or 'c'", "attendu : 'a', 'b' ou 'c'"),
        ({"number": 7}, "seven: is missing.", "seven : manque."),
        (
            {"name": "X"},
            "String should match pattern '^[a-z]+$'",
            "« String should match pattern '^[a-z]+$' »",
        ),
    ],
)
def test_what_a_validator_complains_of_is_said_in_both_languages(
    given: dict[str, object], english: str, french: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        Model.model_validate(given)
    (fault,) = caught.value.errors()
    assert render(complaint(fault), "en") == str(complaint(fault)) == english
    assert render(complaint(fault), "fr").replace("\u202f", " ") == french
    assert str(expectation(fault)) == english.removeprefix("Input should be ")
