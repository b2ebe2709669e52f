"""A course of one small exercise, and a class that hands it in: for tests of the whole road."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ID = "01_doubles"
SETTINGS = 'sandbox = "none"\nlang = "en"\njobs = 1\n'

RUBRIC = """
schema = 1
exercise = "01_doubles"
title = { fr = "Le double", en = "Doubles" }

[limits]
cell_s = 30
total_s = 120

[[tasks]]
id = "double"
title = { fr = "Doubler", en = "Double" }
points = 2

[[criteria]]
id = "double.values"
task = "double"
kind = "matches_reference"
points = 2
title = { fr = "La fonction double", en = "The function double" }
call = "double(x)"
requires = ["double"]
cases = 2
inputs = { x = { shape = [3], low = -1.0, high = 1.0 } }
"""

RIGHT = "def double(x):\n    return 2 * x"
WRONG = "def double(x):\n    return 3 * x"
ENDLESS = "import time\nprint('started', flush=True)\ntime.sleep(1000)"


Cell = dict[str, Any]
PYTHON = {
    "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
    "language_info": {"name": "python"},
}


def code_cell(id_: str, code: str, *, task: str | None = None, count: int | None = None) -> Cell:
    """A code cell as Jupyter saves it; with a task, the answer cell of that nbgrader name."""
    marks = {"grade": False, "solution": True, "locked": False, "grade_id": task, "schema_version": 3}
    return {
        "cell_type": "code",
        "id": id_,
        "execution_count": count,
        "metadata": {"nbgrader": marks} if task else {},
        "outputs": [],
        "source": code,
    }


def notebook_of(*cells: Cell, **metadata: Any) -> str:
    content = {"cells": cells, "metadata": PYTHON | metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(content, indent=1)


def notebook(code: str) -> str:
    """A notebook of one code cell; no torch, so that its kernel is ready soon."""
    return notebook_of(code_cell("answer", code, task="double"))


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def lay_out(folder: Path, exercise: str, *, rubric: str, solution: str, handout: str) -> Path:
    """`exercises/` and `reference/` of one exercise."""
    write(folder / "reference" / exercise / "rubric.toml", rubric)
    write(folder / "reference" / exercise / f"{exercise}.ipynb", solution)
    write(folder / "exercises" / exercise / f"{exercise}.ipynb", handout)
    return folder


def make_course(folder: Path, solution: str = RIGHT, rubric: str = RUBRIC) -> Path:
    """`grader.toml`, `exercises/` and `reference/` in `folder`; without walls, which are tested elsewhere."""
    write(folder / "grader.toml", SETTINGS)
    handout = notebook("raise NotImplementedError")
    return lay_out(folder, ID, rubric=rubric, solution=notebook(solution), handout=handout)


def hand_in(folder: Path, student: str, code: str) -> Path:
    """One student's notebook, as it lies in `submissions/`."""
    return write(folder / "submissions" / student / f"{ID}.ipynb", notebook(code))
