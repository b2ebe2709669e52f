"""Damaged notebooks are graded as whole ones; what only a run can show is repaired by a second one."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from grader.authoring.verify import grade_notebook
from grader.grading.repair import repair_for
from grader.i18n import render
from grader.model.exercise import Exercise
from grader.model.report import GradeReport
from grader.model.verdict import Verdict
from grader.reports.html import render_student_page
from tests.conftest import ReferenceOf
from tests.course import Cell, notebook_of
from tests.grading import damages as by
from tests.grading.course import CELLS, REFERENCE, RUBRIC, ask, grade, make_exercise
from tests.grading.damages import damaged, place, text_of

ALL = Decimal(6)
Graded = Callable[[str], GradeReport]


@pytest.fixture(scope="module")
def squares(tmp_path_factory: pytest.TempPathFactory) -> Exercise:
    return make_exercise(tmp_path_factory.mktemp("squares"))


@pytest.fixture(scope="module")
def graded(squares: Exercise, tier: str) -> Graded:
    answers = ask(squares, tier)
    return lambda notebook: grade(notebook, squares, answers, tier)


def with_cell(at: int, text: str, *more: Cell) -> str:
    """The reference with another text in one cell, and cells below it."""
    return notebook_of(*CELLS[:at], {**CELLS[at], "source": text}, *more, *CELLS[at + 1 :])


def words(report: GradeReport) -> str:
    return " ".join(f"{render(f.found, 'en')} {render(f.done, 'en')}" for f in report.repairs)


def test_a_whole_notebook_runs_once_and_nothing_is_said(graded: Graded) -> None:
    report = graded(REFERENCE)
    assert (report.points, report.repairs) == (ALL, ())


def test_many_damages_at_once_cost_nothing(graded: Graded) -> None:
    text = damaged(REFERENCE, (by.as_raw, 5), (by.split_at(1, keeps="both"), 8), (by.deleted, 3))
    report = graded(text)
    assert report.points == ALL
    assert {f.kind for f in report.repairs} == {"text_for_code", "split", "given_missing"}


def test_a_notebook_pasted_into_a_new_one_is_known_by_its_content(graded: Graded) -> None:
    report = graded(damaged(REFERENCE, (by.all_without_marks, 0), (by.as_markdown, 5)))
    assert report.points == ALL
    why = next(r for r in report.criteria if r.id == "why.text")
    assert (why.judgement.verdict, why.judgement.cell) == (Verdict.NEEDS_REVIEW, 13)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("range(n)", "rang(n)"), "Your version stops with NameError: the one handed out was run after it."),
        (("count(5)", "count('5')"), "Your version stops with TypeError"),
        (("print(numbers)", "import no_such_module"), "Your version stops with ModuleNotFoundError"),
        (
            ("numbers = ", "nombres = "),
            "Your version does not define `numbers`: the one handed out was run after it.",
        ),
        (("for k in", "for k on"), "Your version is no Python: the one handed out was run in its place."),
    ],
)
def test_a_given_cell_that_fails_as_changed_is_run_as_handed_out(
    graded: Graded, change: tuple[str, str], told: str
) -> None:
    report = graded(with_cell(3, CELLS[3]["source"].replace(*change)))
    assert report.points == ALL
    assert told in words(report)
    assert [(f.kind, f.cell) for f in report.repairs] == [("given_changed", 3)]


def test_what_a_changed_cell_defines_before_it_fails_is_kept(graded: Graded) -> None:
    """Students add imports of their own to the given ones."""
    imports = "import math\nimport cmath\nfrom functools import reduce, no_such_thing"
    square = CELLS[5]["source"].replace(
        "abs(x)", "cmath.sqrt(x * x).real if isinstance(x, float) else abs(x)"
    )
    cells = [{**c, "source": square} if c["id"] == "square" else c for c in CELLS]
    cells[1] = {**CELLS[1], "source": imports}
    report = graded(notebook_of(*cells))
    assert report.points == ALL
    assert "Your version stops with ImportError" in words(report)


def test_a_given_cell_that_never_ends_as_changed_is_run_as_handed_out(tmp_path: Path, tier: str) -> None:
    exercise = make_exercise(tmp_path, RUBRIC.replace("cell_s = 20", "cell_s = 2"))
    report = grade(
        with_cell(3, CELLS[3]["source"] + "\nwhile True: pass"), exercise, ask(exercise, tier), tier
    )
    assert report.points == ALL
    assert "Your version had to be stopped: the one handed out was run in its place." in words(report)


def test_a_changed_check_that_fails_through_an_answer_is_no_damage(graded: Graded) -> None:
    """It fails as handed out, too: nothing is gained, and the notebook runs once."""
    cells = [{**c} for c in CELLS]
    cells[5]["source"] = "def square(x):\n    return x.squared()"
    cells[6]["source"] = "print('trois :', square(3))"
    report = graded(notebook_of(*cells))
    assert report.repairs == ()
    assert report.points == 2
    runs = next(r for r in report.criteria if r.id == "result.runs")
    assert runs.judgement.cell == 6


def test_a_last_copy_that_fails_where_the_one_before_it_runs_is_not_run(graded: Graded) -> None:
    copy = {**CELLS[11], "id": "copy", "source": "answer = 0\nanswer = total(square)"}
    report = graded(with_cell(11, CELLS[11]["source"], copy))
    assert report.points == ALL
    assert "Cell 13 stops with an error: it was not run, and cell 12 counts." in words(report)


def test_of_two_copies_that_run_the_last_counts(graded: Graded) -> None:
    copy = {**CELLS[11], "id": "copy", "source": "answer = 0"}
    assert graded(with_cell(11, CELLS[11]["source"], copy)).points == ALL - 1
    first = {**CELLS[11], "id": "first", "source": "answer = 0"}
    assert graded(notebook_of(*CELLS[:11], first, *CELLS[11:])).points == ALL


def test_a_repair_pays_nothing_that_a_whole_notebook_would_not_get(graded: Graded) -> None:
    wrong = "def square(x):\n    return x * x * x"
    whole = graded(with_cell(5, wrong))
    cut = json.loads(with_cell(5, wrong))
    broken = damaged(json.dumps(cut), (by.as_markdown, 5), (by.deleted, 3), (by.fenced_in_code, 7))
    assert (graded(broken).points, whole.points) == (Decimal(3), Decimal(3))


def test_switched_off_it_counts_as_handed_in_and_the_page_says_so(tmp_path: Path, tier: str) -> None:
    exercise = make_exercise(tmp_path, RUBRIC.replace("schema = 1\n", "schema = 1\nrepair = false\n"))
    report = grade(damaged(REFERENCE, (by.as_markdown, 5)), exercise, ask(exercise, tier), tier)
    assert report.points is not None
    assert report.points < ALL
    page = render_student_page(report, exercise, "en")
    assert "Cell 6, the code cell" in page
    assert "Nothing was changed: for this exercise" in page


def test_the_page_says_what_was_found_and_shows_where_it_ran(graded: Graded, squares: Exercise) -> None:
    report = graded(damaged(REFERENCE, (by.as_markdown, 5), (by.deleted, 3)))
    page = render_student_page(report, squares, "fr")
    assert "Ce qui a été trouvé dans votre fichier, et ce qui a été fait" in page
    assert "La cellule donnée <code>data</code> manque. Elle a été remise." in page
    assert 'href="#cell-4">Voir la cellule 5' in page
    put_back, behind = page.index('id="cell-14"'), page.index('id="cell-3"')
    assert page.index('id="cell-2"') < put_back < behind
    assert "donnée, absente de votre fichier" in page[put_back:behind]


@pytest.mark.parametrize(
    ("damage", "grade_id"), [(by.as_markdown, "mse"), (by.deleted, "data"), (None, "data")]
)
def test_regression_loses_nothing_by_a_damage(
    exercises: dict[str, Exercise],
    reference_of: ReferenceOf,
    tier: str,
    damage: by.Damage | None,
    grade_id: str,
) -> None:
    exercise = exercises["01_regression_lineaire"]

    def misspelt(cells: by.Cells, at: int) -> by.Cells:
        cells[at]["source"] = text_of(cells[at]).replace("torch.rand(", "torch.rnd(")
        return cells

    text = damaged(exercise.reference, (damage or misspelt, place(exercise.reference, grade_id)))
    assert repair_for(exercise, text).findings
    answers = reference_of(exercise.id)
    report = grade_notebook(text, exercise, answers, seed=0, tier=tier, name="damaged")
    assert report.points == 18
    assert [f.grade_id for f in report.repairs] == [grade_id]
