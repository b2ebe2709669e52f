from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import ReportError
from grader.pipeline.class_report import check_writable, class_report_of
from grader.versions import versions
from tests.store.samples import report, submission


def test_order_is_by_name_without_accents_then_student_then_exercise() -> None:
    handed_in = [
        submission("4", name="Zoé"),
        submission("3", name="émile"),
        submission("2", name="Eve"),
        submission("1", name="Eve", exercise="b"),
        submission("1", name="Eve", exercise="a"),
    ]
    found = class_report_of([report(s) for s in handed_in], [], seed=0, tier="none").reports
    assert [(r.student, r.exercise) for r in found[:3]] == [
        ("3", "01_regression_lineaire"),
        ("1", "a"),
        ("1", "b"),
    ]
    assert [r.name for r in found[3:]] == ["Eve", "Zoé"]


def test_versions_name_what_grades_depend_on() -> None:
    assert {"python", "grade", "torch", "numpy"} <= set(versions())


@pytest.mark.parametrize("below", ["report", "report/a/b"])
def test_folder_that_can_be_written_to_is_made_and_left_empty(tmp_path: Path, below: str) -> None:
    check_writable(tmp_path / below)
    assert list((tmp_path / below).iterdir()) == []


def test_folder_that_cannot_be_made_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "report", Path("/proc/report")):
        with pytest.raises(ReportError, match="--out"):
            check_writable(folder)
