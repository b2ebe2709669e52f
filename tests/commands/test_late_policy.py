"""Deadlines, extensions and points taken off by a person: totals change, and nothing is graded again."""

from __future__ import annotations

import csv
import json
import re
from decimal import Decimal
from pathlib import Path

from click.testing import CliRunner, Result

from grader.cli import main
from tests.course import ID, SETTINGS

TIMES = f"student,exercise,handed_in_at\nada,{ID},2026-11-25 10:00\nbob,{ID},2026-11-23 10:00\n"


def grade(*args: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, [*args])
    assert result.exit_code == code, result.output
    return result


def policy(folder: Path, lines: str) -> None:
    (folder / "grader.toml").write_text(f"{SETTINGS}[late]\ntimezone = 'UTC'\n{lines}", encoding="utf-8")


def grades(folder: Path) -> dict[str, dict[str, str]]:
    with (folder / "report" / "grades.csv").open(encoding="utf-8", newline="") as stream:
        return {row["student"]: row for row in csv.DictReader(stream)}


def test_moved_deadline_and_extension_change_totals_without_grading(graded: Path) -> None:
    (graded / "times.csv").write_text(TIMES, encoding="utf-8")
    policy(graded, "deadline = 2026-11-24\npercent_per_day = 25\n")
    said = grade("submissions", "--times", "times.csv").output
    assert "Late: ada" in said
    assert re.search(r"Taken off for lateness, or by a person: notebooks 1, points 0\.5", said)
    assert "when these notebooks were handed in" in re.sub(r"\s+", " ", said)  # carl's, in no table
    ada = grades(graded)["ada"]
    assert (ada["points"], ada["late"], ada["taken_off"]) == ("1.50", "true", "0.50")
    assert ada["handed_in_at"] == "2026-11-25T10:00:00+00:00"
    graded_at = ada["graded_at"]
    assert "−0.5  Handed in late: " in grade("show", "ada").output

    policy(graded, "deadline = 2026-11-23\npercent_per_day = 25\n")
    grade("report")
    assert Decimal(grades(graded)["ada"]["points"]) == 1

    (graded / "more.csv").write_text("student,until\nada,2026-11-25 12:00\n", encoding="utf-8")
    policy(graded, "deadline = 2026-11-23\npercent_per_day = 25\nextensions = 'more.csv'\n")
    grade("report")
    ada = grades(graded)["ada"]
    assert (ada["points"], ada["late"], ada["taken_off"], ada["graded_at"]) == (
        "2.00",
        "false",
        "0",
        graded_at,
    )


def test_line_is_in_results_feedback_class_page_and_exports(graded: Path) -> None:
    (graded / "times.csv").write_text(TIMES, encoding="utf-8")
    policy(graded, "deadline = 2026-11-24\npercent_per_day = 25\ntimes = ['times.csv']\n")
    grade("submissions")
    results = json.loads((graded / "report" / "results.json").read_text(encoding="utf-8"))
    (line,) = next(r for r in results["reports"] if r["student"] == "ada")["adjustments"]
    assert (line["kind"], line["points"], line["author"]) == ("late", "-0.50", None)
    assert "10 h 1 min after the deadline" in line["message"]
    page = (graded / "report" / "students" / "ada" / f"{ID}.html").read_text(encoding="utf-8")
    assert "Handed in late" in page
    assert "after the deadline" in page
    assert "−0.5 taken off" in (graded / "report" / "index.html").read_text(encoding="utf-8")
    grade("export", "csv", "--out", "notes.csv")
    with (graded / "notes.csv").open(encoding="utf-8", newline="") as stream:
        row = next(row for row in csv.DictReader(stream) if row["student"] == "ada")
    assert (row["points"], row["late"], row["taken_off"]) == ("1.5", "true", "0.5")


def test_person_takes_points_off_and_gives_them_back(graded: Path) -> None:
    said = grade("mark", "ada", ID, "--take-off", "0,5", "-m", "Copied a cell.", "--by", "marie").output
    assert "−0.5 by marie" in said
    assert f"{ID}: 1.5/2" in said
    grade("report")
    assert grades(graded)["ada"]["taken_off"] == "0.5"
    assert "Copied a cell." in grade("show", "ada").output
    assert "marie" not in grade("show", "ada").output
    assert "marie" in grade("show", "ada", "--staff").output
    again = grade("mark", "ada", ID, "--take-off", "2", "-m", "All of it.", "--by", "paul").output
    assert "Before: " in again
    assert "−0.5 by marie" in again
    assert f"{ID}: 0/2" in again
    grade("mark", "ada", ID, "--undo", "-m", "It was not hers.")
    assert f"{ID}: 1.5/2" in grade("show", "ada").output.replace(" · ", ": ")
    assert "−2 by paul" in grade("mark", "--history", "ada").output


def test_total_never_falls_below_0(graded: Path) -> None:
    grade("mark", "bob", ID, "--take-off", "2", "-m", "Copied.")
    grade("report")
    bob = grades(graded)["bob"]
    assert Decimal(bob["points"]) == 0


def test_points_to_take_off_are_checked(graded: Path) -> None:
    for points in ("3", "-1", "some", "0.001"):
        assert "takes points from 0 to 2" in grade(
            "mark", "ada", ID, f"--take-off={points}", "-m", "x", code=2
        ).output.replace("\n", " ")
    assert "needs a reason" in grade("mark", "ada", ID, "--take-off", "1", code=2).output
    usage = re.sub(r"[\s│]+", " ", grade("mark", "ada", "--take-off", "1", "-m", "x", code=2).output)
    assert "STUDENT EXERCISE --take-off POINTS" in usage


def test_bonus_shows_above_the_total_and_no_grade_is_above_20(graded: Path) -> None:
    rubric = graded / "reference" / ID / "rubric.toml"
    extra = (
        '\n[[criteria]]\nid = "double.more"\ntask = "double"\nkind = "manual"\nbonus = true\npoints = 1\n'
        'title = { fr = "En plus", en = "More" }\ncell = "double"\n'
    )
    rubric.write_text(rubric.read_text(encoding="utf-8") + extra, encoding="utf-8")
    grade("submissions", "--yes")
    grade("mark", "ada", ID, "more", "1", "-m", "Well done.")
    grade("report")
    ada = grades(graded)["ada"]
    assert (Decimal(ada["points"]), ada["out_of"], ada["grade"], ada["verdict"]) == (3, "2", "20", "accepted")
