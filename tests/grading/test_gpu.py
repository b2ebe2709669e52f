"""How long a second run may take that is kept short."""

from __future__ import annotations

import pytest

from grader.grading.gpu import LONGEST_S, short_s
from grader.model.execution import CellRun, Ending, Execution


def execution(*cells: tuple[Ending, float]) -> Execution:
    runs = tuple(CellRun(index=i, ended=ended, wall_s=wall_s) for i, (ended, wall_s) in enumerate(cells))
    return Execution(ended="completed", cells=runs, notebook="{}", tier="none")


@pytest.mark.parametrize(
    ("cells", "limit_s"),
    [
        ((), 10.0),
        ((("completed", 1.0), ("raised", 0.5)), 14.5),
        ((("completed", 1.0), ("time_limit_exceeded", 60.0), ("kernel_died", 9.0)), 13.0),
        ((("completed", 100.0),), LONGEST_S),
    ],
)
def test_it_depends_on_what_the_first_run_took_apart_from_cells_that_a_limit_ended(cells, limit_s):
    assert short_s(execution(*cells)) == limit_s
