"""What is said of a notebook's default dtype: only where it is unusual, and of the cell that sets it."""

from __future__ import annotations

import pytest

from grader.criteria.answers import unanswered
from grader.criteria.default_dtype import default_dtype_notice
from grader.i18n import render
from grader.model.probe import Observation, RaisedError
from tests.criteria.builders import cells, evidence, words

DIFFER = "mat1 and mat2 must have the same dtype, but got Float and Half"


def answered(default: str) -> Observation:
    return Observation(probe="a/0", outcome="answered", default_dtype=default)


@pytest.mark.parametrize(
    ("code", "default", "said"),
    [
        (
            "import torch\ntorch.set_default_dtype(torch.float64)",
            "float64",
            "Cell 2 sets the default dtype to float64",
        ),
        ("torch.set_default_tensor_type(torch.DoubleTensor)", "float64", "(`torch.set_default_tensor_type`)"),
        ("def f():\n    set_default_dtype(torch.double)\nf()", "float64", "(`set_default_dtype`)"),
        ("torch.set_default_dtype(torch.float16)", "float16", "float32 is asked for: leave that line out"),
        (
            "getattr(torch, 'set_default_' + 'dtype')(torch.float64)",
            "float64",
            "The default dtype is float64",
        ),
        ("import theirs", "bfloat16", "The default dtype is bfloat16"),
    ],
)
def test_an_unusual_default_dtype_is_told_with_the_cell_that_sets_it(
    code: str, default: str, said: str
) -> None:
    notice = default_dtype_notice(cells("x = 1", code), [answered(default)])
    assert notice is not None
    assert said in render(notice, "en")


@pytest.mark.parametrize("default", ["float32", ""])
def test_nothing_is_told_of_the_usual_one_even_where_it_was_set_and_set_back(default: str) -> None:
    code = "torch.set_default_dtype(torch.float64)\ntorch.set_default_dtype(torch.float32)"
    assert default_dtype_notice(cells(code), [answered(default)]) is None


@pytest.mark.parametrize(
    ("message", "default", "is_named"),
    [
        (DIFFER, "float16", True),
        ("expected scalar type Float but found Double", "float64", True),
        (DIFFER, "float32", False),
        ("mat1 and mat2 shapes cannot be multiplied (4x2 and 3x2)", "float16", False),
        ("name 'w' is not defined", "float16", False),
    ],
)
def test_an_error_is_put_down_to_the_default_dtype_only_where_it_speaks_of_dtypes(
    message: str, default: str, is_named: bool
) -> None:
    error = RaisedError(name="RuntimeError", message=message)
    observation = Observation(probe="a/0", outcome="raised", error=error, default_dtype=default)
    judgement = unanswered(
        observation, evidence([], source=cells("torch.set_default_dtype(torch.float16)")), None
    )
    assert judgement is not None
    assert ("the notebook's default dtype is" in words(judgement)) is is_named
    assert ("Cell 1 sets" in words(judgement)) is is_named
