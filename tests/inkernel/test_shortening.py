"""Functions of a notebook that are called with less."""

from __future__ import annotations

from collections import Counter

import pytest
from IPython.core.interactiveshell import InteractiveShell

from grader.inkernel.shortening import MANY, install, shortened


def train(x: float, epochs: int = 500, *, verbose: bool = False) -> tuple[float, int]:
    return x, epochs


def test_arguments_above_the_most_are_cut_however_they_are_given() -> None:
    short = shortened(train, {"epochs": 20}, Counter())
    assert [short(1.0), short(1.0, 300), short(1.0, epochs=300), short(1.0, 3)] == [
        (1.0, 20),
        (1.0, 20),
        (1.0, 20),
        (1.0, 3),
    ]


def test_call_that_does_not_fit_raises_the_functions_own_error() -> None:
    with pytest.raises(TypeError, match="epochss"):
        shortened(train, {"epochs": 20}, Counter())(1.0, epochss=3)


def test_functions_of_each_cell_are_cut_also_when_they_are_defined_anew() -> None:
    shell = InteractiveShell()
    install(shell, {"train": {"epochs": 20}})
    shell.run_cell("def train(epochs):\n    return epochs")
    shell.run_cell("first = train(100)")
    shell.run_cell("def train(epochs):\n    return epochs + 1000")
    shell.run_cell("second = train(100)")
    assert (shell.user_ns["first"], shell.user_ns["second"]) == (20, 1020)


def test_cell_that_calls_until_a_result_is_good_gets_a_full_one_in_the_end() -> None:
    shell = InteractiveShell()
    install(shell, {"train": {"epochs": 20}})
    shell.run_cell("def train(epochs):\n    return epochs")
    for name in ("first", "second"):
        shell.run_cell(f"{name} = [train(100)]\nwhile {name}[-1] < 100:\n    {name}.append(train(100))")
        assert shell.user_ns[name] == [20] * MANY + [100]
