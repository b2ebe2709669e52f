"""Cells that leaned on hidden state are named, with the name that they missed."""

from __future__ import annotations

import json

from grader.grading.source import read_cells
from grader.i18n import render
from grader.model.execution import CellError, CellRun, Execution
from grader.selfcheck.hidden_state import hidden_state, read_saved
from tests.selfcheck.course import notebook


def missed(*names):
    """A run from the top, cell by cell: the name that each missed, or None."""
    runs = []
    for index, name in enumerate(names):
        error = name and CellError(name="NameError", message=f"name '{name}' is not defined")
        runs.append(CellRun(index=index, ended="raised" if name else "completed", error=error))
    return Execution(ended="raised", cells=tuple(runs), notebook="", tier="local")


def remarks(text, execution):
    found = hidden_state(read_cells(text), read_saved(json.loads(text)), execution)
    return [render(remark, "en") for remark in found]


def test_a_name_that_no_cell_defines_though_the_cell_ran():
    [words] = remarks(notebook("x = 1", "print(y)", counts=(1, 2)), missed(None, "y"))
    assert "cell 2 uses `y`, which no cell of the notebook defines" in words


def test_a_name_that_is_defined_further_down():
    [words, order] = remarks(
        notebook("print(y)", "def f():\n    y = 0", "y = 1", counts=(3, 1, 2)), missed("y", None, None)
    )
    assert "cell 1 uses `y`, which only cell 3 defines, further down" in words
    assert "cell 2 ran before the one above it" in order


def test_a_cell_that_never_ran_or_failed_then_too_is_no_hidden_state():
    assert remarks(notebook("print(y)", counts=(None,)), missed("y")) == []
    saved = json.loads(notebook("print(y)", counts=(1,)))
    saved["cells"][0]["outputs"] = [{"output_type": "error", "ename": "NameError"}]
    assert remarks(json.dumps(saved), missed("y")) == []


def test_an_imported_name_counts_as_defined():
    [words] = remarks(notebook("print(np)", "import numpy as np", counts=(1, 2)), missed("np", None))
    assert "only cell 2 defines" in words


def test_whatever_a_file_holds_is_read():
    for content in (None, [], {"cells": 3}, {"cells": [3, {"cell_type": "code", "source": 5, "outputs": 5}]}):
        assert all(saved.count is None for saved in read_saved(content).values())
