"""Tables of when students handed in."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from grader.errors import IntakeError
from grader.intake import read_times
from grader.model.submission import Submission

PARIS = ZoneInfo("Europe/Paris")
EXERCISES = ("01_a", "02_b")


def submission(student: str, name: str, exercise: str) -> Submission:
    return Submission(
        student=student,
        name=name,
        exercise=exercise,
        path=f"{student}/x.ipynb",
        sha256="0" * 64,
        notebook=None,
    )


CLASS = tuple(
    submission(student, name, exercise)
    for student, name in (("40211", "Zoé Lefèvre"), ("40218", "Jean Martin"), ("40219", "Jean Martin"))
    for exercise in EXERCISES
)


def read(tmp_path: Path, text: str | bytes, only: str = "") -> dict[tuple[str, str], str]:
    path = tmp_path / "times.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    found = read_times(f"{only}{path}", CLASS, EXERCISES, PARIS)
    return {work: f"{at.astimezone(UTC):%d %H:%M}" for work, at in found.items()}


def test_students_are_found_by_identifier_or_whole_name(tmp_path: Path) -> None:
    text = "student,exercise,handed_in_at\n40211,01_a,2026-11-23 10:00\n40219,02_b,2026-11-24T10:00Z\n"
    assert read(tmp_path, text) == {("40211", "01_a"): "23 09:00", ("40219", "02_b"): "24 10:00"}
    named = "name;exercise;handed_in_at\nzoé  lefèvre;01_a;23/11/2026 10:00\nNobody;01_a;23/11/2026 10:00\n"
    assert read(tmp_path, named.encode("cp1252")) == {("40211", "01_a"): "23 09:00"}


def test_line_without_an_exercise_is_for_all_and_the_last_time_counts(tmp_path: Path) -> None:
    text = "student\ttime\n40211\t2026-11-23 10:00\n40211\t2026-11-22 10:00\n"
    assert read(tmp_path, text) == {("40211", "01_a"): "23 09:00", ("40211", "02_b"): "23 09:00"}


@pytest.mark.parametrize(
    "worksheet",
    [
        'Identifier,Full name,"Last modified (submission)"\n'
        'Participant 40211,Zoé Lefèvre,"Monday, 23 November 2026, 10:00 AM"\nParticipant 40218,Jean Martin,-\n',
        'Identifiant,"Nom complet","Dernière modification (travail remis)"\n'
        'Participant 40211,Zoé Lefèvre,"lundi 23 novembre 2026, 10:00"\n',
    ],
)
def test_worksheet_of_moodle_is_read_for_its_exercise(tmp_path: Path, worksheet: str) -> None:
    assert read(tmp_path, worksheet, "02_b=") == {("40211", "02_b"): "23 09:00"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "has a line of titles"),
        ("student,mark\n40211,3\n", "has a line of titles"),
        ("student,time\n40211,tomorrow\n", "line 2: 'tomorrow' is no moment"),
        ("student,time\n40211,2026-11-23\n", "line 2: '2026-11-23' is no moment"),
        ("name,time\nJean Martin,2026-11-23 10:00\n", "line 2: several students are called Jean Martin"),
        ("student,time\nada,2026-11-23 10:00\n", "none of its lines"),
        (b"PK\x03\x04 a workbook", "save it as CSV"),
        ('student,time\n"40211,2026\n', "no table"),
    ],
)
def test_fault_is_named_with_the_file_and_the_line(tmp_path: Path, text: str | bytes, words: str) -> None:
    with pytest.raises(IntakeError, match=words) as raised:
        read(tmp_path, text)
    assert "times.csv" in str(raised.value)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="cannot be read"):
        read_times(str(tmp_path / "none.csv"), CLASS, EXERCISES, None)


def test_times_in_two_zones_are_compared_as_moments(tmp_path: Path) -> None:
    text = "student,exercise,time\n40211,01_a,2026-11-23T10:30Z\n40211,01_a,2026-11-23 11:00\n"
    assert read(tmp_path, text) == {("40211", "01_a"): "23 10:30"}
    assert datetime(2026, 11, 23, 11, tzinfo=PARIS) < datetime(2026, 11, 23, 10, 30, tzinfo=UTC)
