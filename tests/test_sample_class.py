"""The sample class gets what `submissions/README.md` says, from the command line, and the same again for nothing."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from grader.grading.questions import probes_of
from grader.model.exercise import Exercise
from tests.conftest import ROOT

pytestmark = pytest.mark.timeout(1800)
"""Where nobody has graded the class before, two busy cores take longer than other tests may."""

Grades = dict[tuple[str, str], tuple[Decimal, Decimal]]


def promised() -> Grades:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in (ROOT / "submissions" / "README.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("|") and not line.startswith("|---")
    ]
    head, *students = rows
    return {
        (student[0], exercise): (points(cell), undecided(cell))
        for student in students
        for exercise, cell in zip(head[1:5], student[1:5], strict=True)
    }


def points(cell: str) -> Decimal:
    return Decimal(cell.partition("+")[0].strip())


def undecided(cell: str) -> Decimal:
    return Decimal(cell.partition("+")[2].strip() or 0)


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory, tier: str) -> Path:
    """In CI the first command of the README has just graded this class; elsewhere grades may be of older code."""
    folder = tmp_path_factory.mktemp("class")
    just_graded = ROOT / "grades.db"
    if os.environ.get("CI") and just_graded.exists():
        shutil.copy(just_graded, folder)
    grade(folder)
    return folder


def grade(folder: Path) -> str:
    line = [sys.executable, "-c", "from grader.cli import main; main()", str(ROOT / "submissions")]
    line += ["--exercises", str(ROOT / "exercises"), "--reference", str(ROOT / "reference"), "--lang", "en"]
    done = subprocess.run(line, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def reports(folder: Path) -> list[dict[str, Any]]:
    return json.loads((folder / "report" / "results.json").read_text(encoding="utf-8"))["reports"]


def test_every_student_gets_what_the_readme_says(graded: Path) -> None:
    found = {
        (r["name"], r["exercise"]): (Decimal(r["points"] or 0), Decimal(r["undecided"]))
        for r in reports(graded)
    }
    assert found == promised()


def test_every_student_has_a_page_and_the_class_an_index(graded: Path) -> None:
    assert (graded / "report" / "index.html").stat().st_size > 10_000
    assert len(list((graded / "report" / "students").rglob("*.html"))) == 48


def test_a_notebook_that_never_ends_is_stopped_and_said_so(graded: Path) -> None:
    farid = next(r for r in reports(graded) if (r["name"], r["exercise"][:2]) == ("Farid Benali", "01"))
    verdicts = {c["id"]: c["verdict"] for c in farid["criteria"]}
    assert verdicts["result.loss"] == "time_limit_exceeded"
    assert verdicts["train.steps"] == "accepted"


def test_broken_json_takes_no_points_and_needs_a_person(graded: Path) -> None:
    grace = next(r for r in reports(graded) if (r["name"], r["exercise"][:2]) == ("Grace ONeil", "01"))
    assert (grace["verdict"], grace["points"]) == ("needs_review", None)
    assert {c["points"] for c in grace["criteria"]} == {None}


def test_nobodys_script_is_in_a_report(graded: Path) -> None:
    for page in (graded / "report").rglob("*.html"):
        assert "<script" not in page.read_text(encoding="utf-8").lower(), page.name


def test_a_students_page_names_nobody_else_and_shows_no_hidden_input(
    graded: Path, exercises: dict[str, Exercise]
) -> None:
    names = {r["name"] for r in reports(graded)}
    hidden = {id_: hidden_inputs(exercise) for id_, exercise in exercises.items()}
    assert all(len(numbers) > 50 for numbers in hidden.values())
    for report in reports(graded):
        exercise = exercises[report["exercise"]]
        folder = graded / "report" / "students" / report["student"]
        page = (folder / f"{exercise.id}.html").read_text(encoding="utf-8")
        assert [name for name in names if name in page] == [report["name"]]
        words = re.sub(r"<(pre|style)\b.*?</\1>", "", page, flags=re.DOTALL)
        shown = {number.lstrip("0").lstrip(".") for number in re.findall(r"\d+\.\d{4,}", words)}
        # One number in thousands may be equal by chance; an input that leaks shows several.
        assert len(shown & hidden[exercise.id]) < 2


def test_no_page_shows_an_answer_that_its_student_did_not_write(
    graded: Path, exercises: dict[str, Exercise]
) -> None:
    untouched = next(r["student"] for r in reports(graded) if r["name"] == "Élodie Martin")
    for exercise in exercises.values():
        answers = answers_of(exercise)
        assert len(answers) > 10
        for page in (graded / "report" / "students").glob(f"*/{exercise.id}.html"):
            told = page.read_text(encoding="utf-8")
            outside = told if page.parent.name == untouched else re.sub(r"(?s)<pre\b.*?</pre>", "", told)
            own = text_of("" if page.parent.name == untouched else told.partition('id="notebook"')[2])
            assert [line for line in answers if line in text_of(outside) and line not in own] == [], page


def text_of(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", page))


def answers_of(exercise: Exercise) -> frozenset[str]:
    """Lines of the reference's answers that say more than any notebook must."""
    texts = ["".join(cell["source"]) for cell in json.loads(exercise.reference)["cells"]]
    regions = "\n".join(re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", "\n".join(texts), re.DOTALL))
    given = json.loads(exercise.handout)["cells"]
    handed_out = "\n".join("".join(cell["source"]) for cell in given)
    lines = {line.strip() for line in regions.splitlines()}
    return frozenset(line for line in lines if len(line) >= 28 and line not in handed_out)


def hidden_inputs(exercise: Exercise) -> frozenset[str]:
    """Random numbers that the exercise's probes send, as a page would write them with four digits or more."""
    drawn = (
        float(value)
        for criterion in exercise.rubric.criteria
        for probe in probes_of(criterion, exercise, 0)
        for array in probe.inputs.values()
        for value in array.ravel()[:200]
    )
    numbers = [abs(value) for value in drawn if value * 1000 % 1]
    return frozenset(f"{n:.{digits}g}".lstrip("0").lstrip(".") for n in numbers for digits in (4, 5, 6))


def test_the_same_work_twice_costs_nothing_and_changes_nothing(graded: Path) -> None:
    before = {p: p.read_bytes() for p in (graded / "report").rglob("*") if p.is_file()}
    said = grade(graded)
    assert "Graded:" not in said
    assert {p: p.read_bytes() for p in (graded / "report").rglob("*") if p.is_file()} == before
