"""A small exercise with given cells, answers and a text answer; no torch, so that its kernels are ready soon."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from grader.authoring.release import release
from grader.authoring.verify import grade_notebook
from grader.catalog import read_exercise
from grader.criteria import KINDS
from grader.grading.reference import ask_reference
from grader.model.exercise import Exercise
from grader.model.report import GradeReport, ReferenceAnswers
from tests.course import Cell, lay_out, notebook_of

ID = "07_squares"

RUBRIC = """
schema = 1
exercise = "07_squares"
title = { fr = "Les carrés", en = "Squares" }

[limits]
cell_s = 20
total_s = 60

[[tasks]]
id = "square"
title = { fr = "Le carré", en = "The square" }
points = 2

[[tasks]]
id = "total"
title = { fr = "La somme", en = "The sum" }
points = 2

[[tasks]]
id = "result"
title = { fr = "Le résultat", en = "The result" }
points = 2

[[tasks]]
id = "why"
title = { fr = "Pourquoi", en = "Why" }
points = 1

[[criteria]]
id = "square.values"
task = "square"
kind = "matches_reference"
points = 2
title = { fr = "square", en = "square" }
call = "square(x)"
requires = ["square"]
cases = 2
inputs = { x = { shape = [3], low = -1.0, high = 1.0 } }

[[criteria]]
id = "total.values"
task = "total"
kind = "matches_reference"
points = 2
title = { fr = "total", en = "total" }
call = "total(x)"
requires = ["total"]
cases = 2
inputs = { x = { shape = [3], low = -1.0, high = 1.0 } }

[[criteria]]
id = "result.runs"
task = "result"
kind = "runs"
points = 1
title = { fr = "S’exécute", en = "Runs" }

[[criteria]]
id = "result.value"
task = "result"
kind = "matches_reference"
points = 1
title = { fr = "answer", en = "answer" }
call = "answer + 0 * len(numbers)"
requires = ["answer", "numbers"]
cases = 1

[[criteria]]
id = "why.text"
task = "why"
kind = "manual"
points = 1
title = { fr = "Pourquoi", en = "Why" }
cell = "why"
"""


def _cell(id_: str, text: str, *, solution: bool = False, kind: str = "code") -> Cell:
    marks: dict[str, Any] = {"grade": kind == "markdown", "solution": solution, "locked": not solution}
    marks |= {"grade_id": id_, "schema_version": 3} | ({"points": 1} if kind == "markdown" else {})
    cell: Cell = {"cell_type": kind, "id": id_, "metadata": {"nbgrader": marks}, "source": text}
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def _text(id_: str, text: str) -> Cell:
    return {"cell_type": "markdown", "id": id_, "metadata": {}, "source": text}


def _answer(id_: str, before: str, solution: str) -> Cell:
    indent = "    " if before else ""
    begin, end = f"{indent}### BEGIN SOLUTION", f"{indent}### END SOLUTION"
    return _cell(id_, "\n".join(filter(None, (before, begin, solution, end))), solution=True)


CELLS = (
    _text("title", "# Carrés\n\nUn petit exercice."),
    _cell("imports", "import math\nfrom functools import reduce"),
    _text("q-data", "## 1. Les données\n\nElles sont données."),
    _cell(
        "data",
        "def count(n):\n    return [float(k) for k in range(n)]\n\n\nnumbers = count(5)\nprint(numbers)",
    ),
    _text("q-square", "## 2. Le carré\n\nÉcrivez `square(x)`."),
    _answer("square", "def square(x):\n    # le carré de x", "    root = abs(x)\n    return root * root"),
    _cell("square_check", "# Attendu : 9.\nprint(square(3))"),
    _text("q-total", "## 3. La somme\n\nÉcrivez `total(x)`."),
    _answer("total", "def total(x):", "    return reduce(lambda a, b: a + b, [v for v in x])"),
    _cell("total_check", "shown = total(numbers)\nprint(math.sqrt(shown))"),
    _text("q-result", "## 4. Le résultat\n\nLaissez `answer`."),
    _answer("result", "", "answer = total([square(k) for k in numbers])"),
    _text("q-why", "## 5. Discussion\n\nPourquoi ?"),
    _cell("why", "Parce que.", solution=True, kind="markdown"),
    _text("end", "Enregistrez."),
)
REFERENCE = notebook_of(*CELLS)


def make_exercise(folder: Path, rubric: str = RUBRIC) -> Exercise:
    """The exercise, laid out in a folder."""
    handout = release(REFERENCE, exercise=ID)
    lay_out(folder, ID, rubric=rubric, solution=REFERENCE, handout=handout)
    return read_exercise(folder / "reference" / ID, folder / "exercises", KINDS)


def ask(exercise: Exercise, tier: str) -> ReferenceAnswers:
    return ask_reference(exercise, seed=0, tier=tier)


def grade(notebook: str, exercise: Exercise, answers: ReferenceAnswers, tier: str) -> GradeReport:
    digest = hashlib.sha256(notebook.encode()).hexdigest()
    return grade_notebook(notebook, exercise, answers, seed=0, tier=tier, name=digest[:8])
