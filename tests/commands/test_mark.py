"""`grade mark`, on a grade book made by hand; nothing is graded."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader.cli import main
from grader.model.report import GradeReport
from grader.model.verdict import Verdict
from grader.store import GradeBook
from tests.commands.test_show import keep
from tests.reports.builders import criterion, report

EXERCISE = "03_XOR_pytorch"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a class of two in its grade book; each has an answer to be read."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRADE_LANG", "en")
    monkeypatch.setenv("GRADE_AUTHOR", "marie")
    keep(graded("12", "Zoé Lefèvre"), graded("13", "Ada Lovelace"))
    return tmp_path


def graded(student: str, name: str, **more: str) -> GradeReport:
    answer = criterion(
        Verdict.NEEDS_REVIEW, id_="text.why", kind="manual", staff_note="=1+1; because", cell=3
    )
    return report(criterion(), answer, student=student, name=name, **more)


def mark(*args: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["mark", *args])
    assert result.exit_code == code, result.output
    return result


def standing(student: str = "12") -> GradeReport:
    with GradeBook.open("sqlite:///grades.db") as book:
        (found,) = book.reports([(student, EXERCISE)])
    return found


def test_mark_is_given_shown_with_its_author_and_taken_back(folder: Path) -> None:
    said = mark("zoe", EXERCISE, "why", "1,5", "-m", "Almost.").output
    assert "Zoé Lefèvre (12) · 03_XOR_pytorch · text.why: 1.5/2 by marie" in said
    assert f"{EXERCISE}: 3.5/4" in said
    assert (standing().points, standing().undecided) == (3.5, 0)
    shown = CliRunner().invoke(main, ["show", "zoe"]).output
    assert "Marked by a person: Almost." in shown
    assert "marie" not in shown
    assert "Marked by marie" in CliRunner().invoke(main, ["show", "zoe", "--staff"]).output
    mark("zoe", EXERCISE, "text.why", "--undo", "-m", "Wrong student.")
    assert standing().undecided == 2
    history = mark("zoe", "--history").output
    assert "1.5/2 by marie" in history
    assert "taken back by marie" in history
    assert "no mark to take back" in mark("zoe", EXERCISE, "why", "--undo", "-m", "Again.", code=2).output


@pytest.mark.parametrize("points", ["3", "0.001", "a", "nan", "1e9", ""])
def test_points_out_of_range_are_refused_and_nothing_is_kept(folder: Path, points: str) -> None:
    assert "takes points from 0 to 2" in mark("zoe", EXERCISE, "why", points, "-m", "Why.", code=2).output
    assert "No marks" in mark("--history").output


def test_a_mark_without_a_reason_or_for_an_unknown_criterion_is_refused(folder: Path) -> None:
    assert "needs a reason" in mark("zoe", EXERCISE, "why", "1", code=2).output
    assert "did you mean 'text.why'" in mark("zoe", EXERCISE, "text.wy", "1", "-m", "x", code=2).output


def test_mark_survives_grading_again_but_not_another_notebook(folder: Path) -> None:
    mark("zoe", EXERCISE, "why", "2", "-m", "Right.")
    keep(graded("12", "Zoé Lefèvre", rubric_version="ffff00000000"))
    assert standing().points == 4
    keep(graded("12", "Zoé Lefèvre", notebook_sha256="cd" * 32))
    assert standing().undecided == 2
    left = " ".join(mark("--list-needed").output.split())
    assert "does not count any more: it was given for an earlier notebook" in left
    assert "2/2 by marie" in left


def test_marks_reach_the_reports_and_the_exports(folder: Path) -> None:
    for student in ("12", "13"):
        mark(student, EXERCISE, "why", "1", "-m", "Half.")
    with GradeBook.open("sqlite:///grades.db") as book:
        whole = book.whole(standing())
    assert whole.points == 3
    result = CliRunner().invoke(main, ["export", "csv", "--out", "all.csv"])
    assert result.exit_code == 0, result.output
    assert ",15.00," in (folder / "all.csv").read_text(encoding="utf-8-sig")


def test_a_table_is_written_filled_in_and_read_once(folder: Path) -> None:
    mark("--list-needed", "--out", "marks.csv", "--lang", "fr")
    text = (folder / "marks.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert [row["student"] for row in rows] == ["12", "13"]
    assert rows[0]["answer"] == "'=1+1; because"
    rows[0].update(points="1,25", reason="Presque.")
    stream = io.StringIO()
    writer = csv.DictWriter(stream, rows[0], delimiter=";")
    writer.writeheader()
    writer.writerows(rows)
    (folder / "marks.csv").write_bytes(stream.getvalue().encode("cp1252"))
    assert "Marked: 1" in mark("--from", "marks.csv").output
    assert "Marked: 0" in mark("--from", "marks.csv").output
    assert standing().points == 3.25
    assert standing("13").undecided == 2


def test_one_line_at_fault_and_nothing_is_marked(folder: Path) -> None:
    lines = ["student,exercise,criterion,points", f"12,{EXERCISE},why,1", f"13,{EXERCISE},why,7", "x,y,z,1"]
    (folder / "marks.csv").write_text("\n".join(lines))
    said = mark("--from", "marks.csv", "-m", "Paper.", code=2).output
    assert "line 3: '7'" in said
    assert "line 4: No student 'x'" in said
    assert standing().undecided == 2
    said = mark("--from", "marks.csv", "-m", "Paper.", "--lang", "fr", code=2).output.replace("\u202f", " ")
    assert "marks.csv : Rien n’a été noté.\nligne 3 : « 7 » : text.why prend de 0 à 2 points" in said
    assert "ligne 4 : Il n’y a pas d’étudiant « x » dans le carnet de notes." in said
    (folder / "marks.csv").write_text("name,points\n")
    assert "Missing: student" in mark("--from", "marks.csv", code=2).output
    (folder / "marks.ods").write_bytes(b"PK\x03\x04 and so on")
    assert "marks.ods: This is a workbook" in mark("--from", "marks.ods", code=2).output


def test_results_hold_the_mark_and_what_the_machine_said(folder: Path) -> None:
    from grader.pipeline import class_report_of
    from grader.reports.results import render_json, results_of

    mark("zoe", EXERCISE, "why", "2", "-m", "Right.")
    results = json.loads(render_json(results_of(class_report_of([standing()], [], seed=0, tier=""), "en")))
    entry = results["reports"][0]["criteria"][1]
    assert (entry["verdict"], entry["points"]) == ("accepted", "2")
    assert entry["mark"]["author"] == "marie"
    assert entry["mark"]["machine_verdict"] == "needs_review"
    assert results["reports"][0]["criteria"][0]["mark"] is None


def test_names_that_look_like_formulas_come_back_from_a_table(folder: Path) -> None:
    keep(graded("=cmd", "=cmd"))
    mark("--list-needed", "--out", "marks.csv")
    text = (folder / "marks.csv").read_text(encoding="utf-8-sig")
    assert "'=cmd," in text
    (line,) = [line for line in text.splitlines() if line.startswith("'=cmd")]
    filled = line.removesuffix(",,") + ",2,'-- right"
    (folder / "marks.csv").write_text(f"{text.splitlines()[0]}\n{filled}\n", encoding="utf-8")
    assert "Marked: 1" in mark("--from", "marks.csv").output
    assert standing("=cmd").criteria[1].judgement.summary.args == {"reason": "-- right"}


def test_a_table_to_write_is_only_that_of_what_waits(folder: Path) -> None:
    assert "say both" in mark("--history", "--out", "marks.csv", code=2).output


def table(folder: Path, *lines: str, titles: str = "student,name,exercise,criterion,points") -> str:
    (folder / "marks.csv").write_text("\n".join([titles, *lines]) + "\n", encoding="utf-8")
    return "marks.csv"


def martins(*more: tuple[str, str]) -> None:
    keep(graded("20231117", "Marie Martineau"), graded("20231200", "Paul Durand"))
    keep(*(graded(*one) for one in more))


@pytest.mark.parametrize(
    "student",
    ["Marie Martin", "Marie", "Martineau", "marie m", "2023111", "0231117", "20231117.0", "202311170", "é"],
)
def test_a_table_marks_nobody_by_a_part_of_a_name_or_number(folder: Path, student: str) -> None:
    martins()
    said = mark("--from", table(folder, f"{student},,{EXERCISE},why,1"), "-m", "x", code=2).output
    assert f"line 2: No student '{student}' in the grade book" in said
    if student != "é":
        assert "like it are: Marie Martineau (20231117)" in said
    assert "No marks by hand" in mark("--history").output


@pytest.mark.parametrize("student", ["20231117", "Marie Martineau", "marie MARTINEAU", " 20231117 "])
def test_a_table_marks_by_the_identifier_or_the_whole_name_and_says_whom(folder: Path, student: str) -> None:
    martins()
    said = mark("--from", table(folder, f"{student},,{EXERCISE},why,1"), "-m", "x").output
    assert "Marie Martineau (20231117) · 03_XOR_pytorch · text.why: 1/2 by marie" in said
    assert standing("20231117").points == 3


@pytest.mark.parametrize("name", ["Marie Martin", "Paul Durand", "Paule Martineau", "M. Martineaux"])
def test_the_name_in_a_table_must_be_that_of_the_number(folder: Path, name: str) -> None:
    martins()
    said = mark("--from", table(folder, f"20231117,{name},{EXERCISE},why,1"), "-m", "x", code=2).output
    assert (
        f"'20231117' is Marie Martineau (20231117) in the grade book, and the line calls that student {name}"
        in said
    )
    assert standing("20231117").undecided == 2


@pytest.mark.parametrize(
    "name", ["MARTINEAU Marie", "Marie Martineau", "", "Martineau", "Marie Anne Martineau"]
)
def test_a_name_written_otherwise_is_the_same_name(folder: Path, name: str) -> None:
    martins()
    assert "Marked: 1" in mark("--from", table(folder, f"20231117,{name},{EXERCISE},why,1"), "-m", "x").output


def test_a_name_that_two_have_needs_the_identifier(folder: Path) -> None:
    martins(("20239999", "Marie Martineau"))
    lines = [f"Marie Martineau,,{EXERCISE},why,1"]
    said = mark("--from", table(folder, *lines), "-m", "x", code=2).output
    assert "Marie Martineau (20231117); Marie Martineau (20239999)" in said


def test_one_mark_is_given_by_whole_words_only(folder: Path) -> None:
    martins()
    for word in ("Marie Martin", "2023111", "marti", "1117"):
        said = mark(word, EXERCISE, "why", "1", "-m", "x", code=2).output
        assert "like it are: Marie Martineau (20231117)" in said
    assert "Marie Martineau (20231117)" in mark("martineau", EXERCISE, "why", "1", "-m", "x").output


def test_a_colleagues_mark_is_replaced_by_a_table_only_when_that_is_said(folder: Path) -> None:
    mark("zoe", EXERCISE, "why", "2", "-m", "Right.", "--by", "jean")
    lines = [f"12,,{EXERCISE},why,0.5", f"13,,{EXERCISE},why,1"]
    said = " ".join(mark("--from", table(folder, *lines), "-m", "Late.", code=2).output.split())
    assert "line 2: Zoé Lefèvre · text.why: jean gave 2 of 2 on 20" in said
    assert "(Right.); `--replace` replaces it" in said
    assert (standing().points, standing("13").undecided) == (4, 2)
    said = mark("--from", "marks.csv", "-m", "Late.", "--replace").output
    assert "Before: Zoé Lefèvre · 03_XOR_pytorch · text.why: 2/2 by jean" in said
    assert "Marked: 2" in said
    assert (standing().points, standing("13").points) == (2.5, 3)


def test_the_same_mark_of_a_colleague_is_no_conflict_and_ones_own_is_replaced(folder: Path) -> None:
    mark("zoe", EXERCISE, "why", "1", "-m", "Half.", "--by", "jean")
    assert "Marked: 0" in mark("--from", table(folder, f"12,,{EXERCISE},why,1"), "-m", "Half.").output
    mark("ada", EXERCISE, "why", "1", "-m", "Half.")
    said = mark("--from", table(folder, f"13,,{EXERCISE},why,2"), "-m", "Looked again.").output
    assert "Before: Ada Lovelace · 03_XOR_pytorch · text.why: 1/2 by marie" in said
    assert standing("13").points == 4


def test_one_mark_says_what_stood_there_and_whose(folder: Path) -> None:
    mark("zoe", EXERCISE, "why", "2", "-m", "Right.", "--by", "jean")
    said = mark("zoe", EXERCISE, "why", "1", "-m", "Not all.").output
    assert re.search(r"Before: Zoé Lefèvre · 03_XOR_pytorch · text.why: 2/2 by jean, .*: Right\.", said)
    said = mark("zoe", EXERCISE, "why", "--undo", "-m", "It was.").output
    assert "Before: Zoé Lefèvre · 03_XOR_pytorch · text.why: 1/2 by marie" in said
    assert "is for --from" in mark("zoe", EXERCISE, "why", "1", "-m", "x", "--replace", code=2).output


def test_zeros_in_front_survive_a_table_and_one_that_lost_them_is_refused(folder: Path) -> None:
    keep(graded("0021", "Ada Lovelace"))
    mark("--list-needed", "--out", "marks.csv")
    text = (folder / "marks.csv").read_text("utf-8-sig")
    (line,) = [line for line in text.splitlines() if "0021" in line]
    assert line.startswith('"=""0021""",')
    (folder / "marks.csv").write_text(f"{text.splitlines()[0]}\n{line.removesuffix(',,')},2,Right.\n")
    assert "Ada Lovelace (0021)" in mark("--from", "marks.csv").output
    said = mark("--from", table(folder, f"21,,{EXERCISE},why,1"), "-m", "x", code=2).output
    assert "like it are: Ada Lovelace (0021)" in said
