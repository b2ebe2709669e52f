"""`grade people`: who is in the class, and who left it, on a grade book made by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader.cli import main
from grader.model.report import GradeReport
from grader.model.submission import Member
from grader.store import GradeBook
from tests.commands.test_show import keep
from tests.course import RIGHT, hand_in
from tests.export.worksheets import Line, cells, worksheet
from tests.reports.builders import criterion, report

PAIR = (Member(student="41", name="Ada Lovelace"), Member(student="42", name="Bob Noyce"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a class of three, and a group of two, in its grade book."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRADE_LANG", "en")
    monkeypatch.setenv("GRADE_AUTHOR", "marie")
    keep(of("12", "Zoé Lefèvre"), of("20231117", "Marie Martineau"), of("14", "Paul Durand"))
    keep(of("G1", "Group 1", members=PAIR))
    return tmp_path


def of(student: str, name: str, **more: object) -> GradeReport:
    return report(criterion(), student=student, name=name, **more)


def grade(*args: str, code: int = 0) -> str:
    result: Result = CliRunner(env={"COLUMNS": "200"}).invoke(main, list(args))
    assert result.exit_code == code, result.output
    return " ".join(result.output.split())


def exported() -> str:
    grade("export", "csv", "--out", "all.csv")
    return Path("all.csv").read_text("utf-8")


def test_who_left_is_in_no_export_no_list_and_comes_back(folder: Path) -> None:
    said = grade("people", "remove", "zoe", "14", "-m", "Left in October.")
    assert "Zoé Lefèvre (12): taken out by marie" in said
    assert "Left in October." in said
    assert "Zoé" not in exported()
    assert "Paul" not in exported()
    assert "Marie Martineau" in exported()
    grade("export", "junit", "--out", "all.xml")
    assert "Zoé" not in (folder / "all.xml").read_text("utf-8")
    listed = grade("people", "list")
    assert "Zoé Lefèvre (12): taken out by marie" in listed
    assert "taken out 2." in listed
    assert "Students 3, groups 1" in listed
    back = grade("people", "restore", "lefevre")
    assert "Zoé Lefèvre (12): brought back" in back
    assert "Zoé" in exported()
    assert "Paul" not in exported()


@pytest.mark.parametrize("word", ["Marie Martin", "2023111", "20231117.", "marti"])
def test_nobody_is_taken_out_by_a_part_of_a_name(folder: Path, word: str) -> None:
    if word != "20231117.":
        assert "like it are: Marie Martineau (20231117)" in grade("people", "remove", word, code=2)
    else:
        assert "No student" in grade("people", "remove", word, code=2)
    assert "taken out 0." in grade("people", "list")


def test_who_was_taken_out_is_named_where_somebody_asks(folder: Path) -> None:
    grade("people", "remove", "zoe")
    for command in (("show", "zoe"), ("mark", "12", "03_XOR_pytorch", "train.steps", "1", "-m", "x")):
        said = grade(*command, code=2)
        assert (
            "Zoé Lefèvre (12) was taken out of the class; `grade people restore 12` brings them back" in said
        )
    assert "Nobody was taken out" not in grade("people", "restore", "zoe")
    assert "Nobody was taken out" in grade("people", "restore", "zoe", code=2)


def test_of_a_group_the_others_stay(folder: Path) -> None:
    listed = grade("people", "list")
    assert "Group 1 G1 1 Ada Lovelace (41), Bob Noyce (42)" in listed
    assert "Students 5, groups 1" in listed
    grade("people", "remove", "bob")
    listed = grade("people", "list")
    assert "Group 1 G1 1 Ada Lovelace (41)" in listed
    assert "Students 4, groups 1, taken out 1." in listed


def test_who_left_is_not_absent_in_apogees_file(folder: Path) -> None:
    raw = (
        "XX-APO_COLONNES-XX\r\napoL_c0001\tELP\tINF5\t\t2026\t0\t1\tN\r\nXX-APO_VALEURS-XX\r\n"
        "apoL_a01_code\tapoL_a02_nom\tapoL_a03_prenom\tapoL_c0001\r\n"
        "2112\tLEFÈVRE\tZOÉ\t\r\n5\tABSENT\tPAUL\t\r\n"
    ).encode("latin-1")
    (folder / "INF5.txt").write_bytes(raw)
    (folder / "notes.csv").write_bytes(worksheet([Line(12, "Zoé Lefèvre", number="2112")]))
    grade("people", "remove", "zoe")
    said = grade("export", "apogee", "INF5.txt", "--numbers", "notes.csv", "--absent", "ABI")
    assert "was taken out of the class; it was left" in said
    assert (folder / "INF5.txt").read_bytes() == raw.replace(b"PAUL\t", b"PAUL\tABI")
    assert cells((folder / "notes.csv").read_bytes())[1][6] == ""


def test_nobody_is_in_an_empty_grade_book(folder: Path) -> None:
    assert "There is no grade book other.db yet" in grade("people", "list", "--db", "other.db", code=2)
    with GradeBook.open("sqlite:///empty.db"):
        pass
    for command in (("list",), ("remove", "zoe")):
        assert "holds no grade yet" in grade("people", *command, "--db", "empty.db", code=2)


def test_who_left_is_neither_graded_again_nor_reported(graded: Path) -> None:
    grade("people", "remove", "bob")
    hand_in(graded, "bob", RIGHT)
    said = grade("submissions", "--dry-run")
    assert "bob" not in said
    said = grade("submissions")
    assert "Taken out of the class, and passed over: bob (bob)." in said
    found = json.loads((graded / "report" / "results.json").read_text("utf-8"))["reports"]
    assert [one["student"] for one in found] == ["ada", "carl"]
    grade("people", "restore", "bob")
    assert "bob" in grade("submissions", "--dry-run")
    grade("report")
    assert "bob" in (graded / "report" / "grades.csv").read_text("utf-8")
