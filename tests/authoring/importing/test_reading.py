"""Foreign notebooks are read as their graders mean them; what is broken is told in one line."""

from __future__ import annotations

import json
import re
from decimal import Decimal

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grader.authoring import verify
from grader.authoring.founding import found
from grader.authoring.importing import read_material
from grader.authoring.importing.otter_solutions import rewritten
from grader.authoring.importing.writing import files
from grader.errors import CatalogError
from grader.grading.reference import ask_reference
from grader.model.verdict import Verdict
from tests.authoring.importing.courses import (
    answer,
    graded,
    nbgrader,
    nbgrader_course,
    otter_course,
    raw,
    save,
)

ASSIGNMENT = "# BEGIN QUESTION\nname: q1"


def imported(folder, notebook, id_="06_new"):
    material = read_material(save(folder, notebook))
    return found(id_, files(material, id_), exercises=folder / "exercises", reference=folder / "reference")


def criteria_of(exercise):
    return {c.id: (c.kind, c.points, c.public) for c in exercise.rubric.criteria}


def handout_of(exercise):
    return "\n".join(cell.source for cell in nbformat.reads(exercise.handout, as_version=4).cells)


def test_an_nbgrader_source_keeps_tasks_points_and_tests(tmp_path):
    exercise = imported(tmp_path, nbgrader_course())
    titles = {task.id: (task.title.fr, task.points) for task in exercise.rubric.tasks}
    assert titles == {
        "cubes": ("Cubes", Decimal("4.5")),
        "mean": ("Mean", 2),
        "formula": ("Formule", 2),
        "use": ("Use", 3),
        "free": ("Libre", 4),
    }
    assert exercise.rubric.title.fr == "Suites"
    assert criteria_of(exercise) == {
        "cubes.cubes_values": ("matches_reference", 2, False),
        "cubes.cubes_invalid_by_hand": ("manual", 1, True),
        "cubes.cubes_partly": ("matches_reference", 0, True),
        "cubes.cubes_partly_by_hand": ("manual", Decimal("1.5"), True),
        "mean.mean_values": ("matches_reference", 1, True),
        "mean.mean_auto": ("matches_reference", 1, True),
        "formula.text": ("manual", 2, True),
        "use.code": ("manual", 3, True),
        "free.text": ("manual", 4, True),
        "cubes.runs": ("runs", 0, True),
    }


def test_students_get_no_answer_no_hidden_test_and_no_mark_scheme(tmp_path):
    text = handout_of(imported(tmp_path, nbgrader_course()))
    for secret in (
        "i**3",
        "sum(v)",
        "[1, 8, 27, 64]",
        "One point",
        "Anything.",
        "BEGIN",
        "AUTOTEST",
        "$n^3$",
    ):
        assert secret not in text
    assert "assert cubes(2) == [1, 8]" in text


def test_an_otter_assignment_keeps_questions_points_and_tests(tmp_path):
    exercise = imported(tmp_path, otter_course())
    assert criteria_of(exercise) == {
        "q1.test_1": ("matches_reference", 1, True),
        "q1.test_2": ("matches_reference", 1, False),
        "q1.test_3_by_hand": ("manual", 1, True),
        "q2.tests": ("matches_reference", 1, True),
        "q3.answer": ("manual", 2, True),
        "q1.runs": ("runs", 0, True),
    }
    text = handout_of(exercise)
    for secret in ("x / 2", "7}", "Because", "otter", "SOLUTION", "IGNORE", "grader.", "halve(10)"):
        assert secret not in text
    assert "seven = halve(14)" in text


def test_what_was_left_out_is_listed_with_its_code(tmp_path):
    listed = files(read_material(save(tmp_path, nbgrader_course())), "x")["IMPORTED.md"]
    for words in (
        "picture.png",
        "cubes-invalid",
        "raise AssertionError",
        "assert len(cubes(5)) > 2",
        "mark scheme",
    ):
        assert words in listed
    assert "assert cubes(1)" not in listed
    listed = files(read_material(save(tmp_path, otter_course())), "x")["IMPORTED.md"]
    for words in ("files, generate", "isinstance(seven, float)", "_Type here._"):
        assert words in listed


def test_a_text_in_a_solution_is_shown_only_where_otter_shows_it(tmp_path):
    stays = new_markdown_cell("Now call it.", metadata={"tags": ["otter_include"]})
    answer_cells = [new_code_cell("x = 2 # SOLUTION"), stays, new_markdown_cell("Because two is even.")]
    cells = [
        raw(ASSIGNMENT),
        raw("# BEGIN SOLUTION"),
        *answer_cells,
        raw("# END SOLUTION"),
        raw("# BEGIN TESTS"),
    ]
    course = new_notebook(cells=[*cells, new_code_cell("x"), raw("# END TESTS"), raw("# END QUESTION")])
    listed = files(read_material(save(tmp_path, course)), "x")["IMPORTED.md"]
    text = handout_of(imported(tmp_path, course))
    assert "Now call it." in text
    assert "Votre réponse ici" not in text
    assert "even" not in text
    assert "Because two is even." in listed


CONFIG = """%s # BEGIN TEST CONFIG
success_message: Well done%d!
failure_message: Look again%d.
%s # END TEST CONFIG
%s"""


@pytest.mark.parametrize(
    ("settings", "tests", "listed", "hints"),
    [
        ("", ["f(1)", "f(2) > 1"], ["Well done1!", "Well done2!", "Look again2."], ["Look again1."]),
        ("all_or_nothing: true", ["f(1)", "f(2)"], ["Well done1!", "Well done2!", "Look again1.", "Look again2."], []),
    ],
)  # fmt: skip
def test_what_otter_says_of_a_test_and_no_criterion_does_is_listed(tmp_path, settings, tests, listed, hints):
    quotes = '"""'
    told = [CONFIG % (quotes, k, k, quotes, test) for k, test in enumerate(tests, 1)]
    cells = [
        raw(f"{ASSIGNMENT}\n{settings}"),
        raw("# BEGIN SOLUTION"),
        new_code_cell("def f(x):\n    return x # SOLUTION"),
    ]
    cells += [raw("# END SOLUTION"), raw("# BEGIN TESTS"), *map(new_code_cell, told), raw("# END TESTS")]
    made = files(read_material(save(tmp_path, new_notebook(cells=[*cells, raw("# END QUESTION")]))), "x")
    words = re.findall(r"(?:success|failure)_message: (.*)", made["IMPORTED.md"])
    assert words == listed
    assert re.findall(r'hint = \{ fr = "(.*?)"', made["rubric.toml"]) == hints


def test_the_same_source_gives_the_same_files(tmp_path):
    path = save(tmp_path, otter_course())
    assert files(read_material(path), "x") == files(read_material(path), "x")


@pytest.mark.parametrize("course", [nbgrader_course, otter_course])
def test_the_reference_of_an_import_gets_all_and_the_blank_nothing(tmp_path, tier, course):
    exercise = imported(tmp_path, course())
    answers = ask_reference(exercise, seed=0, tier=tier)
    reports = [
        verify.grade_notebook(notebook, exercise, answers, seed=0, tier=tier, name=name)
        for name, notebook in (("reference", exercise.reference), ("blank", exercise.handout))
    ]
    assert list(verify.right_faults(reports[0])) == []
    assert list(verify.blank_faults(reports[1])) == []
    assert {c.judgement.verdict for c in reports[0].criteria} == {Verdict.ACCEPTED, Verdict.NEEDS_REVIEW}


@pytest.mark.parametrize(
    ("points", "tests", "dealt"),
    [
        ("", ["f(1)", "f(2)"], ["0.5", "0.5"]),
        ("points: 2", ["f(1)", "f(2)", "f(3)"], ["0.66", "0.66", "0.68"]),
        ("points: [1, 3]", ["f(1)", "f(2)"], ["1", "3"]),
        ("points:\n    each: 2", ["f(1)", "f(2)"], ["2", "2"]),
        ("points: 5", ['"""# BEGIN TEST CONFIG\npoints: 4\n"""# END TEST CONFIG\nf(1)', "f(2)"], ["4", "1"]),
        ("", ['"""# BEGIN TEST CONFIG\npoints: 4\n"""# END TEST CONFIG\nf(1)', "f(2)"], ["4", "0"]),
    ],
)
def test_points_are_dealt_out_as_otter_does(tmp_path, points, tests, dealt):
    cells = [
        raw(f"{ASSIGNMENT}\n{points}"),
        raw("# BEGIN SOLUTION"),
        new_code_cell("def f(x):\n    return x # SOLUTION"),
    ]
    cells += [raw("# END SOLUTION"), raw("# BEGIN TESTS"), *map(new_code_cell, tests), raw("# END TESTS")]
    exercise = imported(tmp_path, new_notebook(cells=[*cells, raw("# END QUESTION")]))
    assert [str(c.points) for c in exercise.rubric.criteria if c.kind == "matches_reference"] == dealt


def test_lines_marked_as_solutions_share_a_region_where_they_are_neighbours():
    found_text = rewritten(
        "def f(x):\n    a = 1 # SOLUTION\n    b = 2 # SOLUTION\n    return a # SOLUTION NO PROMPT\nc = 3"
    ).text
    assert found_text == (
        "def f(x):\n    ### BEGIN SOLUTION\n    a = 1\n    b = 2\n    return a\n    ### END SOLUTION\nc = 3"
    )


def one(*cells, **metadata):
    return nbformat.writes(new_notebook(cells=list(cells), metadata=metadata))


BROKEN = {
    "no JSON": ("{", "is not a notebook that Jupyter could open"),
    "no notebook": ("[1, 2]", "is not a notebook that Jupyter could open"),
    "an empty object": ("{}", "is not a notebook that Jupyter could open"),
    "too deep": ("[" * 100_000, "too deeply"),
    "a cell that is none": (json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [1]}), "is not a"),
    "another language": (one(metadata={}, kernelspec={"name": "ir", "language": "R", "display_name": ""}), "only"),
    "neither": (one(new_code_cell("x = 1")), "neither an nbgrader source"),
    "old nbgrader": (one(new_code_cell("", metadata={"nbgrader": {"grade_id": "a"}})), "nbgrader update"),
    "nbgrader of tomorrow": (
        one(new_code_cell("", metadata={"nbgrader": {"schema_version": 9}})),
        "1 to 3 can be read",
    ),
    "no grade id": (one(new_code_cell("", metadata=nbgrader(""))), "grade_id is ''"),
    "metadata that are none": (one(new_code_cell("", metadata={"nbgrader": [1]})), "no table"),
    "wild points": (one(answer("a", "x = 1"), graded("t", "NaN", "assert x == 1")), "the points are 'NaN'"),
    "points below zero": (one(answer("a", "x = 1"), graded("t", -1, "assert x == 1")), "the points are -1"),
    "nothing graded": (one(answer("a", "x = 1")), "nothing in it is graded"),
    "an id twice": (one(answer("a", "x=1"), answer("a", "y=1"), graded("t", 1, "assert y == 1")), "taken by"),
    "otter of old": (one(new_markdown_cell("```\nBEGIN QUESTION\nname: q1\n```")), "before version 4"),
    "no end": (one(raw(ASSIGNMENT)), "`# BEGIN QUESTION` has no `# END`"),
    "end alone": (one(raw("# END TESTS")), "not open"),
    "solution outside": (one(raw("# BEGIN SOLUTION")), "inside no question"),
    "no name": (one(raw("# BEGIN QUESTION\npoints: 1")), "has no name"),
    "no YAML": (one(raw("# BEGIN QUESTION\nname: [")), "no YAML"),
    "YAML that builds objects": (one(raw("# BEGIN QUESTION\nname: !!python/object/apply:os.getcwd []")), "no YAML"),
    "no table": (one(raw("# BEGIN QUESTION\n- q1")), "no table"),
    "open region": (
        one(raw(ASSIGNMENT), raw("# BEGIN SOLUTION"), new_code_cell("# BEGIN SOLUTION"), raw("# END SOLUTION"),
            raw("# END QUESTION")), "has no `# END SOLUTION`"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_broken_is_told_in_one_line_and_leaves_nothing(tmp_path, case):
    text, words = BROKEN[case]
    path = tmp_path / "source.ipynb"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CatalogError) as raised:
        found("x", files(read_material(path), "x"), exercises=tmp_path / "e", reference=tmp_path / "r")
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)
    assert not (tmp_path / "e").exists()


def test_a_folder_is_answered_with_its_notebooks(tmp_path):
    save(tmp_path, otter_course())
    with pytest.raises(CatalogError, match=r"name one of its notebooks: source\.ipynb"):
        read_material(tmp_path)


def test_wild_words_come_to_no_harm(tmp_path):
    wild = "# T\x1b[31m \"quoted\" \\ ''' {x}\n![](a\x1bb.png)"
    course = new_notebook(
        cells=[new_markdown_cell(wild), answer("a", "x = 1"), graded("t", 1, "assert x == 1\nassert x > 0")]
    )
    exercise = imported(tmp_path, course)
    assert exercise.rubric.title.fr.startswith("T\x1b[31m")
    listed = (tmp_path / "reference" / "06_new" / "IMPORTED.md").read_text("utf-8")
    assert "\x1b" not in listed


def test_helpers_of_tests_and_names_bound_twice_make_no_question(tmp_path):
    cells = [
        raw(ASSIGNMENT + "\npoints: 3"),
        raw("# BEGIN SOLUTION"),
        new_code_cell("x = 2 # SOLUTION\ny = 3 # SOLUTION"),
        raw("# END SOLUTION"),
        raw("# BEGIN TESTS"),
        new_code_cell("def same(a):\n    return a\n\nsame(y)"),
        new_code_cell("x"),
        new_code_cell("y"),
        raw("# END TESTS"),
        raw("# END QUESTION"),
        new_code_cell("x = 5"),
    ]
    exercise = imported(tmp_path, new_notebook(cells=cells))
    assert [c.id for c in exercise.rubric.criteria if c.kind == "matches_reference"] == ["q1.test_3"]
    assert exercise.rubric.out_of == 3
