"""Points by question, as a table."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

from grader.export.questions import By, render_questions
from grader.model.adjustment import Adjustment
from grader.model.report import GradeReport
from grader.model.text import say
from grader.model.verdict import Verdict
from tests.reports.builders import REGRESSION, XOR, criterion, report

STEPS, VALUES = criterion(id_="train.steps"), criterion(id_="train.values", points="3")
WHY = criterion(Verdict.PARTIALLY_ACCEPTED, id_="text.why", kind="manual", points="1", share="0.25")
OPEN = criterion(Verdict.NEEDS_REVIEW, id_="text.why", kind="manual", points="1")


def rows(
    *reports: GradeReport, by: By = "criterion", excel: bool = False
) -> tuple[list[str], dict[str, list[str]]]:
    text = render_questions(reports, by, "fr", excel=excel)
    titles, *lines = csv.reader(io.StringIO(text), delimiter=";" if excel else ",")
    return titles, {line[0]: line[1:] for line in lines}


def test_a_column_is_a_criterion_or_a_task() -> None:
    class_ = (report(STEPS, VALUES, WHY), report(STEPS, VALUES, OPEN, student="13", name="Ada"))
    titles, lines = rows(*class_)
    assert titles == ["student", "name", f"{XOR}/train.steps", f"{XOR}/train.values", f"{XOR}/text.why"]
    assert lines == {"12": ["Zoé Lefèvre", "2", "3", "0.25"], "13": ["Ada", "2", "3", ""]}
    titles, lines = rows(*class_, by="task")
    assert titles == ["student", "name", f"{XOR}/train", f"{XOR}/text"]
    assert lines == {"12": ["Zoé Lefèvre", "5", "0.25"], "13": ["Ada", "5", ""]}


def test_exercises_stand_side_by_side_and_what_is_missing_is_empty() -> None:
    titles, lines = rows(report(STEPS), report(VALUES, exercise_id=REGRESSION), report(STEPS, student="13"))
    assert titles[2:] == [f"{REGRESSION}/train.values", f"{XOR}/train.steps"]
    assert lines == {"12": ["Zoé Lefèvre", "3", "2"], "13": ["Zoé Lefèvre", "", "2"]}


def test_what_was_taken_off_is_a_column_where_there_is_any() -> None:
    off = (Adjustment(kind="person", points=Decimal("-1.5"), words=say("Copied.")),)
    titles, lines = rows(report(STEPS, adjustments=off), report(STEPS, student="13"))
    assert titles[2:] == [f"{XOR}/train.steps", f"{XOR}/taken_off"]
    assert lines == {"12": ["Zoé Lefèvre", "2", "1.5"], "13": ["Zoé Lefèvre", "2", ""]}


def test_for_people_titles_say_the_worth_and_identifiers_stay_as_they_are() -> None:
    titles, lines = rows(report(STEPS, WHY, student="0021", name="=cmd"), excel=True)
    assert titles == ["étudiant", "nom", f"{XOR}/train.steps (2)", f"{XOR}/text.why (1)"]
    assert lines == {'="0021"': ["'=cmd", "2", "0,25"]}
    other = criterion(id_="train.steps", points="4")
    assert rows(report(STEPS), report(other, student="13"), excel=True)[0][2] == f"{XOR}/train.steps"
