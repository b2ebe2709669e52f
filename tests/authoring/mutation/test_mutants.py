"""Mutants: small, named, always the same, and only of what a student writes."""

from __future__ import annotations

import ast
import difflib

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grader.authoring.mutation import mutants_of, put_into
from grader.errors import CatalogError
from tests.conftest import EXERCISES, ROOT


def reference(*cells: tuple[str, str, bool]) -> str:
    made = [
        new_code_cell(text, id=f"c{n}", metadata={"nbgrader": {"grade_id": id_, "solution": is_solution}})
        for n, (id_, text, is_solution) in enumerate(cells)
    ]
    return nbformat.writes(new_notebook(cells=made))


def real(exercise_id: str) -> str:
    return (ROOT / "reference" / exercise_id / f"{exercise_id}.ipynb").read_text(encoding="utf-8")


BODY = """def f(a, b):
    c = a + b
    ### BEGIN SOLUTION
    return a - b - c
    ### END SOLUTION"""


def test_only_solution_regions_are_changed() -> None:
    found = mutants_of(reference(("data", "x = 1 + 1", False), ("f", BODY, True)), "01_demo")
    assert {m.key.cell for m in found} == {"f"}
    assert {m.number for m in found} == {4}
    assert all("c = a + b" in m.text for m in found)


def test_mutants_that_agree_in_rule_and_line_are_numbered() -> None:
    found = [m for m in mutants_of(reference(("f", BODY, True)), "x") if m.key.rule == "arithmetic.operator"]
    assert [(m.key.nth, m.name) for m in found] == [
        (1, "f:4 arithmetic.operator"),
        (2, "f:4 arithmetic.operator#2"),
    ]
    assert found[0].diff == "-    return a - b - c\n+    return a + b - c"


def test_the_key_stays_when_lines_before_it_change() -> None:
    before = mutants_of(reference(("f", BODY, True)), "x")
    after = mutants_of(reference(("f", BODY.replace("    c =", "    d = 0\n    c ="), True)), "x")
    assert [m.key for m in before] == [m.key for m in after]
    assert {m.number for m in after} == {5}


def test_a_mutant_is_put_into_its_cell_and_no_other() -> None:
    text = reference(("g", "x = 1", True), ("f", BODY, True))
    mutant = mutants_of(text, "x")[-1]
    cells = nbformat.reads(put_into(text, mutant), as_version=4).cells
    assert [cell.source for cell in cells] == ["x = 1", mutant.text]


def test_a_solution_that_is_no_python_is_named_with_cell_and_line() -> None:
    with pytest.raises(CatalogError, match=r"01_demo: cell 2 \(f\), line 2: is not Python"):
        mutants_of(reference(("a", "x = 1", False), ("f", "x = 1\ny = (", True)), "01_demo")


@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_each_exercise_has_many_small_mutants_with_keys_of_their_own(exercise_id: str) -> None:
    found = mutants_of(real(exercise_id), exercise_id)
    assert found == mutants_of(real(exercise_id), exercise_id)
    assert len(found) >= 60
    assert len({m.key for m in found}) == len(found)
    assert len({(m.key.cell, m.text) for m in found}) == len(found)
    for mutant in found:
        ast.parse(mutant.text)
        lines = difflib.ndiff(mutant.original.splitlines(), mutant.text.splitlines())
        assert 1 <= sum(line.startswith(("+ ", "- ")) for line in lines) <= 2 + mutant.text.count("\n")


@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_the_mistakes_of_the_field_are_among_them(exercise_id: str) -> None:
    rules = {m.key.rule for m in mutants_of(real(exercise_id), exercise_id)}
    families = {rule.partition(".")[0] for rule in rules}
    assert families >= {
        "autograd",
        "tensors",
        "loops",
        "arithmetic",
        "numbers",
        "arguments",
        "statements",
        "logic",
    }
    if exercise_id != "02_autograd":
        assert {"networks.no_bias", "optimizers.without_first", "optimizers.other"} <= rules
