"""A group is one student in the grade book: marked once, counted once; exports give each member its grade."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import main
from grader.model.submission import Member
from grader.model.verdict import Verdict
from grader.store import GradeBook
from tests.commands.test_show import keep
from tests.course import ID, RIGHT, WRONG, hand_in, write
from tests.export.worksheets import Line, cells, worksheet
from tests.reports.builders import REGRESSION, WHEN, XOR, criterion, report

ADA, BOB = Member(student="41", name="Ada Lovelace"), Member(student="42", name="Bob Noyce")
HALF = criterion(Verdict.PARTIALLY_ACCEPTED, points="4")
ANSWER = criterion(Verdict.NEEDS_REVIEW, id_="text.why", kind="manual", cell=3)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a group of two and Zoé in the grade book; the group's answer waits."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRADE_LANG", "en")
    monkeypatch.setenv("GRADE_AUTHOR", "marie")
    keep(report(HALF, ANSWER, student="G1", name="Group 1", members=(ADA, BOB)))
    keep(report(criterion(points="4"), criterion(id_="text.why"), student="12", name="Zoé Lefèvre"))
    return tmp_path


def grade(*args: str, code: int = 0) -> str:
    result = CliRunner(env={"COLUMNS": "200"}).invoke(main, list(args))
    assert result.exit_code == code, result.output
    return " ".join(result.output.split())


def rows(path: str) -> dict[str, dict[str, str]]:
    return {row["student"]: row for row in csv.DictReader(io.StringIO(Path(path).read_text("utf-8")))}


@pytest.mark.parametrize("word", ["ada", "42", "Bob Noyce", "G1", "group"])
def test_a_group_is_marked_once_by_any_members_name(folder: Path, word: str) -> None:
    said = grade("mark", word, XOR, "why", "1", "-m", "Half.")
    assert "Group 1 (Ada Lovelace, Bob Noyce) (G1) · 03_XOR_pytorch · text.why: 1/2 by marie" in said
    assert "Nothing waits" in grade("mark", "--list-needed")
    assert "1/2 by marie" in grade("mark", "bob", "--history")
    grade("export", "csv", "--out", "all.csv")
    assert {s: row["points"] for s, row in rows("all.csv").items()} == {"12": "6", "41": "3", "42": "3"}
    assert rows("all.csv")["41"]["name"] == "Ada Lovelace"


def test_lists_count_a_group_once(folder: Path) -> None:
    assert "criteria 1, points 2" in grade("mark", "--list-needed")
    grade("mark", "--list-needed", "--out", "marks.csv")
    assert len(Path("marks.csv").read_text("utf-8-sig").splitlines()) == 2
    assert "Group 1 (Ada Lovelace, Bob Noyce) · 03_XOR_pytorch" in grade("show", "ada")


def test_a_table_marks_a_group_by_its_members_once(folder: Path) -> None:
    titles = "student,name,exercise,criterion,points"
    write(folder / "marks.csv", f"{titles}\n41,Ada Lovelace,{XOR},why,1\n42,,{XOR},why,2\n")
    said = grade("mark", "--from", "marks.csv", "-m", "x", code=2)
    assert "line 3: Group 1 · text.why: a line above marks this already" in said
    write(folder / "marks.csv", f"{titles}\n41,Carl Gauss,{XOR},why,1\n")
    said = grade("mark", "--from", "marks.csv", "-m", "x", code=2)
    assert "'41' is Group 1 (Ada Lovelace, Bob Noyce) (G1) in the grade book" in said
    write(folder / "marks.csv", f"{titles}\n41,Ada Lovelace,{XOR},why,1\nBob Noyce,,{XOR},why,1\n")
    assert "Marked: 1" in grade("mark", "--from", "marks.csv", "-m", "x")


def test_every_export_gives_each_member_the_groups_grade(folder: Path) -> None:
    grade("mark", "ada", XOR, "why", "2", "-m", "Right.")
    grade("export", "canvas", "--out", "canvas.csv")
    assert [line[:3] for line in (folder / "canvas.csv").read_text("utf-8").splitlines()[2:]] == [
        "Zoé",
        "Ada",
        "Bob",
    ]
    grade("export", "junit", "--out", "all.xml")
    assert "Bob Noyce" in (folder / "all.xml").read_text("utf-8")
    grade("export", "gradescope", "--out", "results")
    assert len(list((folder / "results").glob("4[12]/*/results.json"))) == 2
    (folder / "notes.csv").write_bytes(worksheet([Line(41, "Ada Lovelace"), Line(42, "Bob Noyce")]))
    grade("export", "moodle", "notes.csv", "--feedback", "feedback.zip")
    assert [row[6] for row in cells((folder / "notes.csv").read_bytes())[1:]] == ["13.33", "13.33"]
    with zipfile.ZipFile(folder / "feedback.zip") as archive:
        assert sorted(archive.namelist()) == [
            f"{who}_assignsubmission_file/feedback.html" for who in ("Ada Lovelace_41", "Bob Noyce_42")
        ]
        assert "Group 1" in archive.read(archive.namelist()[0]).decode()


def test_moodles_own_group_is_joined_by_its_name(folder: Path) -> None:
    grade("mark", "ada", XOR, "why", "2", "-m", "Right.")
    lines = [Line(7, "Ada Lovelace", group="Group 1"), Line(8, "Bob Noyce", group="Group 1")]
    (folder / "notes.csv").write_bytes(worksheet(lines))
    grade("export", "moodle", "notes.csv")
    assert [row[6] for row in cells((folder / "notes.csv").read_bytes())[1:]] == ["13.33", "13.33"]


def test_who_was_taken_out_of_a_group_is_in_no_export(folder: Path) -> None:
    grade("people", "remove", "bob")
    grade("export", "csv", "--out", "all.csv", "--without-manual")
    assert set(rows("all.csv")) == {"12", "41"}


def test_a_groups_grade_goes_before_a_members_own_and_another_groups_later_one(folder: Path) -> None:
    keep(report(criterion(points="1"), student="41", name="Ada Lovelace", exercise_id=REGRESSION))
    later = WHEN + timedelta(days=1)
    both = {"members": (ADA, BOB), "exercise_id": REGRESSION}
    keep(report(criterion(points="2"), student="G2", name="Group 2", graded_at=later, **both))
    grade("export", "csv", "--out", "all.csv", "--without-manual", "--only", REGRESSION)
    assert {s: row["points"] for s, row in rows("all.csv").items()} == {"41": "2", "42": "2"}
    assert "Ada Lovelace (41)" not in grade("show", "41", REGRESSION)
    keep(report(criterion(points="3"), student="G3", name="Group 3", graded_at=WHEN, **both))
    grade("export", "csv", "--out", "all.csv", "--without-manual", "--only", REGRESSION)
    assert rows("all.csv")["41"]["points"] == "2"
    assert "in several groups that have a grade" in grade("show", "41", REGRESSION, code=2)


def test_marks_from_before_the_group_was_known_hold_and_can_be_taken_back(folder: Path) -> None:
    keep(report(HALF, ANSWER, student="51", name="Carl", notebook_sha256="cd" * 32))
    grade("mark", "carl", XOR, "why", "2", "-m", "Right.")
    pair = (Member(student="51", name="Carl"), Member(student="52", name="Dora"))
    keep(report(HALF, ANSWER, student="G5", name="Group 5", members=pair, notebook_sha256="cd" * 32))
    with GradeBook.open("sqlite:///grades.db") as book:
        (found,) = book.reports([("G5", XOR)])
        assert (found.points, ("51", XOR) in book.works()) == (4, False)
    grade("mark", "dora", XOR, "why", "--undo", "-m", "No.")
    with GradeBook.open("sqlite:///grades.db") as book:
        (found,) = book.reports([("G5", XOR)])
        assert found.undecided == 2


def test_points_taken_off_before_the_group_was_known_are_taken_off_it_and_given_back(folder: Path) -> None:
    keep(report(HALF, student="51", name="Carl", notebook_sha256="cd" * 32))
    grade("mark", "carl", XOR, "--take-off", "1", "-m", "Copied.")
    pair = (Member(student="51", name="Carl"), Member(student="52", name="Dora"))
    keep(report(HALF, student="G5", name="Group 5", members=pair, notebook_sha256="cd" * 32))
    assert "1/4" in grade("show", "dora")
    grade("mark", "dora", XOR, "--undo", "-m", "Not so.")
    assert "2/4" in grade("show", "carl")


def test_an_identifier_is_found_though_somebody_is_called_so(folder: Path) -> None:
    keep(report(ANSWER, student="51", name="42"))
    grade("mark", "42", XOR, "why", "2", "-m", "Right.")
    with GradeBook.open("sqlite:///grades.db") as book:
        assert {r.student: r.undecided for r in book.reports()} == {"12": 0, "51": 2, "G1": 0}


def test_who_hands_in_alone_beside_a_groups_grade_is_named(graded: Path) -> None:
    write(graded / "groups.csv", "group,student\npair,ada\npair,bob\n")
    grade("submissions", "--groups", "groups.csv", "--yes")
    said = grade("submissions", "--only", "ada")
    assert "ada handed in 01_doubles alone, and is in pair, whose grade counts" in said
    said = grade("submissions", "--groups", "groups.csv", "--only", "bob", "--dry-run")
    assert "Found: students 2, groups 1, notebooks 1" in said
    assert "alone" not in said
    grade("export", "csv", "--out", "all.csv")
    assert set(rows("all.csv")) == {"ada", "bob", "carl"}
    grade("people", "remove", "pair")
    grade("export", "csv", "--out", "all.csv")
    assert set(rows("all.csv")) == {"ada", "carl"}


def test_a_class_is_graded_in_groups_and_reported_once_each(graded: Path) -> None:
    hand_in(graded, "bob", RIGHT)
    hand_in(graded, "dora", WRONG)
    write(graded / "groups.csv", "group,student\npair,ada\npair,bob\n")
    said = grade("submissions", "--groups", "groups.csv", "--dry-run")
    assert "Found: students 4, groups 1, notebooks 3" in said
    write(graded / "grader.toml", (graded / "grader.toml").read_text() + 'groups = "groups.csv"\n')
    grade("submissions", "--yes")
    found = {
        r["student"]: r
        for r in json.loads((graded / "report" / "results.json").read_text("utf-8"))["reports"]
    }
    assert set(found) == {"pair", "carl", "dora"}
    assert [m["student"] for m in found["pair"]["members"]] == ["ada", "bob"]
    listed = (graded / "report" / "grades.csv").read_text("utf-8")
    assert listed.count(ID) == 3
    assert "ada; bob" in listed
    assert "pair (ada, bob)" in (graded / "report" / "index.html").read_text("utf-8")
    grade("export", "csv", "--out", "all.csv")
    assert set(rows("all.csv")) == {"ada", "bob", "carl", "dora"}
    assert "groups.csv" in grade("submissions", "--groups", "none/groups.csv", code=2)
