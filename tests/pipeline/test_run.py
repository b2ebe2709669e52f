"""The whole road, with real kernels (without walls), a real grade book and real processes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from grader.config import load_settings
from grader.errors import CatalogError, ReportError, RubricError
from grader.model.report import ClassReport, GradeReport
from grader.model.verdict import Verdict
from grader.pipeline import Plan, carry_out, plan
from tests.course import ENDLESS, ID, RIGHT, RUBRIC, WRONG, hand_in, lay_out, make_course, notebook, write
from tests.sandbox.notebooks import descendants, gone

KILLS_THE_GRADER = "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nimport time\ntime.sleep(1000)"


def plan_of(folder: Path, **more: Any) -> Plan:
    flags = {name: more.pop(name) for name in ("seed", "out", "db", "jobs") if name in more}
    settings = load_settings(flags, folder=folder, environment={})
    return plan(settings, [folder / "submissions"], **more)


def grade(folder: Path, **more: Any) -> tuple[ClassReport, list[GradeReport]]:
    """The class report, and what was graded anew."""
    told: list[GradeReport] = []
    return carry_out(plan_of(folder, **more), told.append), told


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in sorted((folder / "report").rglob("*")) if p.is_file()}


def without_times(value: Any) -> Any:
    if isinstance(value, dict):
        times = ("wall_s", "graded_at")
        return {key: without_times(item) for key, item in value.items() if key not in times}
    return [without_times(item) for item in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_course(tmp_path_factory.mktemp("course"))
    hand_in(folder, "ada", RIGHT)
    hand_in(folder, "bob", WRONG)
    write(folder / "submissions" / "carl" / f"{ID}.ipynb", "{")
    hand_in(folder, "dora", KILLS_THE_GRADER)
    class_report, told = grade(folder)
    assert len(told) == len(class_report.reports) == 4
    return folder


@pytest.fixture
def course(graded: Path, tmp_path: Path) -> Path:
    """A copy of the graded course, to be changed at will."""
    return Path(shutil.copytree(graded, tmp_path / "course"))


def results(folder: Path) -> dict[str, Any]:
    entries = json.loads((folder / "report" / "results.json").read_text())["reports"]
    return {entry["student"]: entry for entry in entries}


def test_right_is_paid_and_wrong_is_not(graded: Path) -> None:
    found = results(graded)
    assert list(found) == ["ada", "bob", "carl", "dora"]
    assert (found["ada"]["verdict"], Decimal(found["ada"]["points"])) == ("accepted", 2)
    assert (found["bob"]["verdict"], Decimal(found["bob"]["points"])) == ("wrong_answer", 0)


def test_unreadable_notebook_waits_for_a_person_and_met_no_kernel(graded: Path) -> None:
    carl = results(graded)["carl"]
    assert (carl["verdict"], carl["points"], Decimal(carl["undecided"])) == ("needs_review", None, 2)
    assert carl["problem"]


def test_worker_that_a_notebook_kills_is_a_judge_error_and_the_others_are_graded(graded: Path) -> None:
    dora = results(graded)["dora"]
    assert (dora["verdict"], dora["points"]) == ("judge_error", None)
    assert "WorkerDiedError" in dora["criteria"][0]["staff_note"]


def test_same_work_twice_grades_nothing_and_changes_nothing_but_tries_judge_errors_again(
    course: Path,
) -> None:
    (course / "submissions" / "dora" / f"{ID}.ipynb").unlink()
    settled, nothing = grade(course)
    assert nothing == []
    before, rows = files_of(course), list(sqlite3.connect(course / "grades.db").iterdump())
    again, nothing = grade(course)
    assert nothing == []
    assert again == settled
    assert files_of(course) == before
    assert list(sqlite3.connect(course / "grades.db").iterdump()) == rows
    hand_in(course, "dora", KILLS_THE_GRADER)
    assert [key.student for key in plan_of(course).todo] == ["dora"]


def test_grading_anew_with_the_same_seed_gives_the_same_but_for_times(course: Path) -> None:
    before = json.loads((course / "report" / "results.json").read_text())
    class_report, told = grade(course, again=True, only=["ada", "bob"])
    assert [r.student for r in class_report.reports] == ["ada", "bob", "carl", "dora"], "the others stay"
    assert sorted(r.student for r in told) == ["ada", "bob"]
    after = json.loads((course / "report" / "results.json").read_text())
    assert without_times(after) == without_times(before)


def test_exercises_that_take_longest_come_first(tmp_path: Path) -> None:
    make_course(tmp_path)
    slow = "02_slow"
    rubric = RUBRIC.replace(ID, slow)
    waits = notebook(f"import time\n{RIGHT.replace('return', 'time.sleep(0.3); return')}")
    lay_out(tmp_path, slow, rubric=rubric, solution=waits, handout=notebook("raise NotImplementedError"))
    hand_in(tmp_path, "ada", RIGHT)
    write(tmp_path / "submissions" / "ada" / f"{slow}.ipynb", notebook(RIGHT))
    _, told = grade(tmp_path, jobs=1)
    assert [report.exercise for report in told] == [slow, ID]


def test_plan_names_what_is_known_and_writes_nothing(course: Path) -> None:
    before = files_of(course)
    found = plan_of(course)
    assert {key.student for key in found.known} >= {"ada", "bob", "carl"}
    assert [key.student for key in plan_of(course, only=["bob"], again=True).todo] == ["bob"]
    assert len(plan_of(course, seed=1).todo) == len(found.todo) + len(found.known)
    assert files_of(course) == before


def test_plan_makes_no_grade_book(tmp_path: Path) -> None:
    make_course(tmp_path)
    hand_in(tmp_path, "ada", RIGHT)
    assert len(plan_of(tmp_path).todo) == 1
    assert not (tmp_path / "grades.db").exists()
    assert not (tmp_path / "report").exists()


def test_changed_rubric_is_new_work(graded: Path, tmp_path: Path) -> None:
    make_course(tmp_path, rubric=RUBRIC.replace("cases = 2", "cases = 3"))
    hand_in(tmp_path, "ada", RIGHT)
    found = plan_of(tmp_path, db=str(graded / "grades.db"))
    assert [key.student for key in found.todo] == ["ada"]
    assert found.known == {}


def test_reference_that_does_not_run_stops_the_run(tmp_path: Path) -> None:
    make_course(tmp_path, solution=f"1 / 0\n{RIGHT}")
    hand_in(tmp_path, "ada", RIGHT)
    with pytest.raises(CatalogError, match=r"01_doubles\.ipynb: cell 1: ZeroDivisionError"):
        grade(tmp_path)


def test_reference_that_the_grader_fails_to_ask_makes_judge_errors(tmp_path: Path) -> None:
    make_course(tmp_path, solution=f"{RIGHT}\n{KILLS_THE_GRADER}")
    hand_in(tmp_path, "ada", RIGHT)
    write(tmp_path / "submissions" / "carl" / f"{ID}.ipynb", "{")
    class_report, _ = grade(tmp_path)
    verdicts = {r.student: r.verdict for r in class_report.reports}
    assert verdicts == {"ada": Verdict.JUDGE_ERROR, "carl": Verdict.NEEDS_REVIEW}


def test_bad_rubric_and_unwritable_report_stop_before_any_kernel(tmp_path: Path) -> None:
    make_course(tmp_path, rubric=RUBRIC.replace("cases", "casse"))
    hand_in(tmp_path, "ada", RIGHT)
    with pytest.raises(RubricError, match="casse"):
        plan_of(tmp_path)
    make_course(tmp_path)
    ready = plan_of(tmp_path, out=Path("/proc/report"))
    with pytest.raises(ReportError, match="--out"):
        carry_out(ready, lambda _: None)
    assert not (tmp_path / "grades.db").exists()


def processes_of(marker: str) -> set[int]:
    """Processes whose environment holds `marker`: workers inherit it, kernels have an environment of their own."""
    found = set()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
                if marker.encode() in (folder / "environ").read_bytes() and state != "Z":
                    found.add(int(folder.name))
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_ended_run_keeps_what_is_done_leaves_no_process_and_goes_on(
    tmp_path: Path, number: signal.Signals
) -> None:
    make_course(tmp_path)
    hand_in(tmp_path, "ada", RIGHT)
    hand_in(tmp_path, "zoe", f"open({str(tmp_path / 'running')!r}, 'w').close()\n{ENDLESS}")
    marker = f"GRADE_TEST={tmp_path.name}{os.getpid()}"
    name, _, value = marker.partition("=")
    command = [sys.executable, "-m", "grader.cli", "submissions", "--jobs", "1"]
    run = subprocess.Popen(
        command, cwd=tmp_path, env={**os.environ, name: value}, stderr=subprocess.PIPE, text=True
    )
    while not (tmp_path / "running").exists():
        assert run.poll() is None
        time.sleep(0.05)
    started = descendants(run.pid)
    run.send_signal(number)
    _, errors = run.communicate()
    if number is signal.SIGINT:
        assert run.returncode == 130
        assert "Interrupted: 1 of 2 graded, and kept." in errors
        assert "Traceback" not in errors
    while processes_of(marker):
        time.sleep(0.05)
    assert gone(started)
    found = plan_of(tmp_path)
    assert [key.student for key in found.known] == ["ada"]
    assert [key.student for key in found.todo] == ["zoe"]
