"""`grade export`: from a grade book made by hand to the files that LMSs take in; nothing is graded."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader.cli import main
from grader.model.report import GradeReport
from grader.model.verdict import Verdict
from tests.conftest import ROOT
from tests.export.worksheets import Line, cells, keep, worksheet
from tests.intake.downloads import CLASS
from tests.reports.builders import REGRESSION, XOR, criterion, report

HALF = criterion(Verdict.PARTIALLY_ACCEPTED, points="7", share="0.3333")
WAITING = criterion(Verdict.NEEDS_REVIEW, id_="b.b")
LINES = [Line(s.number, s.name.replace("DArc", "D'Arc"), number=f"21{s.number}") for s in CLASS]
LINES.append(Line(99, "Absente Anne"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRADE_LANG", "en")
    return tmp_path


def class_reports() -> list[GradeReport]:
    reports = [report(HALF, student=str(s.number), name=s.name) for s in CLASS]
    return [*reports[:-1], report(HALF, WAITING, student=reports[-1].student, name=reports[-1].name)]


def export(*args: str, code: int = 0) -> Result:
    result = CliRunner(env={"COLUMNS": "200"}).invoke(main, ["export", *args])
    assert result.exit_code == code, result.output
    return result


def test_a_moodle_worksheet_and_the_feedback_come_out(folder: Path) -> None:
    keep(folder, class_reports())
    raw = worksheet(LINES, french=True, separator=";", mark=b"\xef\xbb\xbf")
    (folder / "notes.csv").write_bytes(raw)
    shown = export("moodle", "notes.csv", "--dry-run", "--lang", "fr").output
    assert (folder / "notes.csv").read_bytes() == raw
    assert "6,666" in shown
    assert "6,67" in shown
    assert "Arrondies à 0,01 près" in shown
    assert "Absente Anne (99)" in shown
    done = export("moodle", "notes.csv", "--feedback", "feedback.zip", "--lang", "fr").output
    assert "notes 8" in done
    rows = cells((folder / "notes.csv").read_bytes(), ";")
    assert [row[6] for row in rows[1:]] == ["6,67"] * 8 + ["", ""]
    with zipfile.ZipFile(folder / "feedback.zip") as archive:
        names = archive.namelist()
        page = archive.read(names[0]).decode()
    assert names == [f"{s.name}_{s.number}_assignsubmission_file/feedback.html" for s in CLASS[:-1]]
    assert "Zoé Lefèvre" in page
    assert "Jean Martin" not in page
    assert not re.search(r"""(src|href)=["']?https?:""", page)
    again = export("moodle", "notes.csv")
    assert "Changed in notes.csv: cells 0, grades 0." in again.output


def test_a_groups_feedback_lies_in_each_members_folder_and_in_no_strangers(folder: Path) -> None:
    keep(folder, [report(HALF, student="31", name="Groupe A"),
                  report(HALF, student="31", name="Groupe A", exercise_id=REGRESSION)])  # fmt: skip
    lines = [Line(1, "Zoé", group="Groupe A"), Line(2, "Ali", group="Groupe A"), Line(31, "Ольга", group="B")]
    (folder / "notes.csv").write_bytes(worksheet(lines))
    export("moodle", "notes.csv", "--feedback", "feedback.zip")
    with zipfile.ZipFile(folder / "feedback.zip") as archive:
        assert sorted(archive.namelist()) == [
            f"{who}_assignsubmission_file/{exercise}.html"
            for who in ("Ali_2", "Zoé_1")
            for exercise in (REGRESSION, XOR)
        ]


def test_another_assignments_worksheet_is_refused_whole(folder: Path) -> None:
    keep(folder, class_reports())
    (folder / "notes.csv").write_bytes(worksheet([Line(7, "Zoé Lefèvre")]))
    assert "another assignment's worksheet" in export("moodle", "notes.csv", code=2).output
    assert "cannot be read" in export("moodle", "none.csv", code=2).output
    (folder / "none.csv").write_text("a,b\n")
    said = " ".join(export("moodle", "none.csv", code=2).output.split())
    assert "none.csv: This is no grading worksheet" in said


def test_what_is_wrong_with_a_file_is_said_with_its_name_and_in_french_too(folder: Path) -> None:
    keep(folder, class_reports())
    (folder / "a.csv").write_bytes(b'a,"b\n')
    (folder / "b.csv").write_bytes(b"PK\x03\x04 and so on")
    for args in (
        ("moodle", "{}"),
        ("canvas", "{}"),
        ("apogee", "{}"),
        ("apogee", "x.txt", "--numbers", "{}"),
    ):
        for name, words in (("a.csv", "a.csv: "), ("b.csv", "b.csv: This is a workbook")):
            said = export(*(arg.format(name) for arg in args), code=2).output
            assert said.startswith(f"grade: {words}"), said
    assert "nulle.csv\u202f: lecture impossible\u202f: fichier ou dossier introuvable." in (
        export("moodle", "nulle.csv", "--lang", "fr", code=2).output
    )
    said = " ".join(export("csv", "--scale", "a", "--lang", "fr", code=2).output.split())
    assert "'a' n’est pas un nombre plus grand que 0." in said


def test_replaced_grades_come_with_the_advice_to_ignore_dates(folder: Path) -> None:
    keep(folder, class_reports())
    (folder / "notes.csv").write_bytes(worksheet([LINES[0]._replace(grade="3.00")]))
    assert "--replace" in export("moodle", "notes.csv").output
    done = export("moodle", "notes.csv", "--replace", "--out", "new.csv").output
    assert "ignore last modified" in done
    assert cells((folder / "notes.csv").read_bytes())[1][6] == "3.00"
    assert cells((folder / "new.csv").read_bytes())[1][6] == "6.67"


def test_exercises_that_are_not_there_and_steps_that_are_too_large_are_named(folder: Path) -> None:
    keep(folder, class_reports())
    assert f"did you mean '{XOR}'" in export("csv", "--only", "03_xor_pytorhc", code=2).output
    assert "--step 30" in export("csv", "--step", "30", code=2).output
    assert "is no number above 0" in export("csv", "--step", "0", code=2).output


def test_an_empty_grade_book_says_so(folder: Path) -> None:
    keep(folder, [])
    for kind in ("csv", "junit", "gradescope", "canvas"):
        assert "holds no grade yet" in export(kind, code=2).output


def test_csv_for_programs_and_for_french_spreadsheets(folder: Path) -> None:
    keep(folder, class_reports())
    export("csv")
    plain = list(csv.DictReader(io.StringIO((folder / "grades-by-student.csv").read_text("utf-8"))))
    assert [row["grade /20"] for row in plain] == ["6.67"] * 8 + [""]
    export("csv", "--excel", "--step", "0,25", "--scale", "10", "--out", "notes.csv")
    raw = (folder / "notes.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    french = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig")), delimiter=";"))
    assert {row["grade /10"] for row in french} == {"3,25", ""}


def test_junit_and_gradescope_hold_each_student_and_exercise(folder: Path) -> None:
    keep(folder, class_reports())
    export("junit")
    root = ET.parse(folder / "junit.xml").getroot()
    assert (len(root), root.get("failures"), root.get("skipped")) == (9, "9", "1")
    export("gradescope", "--out", "results")
    found = sorted((folder / "results").glob("*/*/results.json"))
    assert len(found) == 9
    assert ["score" in json.loads(path.read_text("utf-8")) for path in found] == [True] * 8 + [False]


def test_canvas_new_and_filled_in(folder: Path) -> None:
    keep(folder, class_reports())
    assert "Written: canvas.csv" in export("canvas").output
    rows = list(csv.reader(io.StringIO((folder / "canvas.csv").read_text("utf-8"))))
    assert rows[2][1:] == ["40211", "", "", "", "6.67"]
    shown = export("canvas", "--dry-run", "--out", "other.csv").output
    assert "40211,,,,6.67" in shown
    assert "Nothing was written." in shown
    assert not (folder / "other.csv").exists()
    raw = b'Student,ID,Section,TP (5)\n    Points Possible,,,100\n"Lef\xc3\xa8vre, Zo\xc3\xa9",40211,A,\n'
    (folder / "book.csv").write_bytes(raw)
    assert "say --column" in export("canvas", "book.csv", code=2).output
    export("canvas", "book.csv", "--column", f"{XOR}=TP", "--dry-run")
    assert (folder / "book.csv").read_bytes() == raw
    export("canvas", "book.csv", "--column", f"{XOR}=TP (5)")
    assert (folder / "book.csv").read_bytes() == raw.replace(b"40211,A,", b"40211,A,33.33")
    assert "EXERCISE=TITLE" in export("canvas", "book.csv", "--column", "TP", code=2).output


def test_apogee_takes_student_numbers_from_moodles_worksheet(folder: Path) -> None:
    keep(folder, class_reports())
    (folder / "notes.csv").write_bytes(worksheet(LINES, french=True))
    raw = (
        "XX-APO_COLONNES-XX\r\napoL_c0001\tELP\tINF5\t\t2026\t0\t1\tN\r\nXX-APO_VALEURS-XX\r\n"
        "apoL_a01_code\tapoL_a02_nom\tapoL_a03_prenom\tapoL_c0001\r\n"
        "2140211\tLEFÈVRE\tZOÉ\t\r\n2140219\tMARTIN\tJEAN\t\r\n5\tABSENT\tPAUL\t\r\n"
    ).encode("latin-1")
    (folder / "INF5.txt").write_bytes(raw)
    export("apogee", "INF5.txt", "--numbers", "notes.csv", "--absent", "ABI", "--dry-run")
    assert (folder / "INF5.txt").read_bytes() == raw
    export("apogee", "INF5.txt", "--numbers", "notes.csv", "--absent", "ABI")
    filled = raw.replace("ZOÉ\t".encode("latin-1"), "ZOÉ\t6,67".encode("latin-1"))
    assert (folder / "INF5.txt").read_bytes() == filled.replace(b"PAUL\t", b"PAUL\tABI")


def test_a_file_that_cannot_be_written_leaves_nothing_behind(folder: Path) -> None:
    keep(folder, class_reports())
    (folder / "notes.csv").write_bytes(worksheet(LINES))
    (folder / "taken").mkdir()
    for args in (("csv", "--out", "taken"), ("moodle", "notes.csv", "--feedback", "taken", "--out", "x.csv")):
        result = CliRunner().invoke(main, ["export", *args])
        assert result.exit_code == 2, result.output
    assert not list(folder.glob(".*part"))


def test_what_is_marked_by_hand_waits_unless_it_is_left_out(folder: Path) -> None:
    by_hand = criterion(Verdict.NEEDS_REVIEW, id_="b.b", kind="manual", points="1.5")
    keep(folder, [report(HALF, by_hand, student="40211", name="Zoé Lefèvre")])
    (folder / "notes.csv").write_bytes(worksheet(LINES[:1]))
    assert "points that wait for a person: 1.5" in export("moodle", "notes.csv").output
    assert "une personne\u202f: 1,5" in export("moodle", "notes.csv", "--lang", "fr").output
    export("moodle", "notes.csv", "--without-manual")
    assert cells((folder / "notes.csv").read_bytes())[1][6] == "6.67"


def test_the_archive_for_gradescope_holds_both_scripts_the_package_and_the_exercises_asked_for(
    folder: Path,
) -> None:
    (folder / "grade-1-py3-none-any.whl").write_bytes(b"a wheel")
    places = ("--exercises", str(ROOT / "exercises"), "--reference", str(ROOT / "reference"))
    pack = ("gradescope", "--autograder", "auto.zip", "--only", XOR, *places)
    assert "--wheel" in export(*pack, code=2).output
    assert (
        "No exercise nothing"
        in export(*pack, "--only", "nothing", "--wheel", "grade-1-py3-none-any.whl", code=2).output
    )
    export(*pack, "--wheel", "grade-1-py3-none-any.whl", "--without-manual", "--lang", "fr")
    with zipfile.ZipFile(folder / "auto.zip") as archive:
        names = set(archive.namelist())
        archive.extractall(folder / "source")
        modes = {i.filename: i.external_attr >> 16 & 0o777 for i in archive.infolist()}
    assert {
        "setup.sh",
        "run_autograder",
        f"reference/{XOR}/rubric.toml",
        f"exercises/{XOR}/{XOR}.ipynb",
    } <= names
    assert {name.split("/")[1] for name in names if "/" in name} == {XOR}
    assert (modes["setup.sh"], modes["run_autograder"]) == (0o755, 0o755)
    for script in ("setup.sh", "run_autograder"):
        assert subprocess.run(["bash", "-n", folder / "source" / script], check=False).returncode == 0
    said = (folder / "source" / "run_autograder").read_text("utf-8")
    assert "--without-manual" in said
    assert "--pattern '{student}/**/*'" in said


def test_gradescopes_script_hands_on_what_was_handed_in_and_writes_the_results(folder: Path) -> None:
    (folder / "grade.whl").write_bytes(b"a wheel")
    places = ("--exercises", str(ROOT / "exercises"), "--reference", str(ROOT / "reference"))
    export("gradescope", "--autograder", "auto.zip", "--wheel", "grade.whl", *places)
    here = folder / "autograder"
    with zipfile.ZipFile(folder / "auto.zip") as archive:
        archive.extractall(here / "source")
    (here / "submission").mkdir()
    (here / "submission" / "Rendu de Zoé.ipynb").write_bytes(b"")
    (here / "submission" / "elsewhere.ipynb").symlink_to(folder / "grade.whl")
    (folder / "grade").write_text(
        '#!/bin/sh\necho "$@" >> "$AUTOGRADER/said"\nls -l handed-in/student >> "$AUTOGRADER/said"\n'
    )
    (folder / "grade").chmod(0o755)
    script = ["bash", str(here / "source" / "run_autograder")]
    told = {"AUTOGRADER": str(here), "GRADE": str(folder / "grade"), "TMPDIR": str(folder)}
    assert subprocess.run(script, env={**os.environ, **told}, check=False).returncode == 0
    said = (here / "said").read_text("utf-8")
    assert "export gradescope --single" in said
    assert "elsewhere.ipynb -> " in said
    assert "Rendu de" in said


def test_one_students_results_go_into_a_single_file(folder: Path) -> None:
    keep(folder, [report(HALF), report(HALF, exercise_id=REGRESSION)])
    export("gradescope", "--single", "results/results.json")
    results = json.loads((folder / "results" / "results.json").read_text("utf-8"))
    assert (len(results["tests"]), results["score"]) == (2, pytest.approx(4.6662))


def test_points_by_question_and_leading_zeros_survive_a_spreadsheet(folder: Path) -> None:
    keep(folder, [report(HALF, WAITING, student="0021", name="Zoé Lefèvre"), report(HALF, student="12")])
    export("points")
    rows = list(csv.DictReader(io.StringIO((folder / "points-by-question.csv").read_text("utf-8"))))
    assert [list(row.values())[:1] for row in rows] == [["0021"], ["12"]]
    assert rows[0][f"{XOR}/b.b"] == ""
    export("points", "--by", "task", "--excel", "--out", "tasks.csv", "--lang", "fr", "--only", XOR)
    raw = (folder / "tasks.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(raw.decode("utf-8-sig")), delimiter=";"))[1][0] == '="0021"'
    export("csv", "--excel", "--out", "all.csv")
    assert '"=""0021"""' in (folder / "all.csv").read_text("utf-8-sig")
    export("csv", "--out", "plain.csv")
    assert (folder / "plain.csv").read_text("utf-8").splitlines()[1].startswith("0021,Zoé")
