"""A course of one small exercise with a hidden criterion, and notebooks that its students might have."""

from __future__ import annotations

from pathlib import Path

from tests.course import code_cell, lay_out, notebook_of

ID = "02_double"
SOLUTION_MARK = "only the teacher writes so"
HIDDEN_ID = "secret.values"

RUBRIC = f"""
schema = 1
exercise = "{ID}"
title = {{ fr = "Le double", en = "Doubles" }}

[limits]
cell_s = 60
total_s = 300

[[tasks]]
id = "double"
title = {{ fr = "Doubler", en = "Double" }}
points = 3

[[tasks]]
id = "secret"
title = {{ fr = "Secret", en = "Secret" }}
points = 1

[[criteria]]
id = "double.runs"
task = "double"
kind = "runs"
points = 0
title = {{ fr = "Tout s’exécute", en = "All runs" }}

[[criteria]]
id = "{HIDDEN_ID}"
task = "secret"
kind = "matches_reference"
points = 1
public = false
title = {{ fr = "Ce que personne ne voit", en = "What nobody sees" }}
call = "double(x[:, None])"
requires = ["double"]
inputs = {{ x = {{ shape = [4], low = -1.0, high = 1.0 }} }}

[[criteria]]
id = "double.values"
task = "double"
kind = "matches_reference"
points = 2
depends = ["{HIDDEN_ID}"]
title = {{ fr = "La fonction double", en = "The function double" }}
hint = {{ fr = "Additionnez x à lui-même.", en = "Add x to itself." }}
call = "double(x)"
requires = ["double"]
cases = 2
inputs = {{ x = {{ shape = [3], low = -1.0, high = 1.0 }} }}

[[criteria.mistakes]]
call = "4 * x - x"
says = {{ fr = "C’est le triple.", en = "This is the triple." }}

[[criteria.mistakes]]
call = "double(x, 'too many')"
says = {{ fr = "Trop.", en = "Too many." }}

[[criteria]]
id = "double.plain"
task = "double"
kind = "source"
points = 1
title = {{ fr = "Sans boucle", en = "Without a loop" }}
function = "double"

[[criteria.avoids]]
name = "for"
says = {{ fr = "Une boucle.", en = "A loop." }}
"""

RIGHT = "import torch\n\ndef double(x):\n    return 2 * x"
TRIPLE = "import torch\n\ndef double(x):\n    return 3 * x"


def notebook(*cells: str, counts: tuple[int | None, ...] = (), exercise: str | None = ID) -> str:
    """Code cells as Jupyter saved them; `counts` are their execution counts."""
    made = [
        code_cell(f"cell-{place}", text, count=counts[place] if counts else None)
        for place, text in enumerate(cells)
    ]
    marks = {} if exercise is None else {"grade": {"exercise": exercise, "format": "1"}}
    return notebook_of(*made, **marks)


def make_course(folder: Path) -> Path:
    solution = notebook(f"# {SOLUTION_MARK}\n{RIGHT}")
    handout = notebook("def double(x):\n    raise NotImplementedError")
    return lay_out(folder, ID, rubric=RUBRIC, solution=solution, handout=handout)
