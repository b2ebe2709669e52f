from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import pytest

from grader import criteria
from grader.catalog import parse_rubric, read_catalog, read_rubric, rubric_version
from grader.errors import CatalogError, RubricError
from grader.i18n import render
from grader.model.evidence import Evidence
from grader.model.judgement import Judgement
from grader.model.rubric import Criterion


class Anything(Criterion):
    kind: Literal["anything"]
    cases: int = 5
    answer: str | None = None
    requires: tuple[str, ...] = ()

    @property
    def named_cells(self) -> tuple[str, ...]:
        return () if self.answer is None else (self.answer,)

    def judge(self, evidence: Evidence) -> Judgement:
        raise AssertionError("not asked in these tests")


KINDS = {"anything": Anything}

GOOD = """
schema = 1
exercise = "01_droite"
title = { fr = "Droite", en = "Line" }

[[tasks]]
id = "predict"
title = { fr = "Prédire", en = "Predict" }
points = "2"

[[criteria]]
id = "predict.values"
task = "predict"
kind = "anything"
points = "2"
title = { fr = "valeurs", en = "values" }
cases = 3
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for place in ("reference", "exercises"):
        (tmp_path / place / "01_droite").mkdir(parents=True)
        notebook = tmp_path / place / "01_droite" / "01_droite.ipynb"
        notebook.write_text(json.dumps({"cells": [], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}))
    (tmp_path / "reference" / "01_droite" / "rubric.toml").write_text(GOOD, encoding="utf-8")
    return tmp_path


def read(folder: Path) -> object:
    return read_catalog(folder / "exercises", folder / "reference", KINDS)


def test_an_exercise_is_read_whole(folder: Path) -> None:
    (exercise,) = read_catalog(folder / "exercises", folder / "reference", KINDS)
    assert exercise.id == "01_droite"
    assert exercise.rubric.out_of == 2
    assert exercise.rubric.criteria[0] == Anything.model_validate(
        {
            "id": "predict.values",
            "task": "predict",
            "kind": "anything",
            "points": "2",
            "title": {"fr": "valeurs", "en": "values"},
            "cases": 3,
        }
    )


def test_the_version_follows_the_content_and_not_the_spelling(folder: Path) -> None:
    path = folder / "reference" / "01_droite" / "rubric.toml"
    before = rubric_version(read_rubric(path, KINDS))
    path.write_text(GOOD.replace("cases = 3", "cases    =   3  # three"), encoding="utf-8")
    assert rubric_version(read_rubric(path, KINDS)) == before
    path.write_text(GOOD.replace("cases = 3", "cases = 4"), encoding="utf-8")
    assert rubric_version(read_rubric(path, KINDS)) != before


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        ("cases = 3", "case = 3", ["criteria.predict.values.case", "did you mean 'cases'"]),
        ("cases = 3", 'cases = "many"', ["criteria.predict.values.cases", "integer", "'many'"]),
        (
            'kind = "anything"',
            'kind = "anythin"',
            ["criteria.predict.values.kind", "did you mean 'anything'"],
        ),
        (
            'points = "2"\ntitle = { fr = "val',
            'points = "1"\ntitle = { fr = "val',
            ["tasks.predict.points", "is 2", "add up to 1"],
        ),
        (
            'task = "predict"',
            'task = "predicts"',
            ["criteria.predict.values.task", "'predicts'", "did you mean 'predict'"],
        ),
        (
            'points = "2"\n\n[[criteria]]',
            'poinst = "2"\n\n[[criteria]]',
            ["tasks.predict.poinst: unknown key (did you mean 'points'?)"],
        ),
        (
            "[[tasks]]",
            "[limits]\ncell = 3\n\n[[tasks]]",
            ["limits.cell: unknown key (did you mean 'cell_s'?)"],
        ),
        ("schema = 1", "schema = 2", ["schema", "1"]),
        ("[[tasks]]", "[[task]]", ["task", "did you mean 'tasks'"]),
        ("[[tasks]]", "[limits]\nprocesses = 0\n[[tasks]]", ["limits.processes", "greater than 0"]),
        ("[[tasks]]", '[limits]\nfiles = "few"\n[[tasks]]', ["limits.files", "integer", "'few'"]),
        ("[[tasks]]", "[limits]\ncell_s = inf\n[[tasks]]", ["limits.cell_s", "finite"]),
        ("[[tasks]]", "[limits]\ndisk = 5\n[[tasks]]", ["limits.disk", "unknown key"]),
        ('exercise = "01_droite"', 'exercise = "02_courbe"', ["exercise", "'02_courbe'", "'01_droite'"]),
        ("schema = 1", "schema = = 1", ["TOML", "line 2"]),
        (
            'title = { fr = "valeurs", en = "values" }',
            'title = "values"',
            ['criteria.predict.values.title: expected { fr = "…", en = "…" } (got'],
        ),
        ("schema = 1\n", "schema = 1\nlimits = 60\n", ["limits: expected a table (got 60)."]),
    ],
)
def test_a_fault_in_a_rubric_names_file_key_and_expectation(
    folder: Path, right: str, wrong: str, words: list[str]
) -> None:
    path = folder / "reference" / "01_droite" / "rubric.toml"
    assert right in GOOD
    path.write_text(GOOD.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(RubricError) as caught:
        read(folder)
    for word in [str(path), *words]:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        (
            "cases = 3",
            "case = 3",
            "criteria.predict.values.case : clé inconnue (vouliez-vous dire « cases » ?).",
        ),
        ("cases = 3", "cases = []", "criteria.predict.values.cases : attendu : un entier (reçu : [])."),
        ('task = "predict"\n', "", "criteria.predict.values.task : manque."),
        (
            'kind = "anything"',
            'kind = "anythin"',
            "kind : vaut 'anythin' (vouliez-vous dire « anything » ?) ; valeurs possibles : anything.",
        ),
        (
            'points = "2"\ntitle = { fr = "val',
            'points = "1.5"\ntitle = { fr = "val',
            "tasks.predict.points : vaut 2, mais le total de ses critères est 1,5.",
        ),
        ("schema = 1\n", "schema = 1\nlimits = 60\n", "limits : une table est attendue (reçu : 60)."),
    ],
)
def test_a_fault_in_a_rubric_is_told_in_french_too(folder: Path, right: str, wrong: str, words: str) -> None:
    path = folder / "reference" / "01_droite" / "rubric.toml"
    assert right in GOOD
    path.write_text(GOOD.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(RubricError) as caught:
        read(folder)
    said = render(caught.value.text, "fr").replace("\u202f", " ")
    assert said.startswith(f"{path} : ")
    assert said.endswith(words)


def test_a_dependency_must_stand_before(folder: Path) -> None:
    path = folder / "reference" / "01_droite" / "rubric.toml"
    path.write_text(GOOD + 'depends = ["predict.shape"]\n', encoding="utf-8")
    with pytest.raises(RubricError, match=r"criteria\.predict\.values\.depends: 'predict\.shape'"):
        read(folder)


def test_a_dependency_that_is_misspelt_is_answered_with_the_nearest(folder: Path) -> None:
    path = folder / "reference" / "01_droite" / "rubric.toml"
    second = (
        GOOD[GOOD.index("[[criteria]]") :].replace("predict.values", "predict.shape").replace('"2"', '"0"')
    )
    path.write_text(GOOD + second + 'depends = ["predict.value"]\n', encoding="utf-8")
    with pytest.raises(RubricError, match=r"predict\.shape\.depends: .*did you mean 'predict\.values'"):
        read(folder)


def test_a_criterion_may_only_name_cells_that_the_reference_has(folder: Path) -> None:
    path = folder / "reference" / "01_droite" / "rubric.toml"
    path.write_text(GOOD + 'answer = "discus"\n', encoding="utf-8")
    notebook = folder / "reference" / "01_droite" / "01_droite.ipynb"
    cell = {"cell_type": "markdown", "source": "", "metadata": {"nbgrader": {"grade_id": "discuss"}}}
    notebook.write_text(json.dumps({"cells": [{"metadata": {}}, cell], "nbformat": 4, "metadata": {}}))
    with pytest.raises(RubricError) as caught:
        read(folder)
    words = "criteria.predict.values: the reference has no cell with the grade id 'discus' (did you mean 'discuss'?)"
    assert f"{path}: {words}" in str(caught.value)
    path.write_text(GOOD + 'answer = "discuss"\n', encoding="utf-8")
    read(folder)


def test_a_criterion_may_only_require_names_that_the_reference_has(folder: Path) -> None:
    path = folder / "reference" / "01_droite" / "rubric.toml"
    path.write_text(GOOD + 'requires = ["predcit"]\n', encoding="utf-8")
    notebook = folder / "reference" / "01_droite" / "01_droite.ipynb"
    cell = {
        "cell_type": "code",
        "source": ["%matplotlib inline\n", "def predict(x): return x"],
        "metadata": {},
    }
    notebook.write_text(json.dumps({"cells": [cell], "nbformat": 4, "metadata": {}}))
    with pytest.raises(RubricError) as caught:
        read(folder)
    words = "criteria.predict.values: requires: the reference's code defines no 'predcit' (did you mean 'predict'?)"
    assert f"{path}: {words}" in str(caught.value)
    path.write_text(GOOD + 'requires = ["predict"]\n', encoding="utf-8")
    read(folder)


def reference_with(folder: Path, *cells: str) -> None:
    written = [{"cell_type": "code", "source": cell, "metadata": {}} for cell in cells]
    path = folder / "reference" / "01_droite" / "01_droite.ipynb"
    path.write_text(json.dumps({"cells": written, "nbformat": 4, "metadata": {}}), encoding="utf-8")


@pytest.mark.parametrize("name", ["slope", "Droite", "inner"])
def test_words_and_local_names_are_nothing_to_require(folder: Path, name: str) -> None:
    reference_with(folder, 'def predict(x):\n    "Droite: the slope."\n    inner = x\n    return inner')
    (folder / "reference" / "01_droite" / "rubric.toml").write_text(
        GOOD + f'requires = ["{name}"]\n', encoding="utf-8"
    )
    with pytest.raises(RubricError, match=f"defines no '{name}'"):
        read(folder)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (
            'kind = "matches_reference"\ncall = "predcit(x)"',
            "call: the reference's code defines no 'predcit' (did you mean 'predict'?)",
        ),
        (
            'kind = "figure"\nseries = "loses"',
            "series: the reference's code defines no 'loses' (did you mean 'losses'?)",
        ),
        (
            'kind = "source"\nfunction = "predicts"\nuses = [{ name = "sum", says = { fr = "x", en = "x" } }]',
            "function: the reference's code defines no 'predicts' (did you mean 'predict'?)",
        ),
    ],
)
def test_a_slip_in_what_a_criterion_asks_is_found_before_anything_runs(
    folder: Path, line: str, fault: str
) -> None:
    reference_with(folder, "def predict(x):\n    return x\n", "losses = [1.0]")
    kept = [entry for entry in GOOD.splitlines() if not entry.startswith(("kind", "cases"))]
    text = "\n".join([*kept, line])
    (folder / "reference" / "01_droite" / "rubric.toml").write_text(text, encoding="utf-8")
    with pytest.raises(RubricError) as caught:
        read_catalog(folder / "exercises", folder / "reference", criteria.KINDS)
    assert fault in str(caught.value)


def test_a_cell_of_a_task_that_the_rubric_does_not_have_is_refused(folder: Path) -> None:
    notebook = folder / "reference" / "01_droite" / "01_droite.ipynb"

    def write_task(task: str) -> None:
        cell = {"cell_type": "markdown", "source": "", "metadata": {"grade": {"task": task}}}
        notebook.write_text(json.dumps({"cells": [cell], "nbformat": 4, "metadata": {}}))

    write_task("predct")
    with pytest.raises(RubricError, match=r"rubric\.toml: cell 1 .* 'predct', .*did you mean 'predict'"):
        read(folder)
    write_task("predict")
    read(folder)


@pytest.mark.parametrize("line", ["from support import *", "%run support.py"])
def test_names_that_another_file_brings_may_be_required(folder: Path, line: str) -> None:
    (folder / "reference" / "01_droite" / "rubric.toml").write_text(
        GOOD + 'requires = ["predict"]\n', encoding="utf-8"
    )
    cell = {"cell_type": "code", "source": f"import numpy\n{line}", "metadata": {}}
    notebook = folder / "reference" / "01_droite" / "01_droite.ipynb"
    notebook.write_text(json.dumps({"cells": [cell], "nbformat": 4, "metadata": {}}))
    read(folder)


def test_a_missing_handout_says_which_command_writes_it(folder: Path) -> None:
    (folder / "exercises" / "01_droite" / "01_droite.ipynb").unlink()
    with pytest.raises(CatalogError, match="grade exercise release"):
        read(folder)


def test_a_missing_reference_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="--reference"):
        read(tmp_path)


def test_a_rubric_without_criteria_is_refused() -> None:
    with pytest.raises(RubricError, match=r"criteria: expected at least one"):
        parse_rubric({"schema": 1}, KINDS, origin="rubric.toml")
