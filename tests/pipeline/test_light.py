from __future__ import annotations

from grader.model.execution import CellError, CellRun, Execution
from grader.model.text import say
from grader.model.verdict import Verdict
from grader.pipeline.light import Lightener
from grader.reports.grades_csv import render_csv
from tests.reports.builders import class_of, criterion, index_text, report

LONG = "x" * 100_000
RAN = Execution(
    ended="raised",
    cells=(CellRun(index=0, ended="raised", error=CellError(name="E", message="m", traceback=LONG)),),
    notebook=LONG,
    tier="strong",
)
CLASS = class_of(
    report(criterion(staff_note=LONG, got=say(LONG)), criterion(Verdict.NEEDS_REVIEW, cell=3), execution=RAN),
    report(criterion(Verdict.JUDGE_ERROR, staff_note="Traceback"), student="2", verdict=Verdict.JUDGE_ERROR),
    report(criterion(Verdict.WRONG_ANSWER, summary=say("No.")), student="3", execution=RAN),
    report(student="4", problem=say("It cannot be read."), notices=(say(LONG),)),
)


def test_index_and_csv_are_the_same_for_light_grades() -> None:
    lightener = Lightener()
    light = CLASS.model_copy(update={"reports": tuple(lightener.light(r) for r in CLASS.reports)})
    assert light != CLASS
    assert render_csv(light) == render_csv(CLASS)
    assert index_text(light, "en", lambda r: r.student) == index_text(CLASS, "en", lambda r: r.student)


def test_what_only_a_students_page_shows_is_let_go_of() -> None:
    lightener = Lightener()
    for whole in CLASS.reports:
        assert "x" * 100 not in lightener.light(whole).model_dump_json()


def test_equal_outcomes_are_one_object_for_the_whole_class() -> None:
    lightener = Lightener()
    first, second, other = (
        lightener.light(report(criterion(verdict, staff_note=note), student=note))
        for verdict, note in [
            (Verdict.ACCEPTED, "1"),
            (Verdict.ACCEPTED, "2"),
            (Verdict.WRONG_ANSWER, "3"),
        ]
    )
    assert first.criteria[0] is second.criteria[0]
    assert first.criteria[0] is not other.criteria[0]
