"""The handout: solutions out, everything else in, the same bytes every time."""

from __future__ import annotations

import hashlib
import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from grader.authoring.release import release
from grader.errors import CatalogError


def nbgrader(grade_id, *, solution=True, grade=False, locked=False, **more):
    meta = {"schema_version": 3, "grade_id": grade_id, "solution": solution, "grade": grade, "locked": locked}
    return {"nbgrader": meta | more}


def notebook(*cells):
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    made = new_notebook(cells=list(cells), metadata={"kernelspec": {"name": "my-env", "display_name": "x"}})
    return nbformat.writes(made)


def released(*cells):
    return nbformat.reads(release(notebook(*cells), exercise="01_demo"), as_version=4)


BODY = """def f(x):
    \"\"\"Kept.\"\"\"
    ### BEGIN SOLUTION
    return x**2
    ### END SOLUTION"""


def test_region_becomes_an_indented_placeholder():
    cell = released(new_code_cell(BODY, metadata=nbgrader("f"))).cells[0]
    assert cell.source == (
        'def f(x):\n    """Kept."""\n    # Votre code ici\n    raise NotImplementedError("à compléter")'
    )


def test_two_regions_of_a_class_are_both_replaced():
    source = (
        "class A:\n    def g(self):\n        ### BEGIN SOLUTION\n        return 1\n        ### END SOLUTION\n\n"
        "    def h(self):\n        ### BEGIN SOLUTION\n        return 2\n        ### END SOLUTION"
    )
    text = released(new_code_cell(source, metadata=nbgrader("A"))).cells[0].source
    assert text.count('        raise NotImplementedError("à compléter")') == 2
    assert "return" not in text
    compile(text, "cell", "exec")


def test_solution_cell_without_region_is_replaced_whole():
    text = released(new_code_cell("device = 'cpu'", metadata=nbgrader("device"))).cells[0].source
    assert text == '# Votre code ici\nraise NotImplementedError("à compléter")'


def test_text_answer_is_replaced_whole():
    cell = new_markdown_cell("Le pas est trop grand.", metadata=nbgrader("discuss", grade=True, points=2))
    text = released(cell).cells[0].source
    assert "trop grand" not in text
    assert "Votre réponse" in text


def test_text_around_a_region_of_a_text_answer_stays():
    source = "**Votre réponse**\n\n### BEGIN SOLUTION\nsecret\n### END SOLUTION"
    cell = new_markdown_cell(source, metadata=nbgrader("discuss", grade=True, points=2))
    text = released(cell).cells[0].source
    assert text.startswith("**Votre réponse**\n\n*")
    assert "secret" not in text


def test_outputs_counts_and_private_metadata_are_dropped_and_ids_kept():
    cell = new_code_cell("1", metadata={"collapsed": True, "tags": ["raises-exception"]}, execution_count=7)
    cell.outputs = [new_output("stream", text="1")]
    made = released(cell)
    assert made.cells[0].outputs == []
    assert made.cells[0].execution_count is None
    assert made.cells[0].metadata == {"tags": ["raises-exception"]}
    assert made.cells[0].id == "cell-0"


def test_notebook_says_exercise_and_format_in_our_namespace():
    made = released(new_code_cell(BODY, metadata=nbgrader("f")))
    assert made.metadata["grade"] == {"exercise": "01_demo", "format": 1}
    assert made.metadata["kernelspec"]["name"] == "python3"
    assert made.cells[0].metadata["grade"] == {"task": "f"}


def test_task_of_a_cell_may_differ_from_its_grade_id():
    cell = new_code_cell(BODY, metadata={**nbgrader("f_helper"), "grade": {"task": "f"}})
    assert released(cell).cells[0].metadata["grade"] == {"task": "f"}


def test_checksum_is_nbgraders():
    cell = new_markdown_cell("x", metadata=nbgrader("discuss", grade=True, points=2))
    made = released(cell).cells[0]
    parts = [made.source, "markdown", "True", "True", "False", "discuss", "2.0"]
    expected = hashlib.md5("".join(parts).encode()).hexdigest()
    assert made.metadata["nbgrader"]["checksum"] == expected
    assert made.metadata["nbgrader"]["cell_type"] == "markdown"


def test_locked_cell_gets_a_checksum_and_jupyters_locks():
    made = released(new_code_cell("x = 1", metadata=nbgrader("data", solution=False, locked=True))).cells[0]
    assert made.metadata["nbgrader"]["checksum"] == hashlib.md5(b"x = 1codeFalseFalseTruedata").hexdigest()
    assert made.metadata["editable"] is False
    assert made.metadata["deletable"] is False


def test_answer_cell_may_be_edited_but_not_deleted():
    made = released(new_code_cell(BODY, metadata=nbgrader("f"))).cells[0]
    assert made.metadata["deletable"] is False
    assert "editable" not in made.metadata


def test_nbgraders_namespace_holds_only_its_own_keys():
    allowed = {
        "schema_version",
        "grade",
        "locked",
        "solution",
        "task",
        "grade_id",
        "points",
        "checksum",
        "cell_type",
    }
    made = released(new_code_cell(BODY, metadata=nbgrader("f")))
    assert set(made.cells[0].metadata["nbgrader"]) <= allowed


def test_same_reference_gives_the_same_bytes_ending_with_a_newline():
    source = notebook(new_markdown_cell("é"), new_code_cell(BODY, metadata=nbgrader("f")))
    first = release(source, exercise="01_demo")
    shuffled = json.dumps(dict(reversed(json.loads(source).items())))
    assert first == release(shuffled, exercise="01_demo")
    assert first.endswith("}\n")
    assert "é" in first


def test_a_handout_released_again_only_changes_nothing():
    first = release(notebook(new_code_cell(BODY, metadata=nbgrader("f"))), exercise="01_demo")
    again = json.loads(release(first, exercise="01_demo"))
    assert again["metadata"] == json.loads(first)["metadata"]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("### BEGIN SOLUTION\n1", "has no '### END SOLUTION'"),
        ("### END SOLUTION", "never began"),
        ("### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION", "inside another"),
        ("### BEGIN SOLUTON\n1\n### END SOLUTION", "did you mean '### BEGIN SOLUTION'"),
        ("    # begin solution\n1\n    # end solution", "did you mean '### BEGIN SOLUTION'"),
        ("### BEGIN SOLUTION\n1\n### END SOLUTIONS\n### END SOLUTON", "did you mean '### END SOLUTION'"),
    ],
)
def test_broken_region_is_named_with_its_cell(source, words):
    with pytest.raises(CatalogError, match=words) as caught:
        released(new_code_cell(source, metadata=nbgrader("f")))
    assert "01_demo: cell 1 (cell-0)" in str(caught.value)


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ({}, "no nbgrader metadata"),
        (nbgrader("f", solution=False), "solution is false"),
        (nbgrader("f f"), "letters, digits"),
        (nbgrader("f", grade=True), "points is missing"),
        ({"nbgrader": {"grade_id": "f", "solution": True}}, "nbgrader.grade must be true or false$"),
        ({"nbgrader": {"grade_id": "f", "grade": False, "soluton": True}}, "there is 'soluton' instead"),
    ],
)
def test_metadata_that_would_leak_a_solution_is_refused(metadata, words):
    with pytest.raises(CatalogError, match=words):
        released(new_code_cell(BODY, metadata=metadata))


@pytest.mark.parametrize("line", ["### Solution", "# beginning of the solution", "# the end"])
def test_a_comment_that_only_speaks_of_solutions_is_no_mark(line):
    released(new_code_cell(f"{line}\n{BODY}", metadata=nbgrader("f")))


def test_grade_id_used_twice_is_refused():
    with pytest.raises(CatalogError, match="taken by an earlier cell"):
        released(new_code_cell(BODY, metadata=nbgrader("f")), new_code_cell(BODY, metadata=nbgrader("f")))


def test_text_answer_without_points_is_refused_as_nbgrader_would():
    with pytest.raises(CatalogError, match="both grade and solution"):
        released(new_markdown_cell("x", metadata=nbgrader("discuss")))


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"nbformat": 4}'])
def test_what_is_no_notebook_is_refused(text):
    with pytest.raises(CatalogError, match="01_demo"):
        release(text, exercise="01_demo")


def test_old_notebook_without_cell_ids_is_refused():
    old = json.loads(notebook(new_markdown_cell("x")))
    old["nbformat_minor"] = 4
    del old["cells"][0]["id"]
    with pytest.raises(CatalogError, match=r"4\.5 is needed"):
        release(json.dumps(old), exercise="01_demo")


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        ({"incorrectly_encoded_metadata": 'nbgrader={"grade": False}'}, "true and false in small letters"),
        ({"nbgrader": "oops"}, "nbgrader is 'oops'; a table"),
        ({"nbgrader": {"grade_id": 3, "solution": True, "grade": False, "locked": False}}, "grade_id is 3"),
    ],
)
def test_marks_of_a_cell_that_are_none_are_told(metadata, said):
    with pytest.raises(CatalogError, match=said):
        released(new_code_cell("x = 1", metadata=metadata))
