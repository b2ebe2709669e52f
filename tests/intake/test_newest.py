"""Of several files which one counts: the newest, the newest in time, and the same work sent again late."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from grader.i18n import render
from grader.intake import read_submissions
from grader.intake.newest import Candidate, Counts, newest
from grader.model.exercise import Exercise
from grader.model.submission import Submission
from tests.intake.conftest import notebook
from tests.intake.downloads import as_folder

Exercises = tuple[Exercise, ...]


def sent(number: int, content: str, *, late: bool = False, day: int | None = None, **more: Any) -> Candidate:
    """The `number`th file of one student."""
    fields: dict[str, Any] = {
        "student": "zoe",
        "name": "Zoé",
        "exercise": "02_autograd",
        "path": f"{number}.ipynb",
        "sha256": f"{content}{number}",
        "content_sha256": content,
        "notebook": None,
        "late": late,
        "handed_in_at": None if day is None else datetime(2026, 11, day, tzinfo=UTC),
    }
    return Candidate(Submission(**{**fields, **more}), mtime_ns=0, copy=0, attempt=number)


def kept(*candidates: Candidate, counts: Counts = "newest", due: int | None = None) -> tuple[str, bool]:
    """Path of what counts, and whether that is late; `due` is the last day in time."""

    def is_late(submission: Submission) -> bool:
        at = submission.handed_in_at
        return submission.late if due is None or at is None else at.day > due

    (chosen,), others = newest(candidates, counts, is_late)
    assert len(others) == len(candidates) - 1
    assert all(file.is_superseded for file in others)
    return chosen.path, is_late(chosen)


@pytest.mark.parametrize(
    ("counts", "candidates", "expected"),
    [
        ("newest", (sent(1, "a"), sent(2, "b", late=True)), ("2.ipynb", True)),
        ("in-time", (sent(1, "a"), sent(2, "b", late=True)), ("1.ipynb", False)),
        ("in-time", (sent(1, "a"), sent(2, "b"), sent(3, "c", late=True)), ("2.ipynb", False)),
        ("in-time", (sent(1, "a", late=True), sent(2, "b", late=True)), ("2.ipynb", True)),
        ("newest", (sent(1, "a"), sent(2, "a", late=True)), ("1.ipynb", False)),
        ("newest", (sent(1, "a"), sent(2, "b"), sent(3, "a", late=True)), ("1.ipynb", False)),
        ("newest", (sent(1, "a"), sent(2, "a"), sent(3, "a", late=True)), ("2.ipynb", False)),
        ("newest", (sent(1, "a"), sent(2, "a")), ("2.ipynb", False)),
        ("newest", (sent(1, ""), sent(2, "", late=True)), ("2.ipynb", True)),
        ("newest", (sent(1, "", sha256="x"), sent(2, "", late=True, sha256="x")), ("1.ipynb", False)),
    ],
)
def test_late_files_and_those_that_say_the_same(
    counts: Counts, candidates: tuple[Candidate, ...], expected: tuple[str, bool]
) -> None:
    assert kept(*candidates, counts=counts) == expected


def test_by_a_deadline_the_same_work_is_as_early_as_it_first_came() -> None:
    files = (sent(1, "a", day=3), sent(2, "a", day=9))
    assert kept(*files, due=5) == ("1.ipynb", False)
    assert kept(*files, due=2) == ("1.ipynb", True)
    assert kept(*files, due=30) == ("2.ipynb", False)
    assert kept(sent(1, "a", day=3), sent(2, "b", day=9), due=5, counts="in-time") == ("1.ipynb", False)


def test_canvas_files_that_came_late(tmp_path: Path, exercises: Exercises) -> None:
    root = as_folder(
        {
            "zoe_12_9001_02_autograd.ipynb": notebook("first = 1"),
            "zoe_LATE_12_9002_02_autograd-1.ipynb": notebook("second = 1"),
            "ali_13_9003_02_autograd.ipynb": notebook("mine = 1"),
            "ali_LATE_13_9004_02_autograd-1.ipynb": notebook("mine = 1"),
        },
        tmp_path / "class",
    )
    intake = read_submissions([root], exercises)
    assert {s.name: (s.path, s.late) for s in intake.submissions} == {
        "zoe": ("zoe_LATE_12_9002_02_autograd-1.ipynb", True),
        "ali": ("ali_13_9003_02_autograd.ipynb", False),
    }
    reasons = {file.path: render(file.reason, "en") for file in intake.set_aside}
    assert (
        "sent again late and says the same as ali_13_9003" in reasons["ali_LATE_13_9004_02_autograd-1.ipynb"]
    )
    assert "There is a newer one" in reasons["zoe_12_9001_02_autograd.ipynb"]
    intake = read_submissions([root], exercises, counts="in-time")
    assert [s.late for s in intake.submissions] == [False, False]
    reasons = {file.path: render(file.reason, "en") for file in intake.set_aside}
    assert "It came late; zoe_12_9001" in reasons["zoe_LATE_12_9002_02_autograd-1.ipynb"]
