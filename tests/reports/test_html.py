from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.model.finding import Finding
from grader.model.report import CriterionResult, GradeReport
from grader.model.submission import SetAside
from grader.model.text import say
from grader.model.verdict import Verdict
from grader.reports.html import render_student_page
from tests.reports.builders import (
    class_of,
    code,
    criterion,
    display,
    executed,
    execution,
    exercise,
    index_text,
    png,
    report,
    stream,
)
from tests.reports.pages import Page, read_page

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</pre></style><script src=//evil.example></script>",
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "<!-- --><svg onload=alert(1)>",
    "\x00\x1b[31mred\x1b[0m\u202egnp.exe",
    "'; DROP TABLE--",
]


def student(graded: GradeReport, **more: Any) -> Page:
    return read_page(
        render_student_page(graded, more.get("exercise_", exercise()), more.get("language", "en"))
    )


def link(graded: GradeReport) -> str:
    return f"students/{graded.student}.html"


def test_what_is_right_comes_first() -> None:
    page = student(
        report(
            criterion(Verdict.WRONG_ANSWER, id_="a.a", title="alpha"),
            criterion(Verdict.NEEDS_REVIEW, id_="a.b", title="beta"),
            criterion(Verdict.ACCEPTED, id_="a.c", title="gamma"),
            criterion(Verdict.SKIPPED, id_="a.d", title="delta"),
            criterion(Verdict.NOT_ATTEMPTED, id_="a.e", title="epsilon"),
        )
    )
    places = [page.text.index(name) for name in ("gamma", "alpha", "delta", "epsilon", "beta")]
    assert places == sorted(places)
    assert page.headings[1] == "What is right"


def test_a_criterion_shows_expected_got_where_and_what_to_look_at() -> None:
    result = criterion(
        Verdict.WRONG_ANSWER,
        summary=say("The sign is wrong."),
        expected=say("minus {x}", x=0.5),
        got=say("plus {x}", x=0.5),
        where=say("function f"),
        look_at=say("the derivative"),
    )
    page = student(report(result))
    for words in ("The sign is wrong.", "Expected", "minus 0.5", "Got", "plus 0.5", "Where", "function f",
                  "Look at", "the derivative", "0 / 2"):  # fmt: skip
        assert words in page.text


def test_french_page_has_decimal_commas() -> None:
    page = student(report(criterion(Verdict.PARTIALLY_ACCEPTED, points="3", share="0.25")), language="fr")
    assert "0,75 / 3" in page.text
    assert "0.75" not in page.text


def test_complete_report_shows_the_grade_and_an_incomplete_one_does_not() -> None:
    assert "Grade: 20 out of 20" in student(report(criterion())).text
    page = student(report(criterion(), criterion(Verdict.NEEDS_REVIEW, id_="b.b")))
    assert "still to be marked: 2" in page.text
    assert "out of 20" not in page.text


def test_staff_notes_and_other_students_never_reach_a_students_page() -> None:
    result = criterion(Verdict.WRONG_ANSWER, staff_note="SECRET input 42")
    broken = criterion(Verdict.JUDGE_ERROR, id_="b.b", staff_note="SECRET traceback")
    mine = report(result, broken, verdict=Verdict.JUDGE_ERROR)
    text = render_student_page(mine, exercise(), "en")
    assert "SECRET" not in text
    assert "strong" in text
    index = index_text(class_of(mine, report(student="13", name="Autre")), "en", link)
    assert "SECRET traceback" in read_page(index).text


def test_outputs_are_inert() -> None:
    notebook = executed(
        code("a", display(text__html=HOSTILE[0], text__plain="plain words")),
        code("b", display(image__svg="<svg onload=alert(1)>", application__javascript="alert(2)")),
        code("c", display(text__markdown="<img src=x onerror=alert(3)>")),
        code("d", stream(HOSTILE[2]), stream("warned", "stderr")),
        code(HOSTILE[2]),
        {"cell_type": "markdown", "source": HOSTILE[0], "metadata": {}},
        {"cell_type": "raw", "source": HOSTILE[1], "metadata": {}},
    )
    page = student(report(execution=execution(notebook)))
    assert "plain words" in page.text
    assert "An output of type image/svg is not shown." in page.text
    assert "An output of type text/markdown is not shown." in page.text
    assert HOSTILE[0] in page.text
    assert HOSTILE[2] in page.text
    assert page.images == []


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_anywhere_are_only_words(hostile: str) -> None:
    result = criterion(
        Verdict.WRONG_ANSWER,
        title=hostile,
        summary=say("{x}", x=hostile),
        got=say("{x}", x=hostile),
        staff_note=hostile,
        cell=0,
    )
    broken = criterion(
        Verdict.JUDGE_ERROR, id_="b.b", title=hostile, summary=say("{x}", x=hostile), staff_note=hostile
    )
    notebook = executed(code(hostile, stream(hostile), display(**{hostile: hostile})))
    graded = report(
        result,
        broken,
        student=hostile,
        name=hostile,
        exercise_id=hostile,
        path=hostile,
        tier=hostile,
        verdict=Verdict.JUDGE_ERROR,
        execution=execution(notebook, failed=0),
        notices=(say("{x}", x=hostile),),
        problem=say("{x}", x=hostile),
    )
    student(graded, exercise_=None)
    class_report = class_of(
        graded,
        notes=(SetAside(path=hostile, reason=say("{x}", x=hostile), student="9", name=hostile),),
    )
    read_page(index_text(class_report, "en", lambda _: "students/x.html"))


@given(st.text(), st.text())
def test_any_name_and_output_makes_a_page(name: str, output: str) -> None:
    notebook = json.dumps({"cells": [code(output, stream(output), display(text__plain=output))]})
    page = read_page(render_student_page(report(name=name, execution=execution(notebook)), None, "fr"))
    assert all(ord(c) >= 32 or c in "\t\n" for c in page.text)


def test_pngs_are_shown_and_what_only_says_so_is_not() -> None:
    notebook = executed(
        code("a", display(image__png=png())),
        code("b", display(image__png="PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+", text__plain="not a picture")),
        code("c", display(image__png="%%%", text__plain="not base64")),
        code("d", display(image__jpeg="/9j/", text__plain="a photo")),
    )
    page = student(report(execution=execution(notebook)))
    assert len(page.images) == 1
    assert all(words in page.text for words in ("not a picture", "not base64", "a photo"))


@pytest.mark.parametrize(
    "notebook",
    ["", "[]", "{", "7", '{"cells": 7}', '{"cells": [7, null, {"cell_type": 7, "source": {}, "outputs": 7}]}',
     '{"cells": [{"cell_type": "code", "source": [7], "outputs": [7, {"output_type": "stream", "text": 7},'
     ' {"output_type": "error", "traceback": 7}, {"output_type": "display_data", "data": 7},'
     ' {"output_type": "display_data", "data": {"image/png": [7]}}]}]}', "[" * 100_000],
)  # fmt: skip
def test_a_malformed_executed_notebook_makes_a_page_all_the_same(notebook: str) -> None:
    run = execution(executed()).model_copy(update={"notebook": notebook})
    student(report(execution=run))


def test_long_outputs_and_many_outputs_are_cut_with_a_word() -> None:
    notebook = executed(
        code("a", stream("x" * 100_000)), code("b", *(display(text__plain=f"v{i}") for i in range(70)))
    )
    graded = report(execution=execution(notebook))
    page = student(graded)
    assert "80000 characters are not shown here." in page.text
    assert "More outputs, not shown: 20." in page.text
    assert len(render_student_page(graded, exercise(), "en")) < 60_000


def test_progress_bars_show_only_their_end() -> None:
    notebook = executed(code("a", stream("\r 1%"), stream("\r 50%"), stream("\r100%\nend\r\n")))
    page = student(report(execution=execution(notebook)))
    assert "100%\nend" in page.text
    assert "50%" not in page.text


def test_remarks_stand_at_their_cells_and_the_first_error_is_told() -> None:
    notebook = executed(code("x = 1"), code("plot(losses)"))
    result = criterion(Verdict.WRONG_ANSWER, summary=say("A remark."), cell=1)
    page = student(report(result, execution=execution(notebook, failed=1)))
    assert page.text.count("A remark.") == 2
    assert page.text.rindex("A remark.") > page.text.index("plot(losses)")
    assert "stops at cell 2" in page.text
    assert "NameError: name 'losses' is not defined" in page.text
    assert page.links.count("#cell-1") == 2


def test_a_cell_shows_what_is_right_in_it_too_but_not_what_was_skipped() -> None:
    page = student(
        report(
            criterion(title="alpha", cell=0),
            criterion(Verdict.WRONG_ANSWER, id_="a.b", title="beta", look_at=say("Look there."), cell=0),
            criterion(Verdict.SKIPPED, id_="a.c", title="gamma", cell=0),
            execution=execution(executed(code("x = 1"))),
        )
    )
    below = page.text[page.text.index("x = 1") :]
    assert "alpha" in below
    assert "2 / 2" in below
    assert below.index("beta") < below.index("Look there.")
    assert "gamma" not in below


def test_the_criterion_on_running_is_told_at_the_top_and_only_there() -> None:
    stop = criterion(
        Verdict.TIME_LIMIT_EXCEEDED,
        id_="runs.all",
        kind="runs",
        points="0",
        summary=say("A cell did not come to an end in time, and was stopped."),
        look_at=say("Look for a loop that never ends."),
        cell=0,
    )
    page = student(report(stop, criterion(), execution=execution(executed(code("x")), failed=0)))
    assert page.headings[1].startswith("A cell did not come to an end")
    assert page.text.index("Look for a loop") < page.text.index("What is right")
    assert "What to look at again" not in page.text
    assert "NameError" not in page.text


def test_points_for_running_are_told_too_where_there_are_any() -> None:
    stop = criterion(Verdict.RUN_TIME_ERROR, id_="runs.all", kind="runs", points="3")
    run = execution(executed(code("x")), failed=0)
    assert "Points: 0 / 3" in student(report(stop, criterion(), execution=run)).text
    free = stop.model_copy(update={"out_of": Decimal(0)})
    assert "Points:" not in student(report(free, criterion(), execution=run)).text


def test_code_in_messages_is_set_as_code_and_still_inert() -> None:
    words = criterion(Verdict.WRONG_ANSWER, summary=say("Use `{x}`, not `y`.", x="<b onclick=alert(1)>"))
    html = render_student_page(report(words), exercise(), "en")
    read_page(html)
    assert "Use <code>&lt;b onclick=alert(1)&gt;</code>, not <code>y</code>." in html


def test_a_remark_at_a_cell_that_is_not_there_leads_nowhere() -> None:
    result = criterion(Verdict.WRONG_ANSWER, summary=say("A remark."), cell=9)
    page = student(report(result, execution=execution(executed(code("x")), failed=0)))
    assert "#cell-9" not in page.links


def test_what_was_handed_out_is_folded_and_what_is_the_students_is_marked() -> None:
    given_text = {"cell_type": "markdown", "source": "## Consigne\nLongue.", "metadata": {}}
    own_text = {"cell_type": "markdown", "source": "Ma réponse", "metadata": {}}
    handout = executed(given_text, code("import torch"))
    page_html = render_student_page(
        report(execution=execution(executed(given_text, own_text, code("import torch"), code("y = 2")))),
        exercise(handout=handout),
        "en",
    )
    read_page(page_html)
    assert "<summary>Consigne</summary>" in page_html
    classes = [
        line.split('class="')[1].split('"')[0] for line in page_html.splitlines() if "<article" in line
    ]
    assert classes == ["given", "mine", "given", "mine"]


def test_unreadable_notebook_says_why_once() -> None:
    problem = say("The file is empty. Save the notebook, and hand in again.")
    waiting = [criterion(Verdict.NEEDS_REVIEW, id_=f"a.{i}", summary=problem) for i in "abc"]
    page = student(report(*waiting, problem=problem))
    assert page.text.count("The file is empty.") == 1
    assert "What your teacher will look at" not in page.text
    assert "the training loop" not in page.text


def test_what_counts_as_0_because_something_else_failed_stands_apart_from_what_waits() -> None:
    page = student(
        report(
            criterion(Verdict.WRONG_ANSWER, id_="a.a", title="alpha"),
            criterion(Verdict.SKIPPED, id_="a.b", title="beta"),
            criterion(Verdict.NEEDS_REVIEW, id_="a.c", title="gamma"),
        )
    )
    skipped = page.text.index("Counted as 0")
    waiting = page.text.index("What your teacher will look at")
    assert skipped < page.text.index("beta") < waiting < page.text.index("gamma")
    assert "counts as 0 points" in page.text[skipped:waiting]
    assert "yet" not in page.text[skipped:waiting]


def test_index_puts_what_needs_a_person_first() -> None:
    reports = (
        report(criterion(), student="1", name="Ali"),
        report(criterion(Verdict.NEEDS_REVIEW, title="discussion", kind="manual"), student="2", name="Bea"),
        report(criterion(Verdict.JUDGE_ERROR), student="3", name="Cyd", verdict=Verdict.JUDGE_ERROR),
        report(criterion(Verdict.NEEDS_REVIEW), student="4", name="Dan", problem=say("The file is empty.")),
    )
    older = SetAside(path="12/old.ipynb", reason=say("There is a newer one."), is_superseded=True)
    html = index_text(class_of(*reports, notes=(older,)), "en", link)
    page = read_page(html)
    assert page.headings[1] == "What needs a person"
    first = page.text[: page.text.index("Students and exercises")]
    places = [first.index(words) for words in ("Cyd", "The file is empty.", "discussion", "Bea")]
    assert places == sorted(places)
    assert "Ali" not in first
    assert "12/old.ipynb" not in first
    assert "12/old.ipynb: There is a newer one." in page.text
    assert {f"students/{i}.html" for i in "1234"} <= set(page.links)
    assert {"grades.csv", "results.json"} <= set(page.links)
    for words in ("torch 2.13.0", "Seed 1", "tier strong", "0123456789ab"):
        assert words in page.text


def test_index_puts_what_nobody_graded_with_what_needs_a_person_and_names_the_student() -> None:
    closed = say("It cannot be opened ({reason}). Check its permissions.", reason="Permission denied")
    picture = say("It is not a notebook (.ipynb).")
    notes = (
        SetAside(path="Ali_1/plot.png", reason=picture, student="1", name="Ali"),
        SetAside(path="Ali_1/data", reason=closed, student="1", name="Ali"),
        SetAside(path="Karim_7", reason=closed, student="7", name="Karim"),
    )
    html = index_text(class_of(report(criterion(), student="1", name="Ali"), notes=notes), "en", link)
    text = read_page(html).text
    first = text[: text.index("Students and exercises")]
    assert "Nothing: all points are decided." not in text
    assert "run grade again" in first
    places = [
        first.index(words) for words in ("Permission denied", "Karim (nothing of", "Ali_1/data", "plot.png")
    ]
    assert places == sorted(places)
    assert first.count("nothing of this student was graded") == 1


def test_index_counts_outcomes_and_names_the_most_frequent_mistake() -> None:
    sign = say("The sign is wrong.")
    reports = [
        report(criterion(Verdict.WRONG_ANSWER, summary=sign), student=str(i), name=f"n{i}") for i in range(3)
    ]
    reports.append(report(criterion(), student="9", name="n9"))
    page = read_page(index_text(class_of(*reports), "en", link))
    assert "1 / 4" in page.text
    assert "The sign is wrong. × 3" in page.text


@pytest.mark.parametrize(
    ("criteria", "place", "sign"),
    [
        ([criterion()], "all", "✓"),
        ([criterion(points="8"), criterion(Verdict.NEEDS_REVIEW, id_="b.b")], "all", "✓"),
        ([criterion(points="8"), criterion(Verdict.WRONG_ANSWER, id_="b.b")], "most", "◕"),
        ([criterion(points="2"), criterion(Verdict.WRONG_ANSWER, id_="b.b")], "half", "◑"),
        ([criterion(points="1"), criterion(Verdict.WRONG_ANSWER, id_="b.b")], "little", "◔"),
        ([criterion(Verdict.WRONG_ANSWER)], "nothing", "✗"),
        ([criterion(Verdict.NEEDS_REVIEW)], "waiting", "…"),
    ],
)
def test_sign_and_colour_in_the_matrix_follow_one_key(
    criteria: list[CriterionResult], place: str, sign: str
) -> None:
    html = index_text(class_of(report(*criteria)), "en", link)
    assert f'<a class="cell num {place}" data-sign="{sign}"' in html
    key = html[html.index('<ul class="key"') :]
    assert (
        f'<li class="{place}"><span class="sign" aria-hidden="true">{sign}</span>'
        in key[: key.index("</ul>")]
    )


def test_blank_and_broken_have_their_own_places_in_the_key() -> None:
    blank = report(criterion(Verdict.NOT_ATTEMPTED), verdict=Verdict.NOT_ATTEMPTED)
    broken = report(
        criterion(), criterion(Verdict.JUDGE_ERROR, id_="b.b"), student="2", verdict=Verdict.JUDGE_ERROR
    )
    html = index_text(class_of(blank, broken), "en", link)
    for place in ("blank", "broken"):
        cell = html[html.index(f'<a class="cell num {place}"') :]
        assert 'class="hid"' in cell[: cell.index("</a>")]


def test_index_of_nothing_is_a_page() -> None:
    page = read_page(index_text(class_of(), "fr", link))
    assert page.headings


def test_a_student_without_one_of_the_exercises_has_an_empty_place() -> None:
    reports = (
        report(student="1", name="Ali"),
        report(student="2", name="Bea", exercise_id="01_regression_lineaire"),
    )
    page = read_page(index_text(class_of(*reports), "en", link))
    assert page.text.count("nothing handed in") == 2


def test_pages_are_the_same_each_time() -> None:
    graded = report(criterion(), execution=execution(executed(code("x", display(image__png=png())))))
    assert len({render_student_page(graded, exercise(), "en") for _ in range(2)}) == 1


DAMAGED = (
    Finding(
        kind="text_for_code",
        grade_id="train",
        cell=0,
        found=say("Cell {cell}, the code cell `{id}`, is a text cell.", cell=1, id="train"),
        done=say("It was run as code."),
    ),
)


def test_what_was_damaged_in_a_file_is_told_to_its_student_and_to_the_teacher() -> None:
    damaged, whole = report(repairs=DAMAGED), report(student="13", name="Bob")
    page = student(damaged, language="fr").text
    assert "La cellule 1, qui était la cellule de code train, est une cellule de texte." in page
    assert "Elle a été exécutée comme du code." in page
    assert "Ce qui a été trouvé dans votre fichier" not in student(whole, language="fr").text
    index = read_page(index_text(class_of(damaged, whole), "en", link)).text
    told = index.partition("Cells of the wrong kind")[2]
    assert "Zoé Lefèvre" in told.partition("It was run as code.")[0]
    assert "Cells of the wrong kind" not in index_text(class_of(whole), "en", link)
