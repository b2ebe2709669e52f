import pytest

from grader.criteria.runs import Runs
from grader.i18n import render
from grader.model.execution import CellError, CellRun
from grader.model.text import say
from grader.model.verdict import Verdict
from tests.criteria.builders import cell_raised, cells, evidence, execution, make, words

DONE = CellRun(index=0, ended="completed")


def judge(*runs, source=(), detail=None):
    return make(Runs).judge(evidence(ran=execution(DONE, *runs, detail=detail), source=source))


def test_a_notebook_that_runs_gets_its_points():
    assert judge().verdict is Verdict.ACCEPTED


def test_an_intended_error_is_no_failure():
    assert judge(cell_raised(1, "ValueError", "shown on purpose", intended=True)).verdict is Verdict.ACCEPTED


def test_a_name_of_hidden_state_asks_for_the_deleted_cell():
    judgement = judge(cell_raised(1, "NameError", "name 'x' is not defined"))
    assert judgement.verdict is Verdict.RUN_TIME_ERROR
    assert judgement.cell == 1
    assert "`x` is not defined when the notebook is run from the top" in words(judgement)
    assert "deleted" in words(judgement)
    assert "Cell 2" in words(judgement)


def test_only_the_first_of_many_errors_is_told():
    judgement = judge(
        cell_raised(1, "ModuleNotFoundError", "No module named 'sklearn'"),
        cell_raised(2, "NameError", "name 'y' is not defined"),
    )
    assert "`sklearn`" in words(judgement)
    assert "`y`" not in words(judgement)
    assert "; further cells that failed, perhaps for the same reason: 1" in words(judgement)


def test_a_cell_not_filled_in_is_not_attempted():
    judgement = judge(cell_raised(1, "NotImplementedError", "à compléter"))
    assert judgement.verdict is Verdict.NOT_ATTEMPTED
    assert "not been filled in" in words(judgement)


@pytest.mark.parametrize(
    ("ended", "verdict", "word"),
    [
        ("time_limit_exceeded", Verdict.TIME_LIMIT_EXCEEDED, "in time"),
        ("memory_limit_exceeded", Verdict.MEMORY_LIMIT_EXCEEDED, "memory"),
        ("process_limit_exceeded", Verdict.PROCESS_LIMIT_EXCEEDED, "processes or threads"),
        ("disk_limit_exceeded", Verdict.DISK_LIMIT_EXCEEDED, "to the disk"),
        ("output_limit_exceeded", Verdict.OUTPUT_LIMIT_EXCEEDED, "prints"),
        ("kernel_died", Verdict.RUN_TIME_ERROR, "died"),
    ],
)
def test_limits_have_their_own_verdicts(ended, verdict, word):
    judgement = judge(CellRun(index=1, ended=ended), detail=say("more than {limit} s", limit=120))
    assert judgement.verdict is verdict
    assert word in words(judgement)
    assert "more than 120 s" in words(judgement)


def test_a_whole_sentence_before_the_further_cells_keeps_its_stop():
    judgement = judge(
        CellRun(index=1, ended="time_limit_exceeded"),
        cell_raised(2, "NameError", "name 'y' is not defined"),
        detail=say("Cell {cell} took longer than {seconds} s.", cell=2, seconds=60),
    )
    assert judgement.got is not None
    assert render(judgement.got, "fr") == (
        "La cellule 2 a pris plus de 60 s. Autres cellules en échec, peut-être pour la même raison\u202f: 1."
    )


def test_the_line_that_failed_is_shown():
    error = CellError(name="ZeroDivisionError", message="x", traceback="Cell In[3], line 2\n----> 2 1 / 0")
    run = CellRun(index=1, ended="raised", error=error)
    judgement = judge(run, source=cells("a = 1", "b = 2\n  1 / 0"))
    assert "line 2: 1 / 0" in words(judgement)


def test_asking_for_typed_input_is_explained():
    judgement = judge(cell_raised(1, "StdinNotImplementedError", "raw_input was called"))
    assert "input()" in words(judgement)


def test_a_kernel_that_died_before_any_cell_is_a_failure():
    ran = execution().model_copy(update={"ended": "kernel_died"})
    assert make(Runs).judge(evidence(ran=ran)).verdict is Verdict.RUN_TIME_ERROR
