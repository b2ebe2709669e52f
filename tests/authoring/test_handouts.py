"""The handouts in the repository: openable by nbgrader, without a solution."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import nbformat
import pytest

from grader.authoring.release import CODE_PLACEHOLDER, checksum

ROOT = Path(__file__).parents[2]
IDS = sorted(path.parent.name for path in (ROOT / "reference").glob("*/rubric.toml"))
NBGRADER_KEYS = {
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


def text_of(kind, id_):
    return (ROOT / kind / id_ / f"{id_}.ipynb").read_text("utf-8")


def cells_of(kind, id_):
    return nbformat.reads(text_of(kind, id_), as_version=4).cells


def code_of(text):
    """Without lines that only a notebook understands."""
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(("%", "!")))


@pytest.mark.parametrize("id_", IDS)
@pytest.mark.parametrize("kind", ["reference", "exercises"])
def test_notebook_is_valid_and_every_cell_has_an_id(kind, id_):
    notebook = nbformat.reads(text_of(kind, id_), as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) >= (4, 5)
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)


@pytest.mark.parametrize("id_", IDS)
def test_handout_has_no_solution_and_no_output(id_):
    for cell in cells_of("exercises", id_):
        assert "SOLUTION" not in cell.source
        assert not cell.get("outputs")
        if cell.cell_type == "code" and cell.metadata.nbgrader.solution:
            assert CODE_PLACEHOLDER[1] in cell.source


@pytest.mark.parametrize("id_", IDS)
def test_every_answer_of_the_reference_lies_in_a_solution_region(id_):
    for cell in cells_of("reference", id_):
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution"):
            assert len(re.findall("### BEGIN SOLUTION", cell.source)) >= 1, cell.id
            assert cell.source.count("BEGIN SOLUTION") == cell.source.count("END SOLUTION")


@pytest.mark.parametrize("id_", IDS)
def test_code_of_the_handout_is_python(id_):
    for cell in cells_of("exercises", id_):
        if cell.cell_type == "code":
            ast.parse(code_of(cell.source))


@pytest.mark.parametrize("id_", IDS)
def test_nbgrader_finds_its_own_keys_and_checksums(id_):
    for cell in cells_of("exercises", id_):
        meta = cell.metadata.get("nbgrader")
        if meta is None:
            continue
        assert set(meta) <= NBGRADER_KEYS
        assert meta.schema_version == 3
        assert meta.checksum == checksum(cell)
        assert meta.cell_type == cell.cell_type


@pytest.mark.parametrize("id_", IDS)
def test_answers_say_their_task(id_):
    answers = [c for c in cells_of("exercises", id_) if c.metadata.get("nbgrader", {}).get("solution")]
    assert answers
    assert all(cell.metadata["grade"]["task"] for cell in answers)
