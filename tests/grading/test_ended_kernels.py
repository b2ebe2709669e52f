"""A cell that ends its own kernel takes nothing along: the notebook runs again without it, within the same time."""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from grader.grading.gpu import run_with_gpu
from grader.i18n import render
from grader.model.execution import Execution
from grader.model.exercise import Exercise
from grader.model.gpu_run import USED_UP
from grader.model.packed import Packed
from grader.model.report import GradeReport, Job, ReferenceAnswers
from grader.model.shared_reason import ENDED_ITS_KERNEL, shared_reason
from grader.model.submission import Submission
from grader.model.verdict import Verdict
from grader.reports.lacking import shared_reasons
from tests.course import Cell, code_cell, notebook_of
from tests.grading.course import CELLS, REFERENCE, ask, grade, make_exercise
from tests.reports.builders import class_of

EXIT = "import os\nos._exit(0)"
KILL = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
SEGFAULT = "import ctypes\nctypes.string_at(0)"
ALL_BUT_RUNS = Decimal(5)
Graded = Callable[[str], GradeReport]


@pytest.fixture(scope="module")
def squares(tmp_path_factory: pytest.TempPathFactory) -> Exercise:
    return make_exercise(tmp_path_factory.mktemp("squares"))


@pytest.fixture(scope="module")
def graded(squares: Exercise, tier: str) -> Graded:
    answers = ask(squares, tier)
    return lambda notebook: grade(notebook, squares, answers, tier)


def with_scratch(*texts: str, at: int = len(CELLS)) -> str:
    scratch: list[Cell] = [code_cell(f"scratch{number}", text) for number, text in enumerate(texts)]
    return notebook_of(*CELLS[:at], *scratch, *CELLS[at:])


def verdicts(report: GradeReport) -> dict[str, Verdict]:
    return {result.id: result.judgement.verdict for result in report.criteria}


def text_of(execution: Execution | None) -> str:
    assert execution is not None
    return execution.notebook


@pytest.mark.parametrize(
    "notebook",
    [
        with_scratch(EXIT),
        with_scratch(KILL, at=6),
        with_scratch(SEGFAULT, "print('below')"),
        with_scratch(EXIT, KILL),
    ],
    ids=["at the end", "in the middle", "with a cell below", "two of them"],
)
def test_what_stands_around_it_is_judged_and_it_is_said(graded: Graded, notebook: str) -> None:
    report = graded(notebook)
    assert report.points == ALL_BUT_RUNS
    assert verdicts(report)["result.runs"] is Verdict.RUN_TIME_ERROR
    assert {finding.kind for finding in report.repairs} == {"ended_kernel"}
    finding = report.repairs[0]
    assert finding.cell is not None
    assert render(finding.found, "en") == f"Cell {finding.cell + 1} ended the kernel that it ran in."
    assert "run again without this cell" in render(finding.done, "en")
    execution = report.execution
    assert execution is not None
    assert execution.ended == "kernel_died"
    assert execution.detail is not None
    assert "was run again without it" in render(execution.detail, "en")
    assert (
        "os._exit" in text_of(execution)
        or "SIGKILL" in text_of(execution)
        or "string_at" in text_of(execution)
    )


def test_more_than_can_be_left_out_one_by_one_still_takes_nothing_from_above(graded: Graded) -> None:
    report = graded(with_scratch(EXIT, KILL, EXIT, EXIT, EXIT))
    assert report.points == ALL_BUT_RUNS
    assert len(report.repairs) == 3
    assert "as far as this cell" in render(report.repairs[-1].done, "en")


def test_what_the_cell_itself_would_have_given_is_lost(graded: Graded) -> None:
    cells = [dict(cell) for cell in CELLS]
    cells[5]["source"] = f"def square(x):\n    return x * x\n{EXIT}"
    report = graded(notebook_of(*cells))
    found = {result.id: result.judgement for result in report.criteria}
    assert found["square.values"].verdict is Verdict.RUN_TIME_ERROR
    assert "did not run to its end" in render(found["square.values"].summary, "en")
    assert found["total.values"].verdict is Verdict.ACCEPTED


def test_criteria_that_were_never_asked_are_one_line_a_student_for_the_teacher(graded: Graded) -> None:
    cells = [dict(cell) for cell in CELLS]
    cells[5]["source"] = (
        "import os\ndef square(x):\n    return os._exit(0) if getattr(x, 'requires_grad', None) is False else x * x"
    )
    report = graded(notebook_of(*cells))
    waiting = [r for r in report.criteria if shared_reason(r.judgement) == ENDED_ITS_KERNEL]
    assert [result.id for result in waiting] == ["total.values", "result.value"]
    [shared] = shared_reasons(class_of(report, report.model_copy(update={"student": "bob"})))
    assert render(shared.reason, "en") == "ended its own kernel"
    assert (len(shared.places), shared.points) == (2, Decimal(6))


def test_all_runs_of_a_notebook_share_its_time(squares: Exercise, tier: str, tmp_path: Path) -> None:
    submission = Submission(
        student="a", name="A", exercise=squares.id, path="a", sha256="0", notebook=Packed.of(REFERENCE)
    )
    answers = ReferenceAnswers(key="", answers={})
    job = Job(submission=submission, exercise=squares, reference=answers, seed=0, tier=tier)
    first = Execution(ended="completed", notebook=REFERENCE, tier=tier)
    run = run_with_gpu(job, REFERENCE, 0, True, first, time.monotonic(), (), {})
    assert (run.unavailable, run.execution) == (USED_UP, None)
    endless = with_scratch("import time\ntime.sleep(1000)")
    run = run_with_gpu(job, endless, 0, True, first, time.monotonic() + 3, (), {})
    assert (run.unavailable, run.execution) == (USED_UP, None)
