"""Faults of a file that an author wrote, as the author thinks of it."""

import pytest
from pydantic import BaseModel, ValidationError

from grader.i18n import render
from grader.model.file_faults import explain_fault


class Shape(BaseModel, extra="forbid"):
    size: int


class Choice(BaseModel, extra="forbid"):
    one_of: tuple[int, ...]


class Part(BaseModel, extra="forbid"):
    shapes: tuple[Shape, ...] = ()
    values: dict[str, Choice | int] = {}
    words: tuple[str, ...] = ()


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"shapes": {"size": 1}}, "shapes: there may be several: write [[shapes]], with two brackets."),
        ({"shapes": [{"size": 1}, {"size": "x"}]}, "shapes.2.size: Input should be a valid integer"),
        ({"values": {"lr": {"one_off": [1]}}}, "values.lr.one_off: unknown key (did you mean 'one_of'?)."),
        ({"words": 3}, "words: Input should be a list (got 3)."),
    ],
)
def test_the_place_is_the_authors_and_the_words_are_tomls(data, told):
    with pytest.raises(ValidationError) as caught:
        Part.model_validate(data)
    assert render(explain_fault(caught.value, data, Part), "en").startswith(told)
