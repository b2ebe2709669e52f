"""Small assignments as nbgrader and Otter want them written: every feature of the formats that we read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell


def nbgrader(grade_id: str, **flags: Any) -> dict[str, Any]:
    base = {"schema_version": 3, "grade_id": grade_id, "grade": False, "solution": False, "locked": False}
    return {"nbgrader": base | {"task": False} | flags}


def answer(grade_id: str, source: str, **flags: Any) -> Any:
    return new_code_cell(source, metadata=nbgrader(grade_id, solution=True, **flags))


def graded(grade_id: str, points: Any, source: str) -> Any:
    return new_code_cell(source, metadata=nbgrader(grade_id, grade=True, locked=True, points=points))


def nbgrader_course() -> Any:
    return new_notebook(
        cells=[
            new_markdown_cell("# Suites\n\n![](picture.png)"),
            new_code_cell("import numpy as np\noffset = 3", metadata=nbgrader("setup", locked=True)),
            new_markdown_cell("## Cubes"),
            answer("cubes", 'def cubes(n):\n    """Cubes."""\n    # BEGIN SOLUTION\n    if n < 1:\n'
                   "        raise ValueError\n    return [i**3 for i in range(1, n + 1)]\n    # END SOLUTION"),
            graded("cubes-values", 2, '"""Several n."""\nassert cubes(1) == [1]\nassert cubes(2) == [1, 8]\n'
                 "### BEGIN HIDDEN TESTS\nassert cubes(4) == [1, 8, 27, 64]\n### END HIDDEN TESTS"),
            graded("cubes-invalid", 1, "try:\n    cubes(0)\nexcept ValueError:\n    pass\nelse:\n"
                   "    raise AssertionError"),
            graded("cubes-partly", 1.5, "assert cubes(3) == [1, 8, 27]\nassert len(cubes(5)) > 2"),
            answer("mean", "def mean(v):\n    return sum(v) / len(v)"),
            graded("mean-values", 1, "v = np.array([1.0, 2.0, 6.0])\nassert np.isclose(mean(v), 3.0)\n"
                 "assert abs(mean([offset, 1]) - 2) < 1e-6"),
            graded("mean-auto", 1, "### AUTOTEST mean([1, 2]); mean([4])\n### HASHED AUTOTEST mean([0.5])"),
            new_markdown_cell("## Formule"),
            new_markdown_cell("$n^3$", metadata=nbgrader("formula", grade=True, solution=True, points=2)),
            new_markdown_cell("---\nServez-vous de `cubes`."),
            answer("use", "### BEGIN MARK SCHEME\nOne point for the idea.\n### END MARK SCHEME\nprint(cubes(3))",
                   grade=True, points=3),
            new_markdown_cell("## Libre\n=== BEGIN MARK SCHEME ===\nAnything.\n=== END MARK SCHEME ===",
                              metadata=nbgrader("free", task=True, locked=True, points=4)),
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )  # fmt: skip


def raw(text: str) -> Any:
    return new_raw_cell(text)


def otter_course() -> Any:
    return new_notebook(
        cells=[
            raw("# ASSIGNMENT CONFIG\nname: hw02\nfiles:\n    - data.csv\ngenerate: true"),
            new_markdown_cell("# Devoir 2"),
            new_code_cell("import math\nimport otter\ngrader = otter.Notebook()"),
            raw("# BEGIN QUESTION\nname: q1\npoints: 3"),
            new_markdown_cell("**Question 1.** Write `halve`."),
            raw("# BEGIN SOLUTION"),
            new_code_cell("def halve(x):\n    y = x / 2 # SOLUTION\n    return y # SOLUTION\n\nseven = halve(14)"),
            raw("# END SOLUTION"),
            raw("# BEGIN TESTS"),
            new_code_cell("halve(10)"),
            new_code_cell("# HIDDEN\nassert halve(3) == 1.5\nassert halve(0) == 0"),
            new_code_cell('""" # BEGIN TEST CONFIG\npoints: 1\nhidden: true\n""" # END TEST CONFIG\n'
                          'isinstance(seven, float)'),
            raw("# END TESTS"),
            raw("# END QUESTION"),
            raw("# BEGIN QUESTION\nname: q2\nall_or_nothing: true"),
            new_markdown_cell("```otter\n# BEGIN SOLUTION\n```"),
            new_code_cell("# BEGIN SOLUTION NO PROMPT\nprimes = {2} # IGNORE\nprimes = {2, 3, 5, 7}\n# END SOLUTION\n"
                          '""" # BEGIN PROMPT\nprimes = ...\n""" # END PROMPT'),
            raw("# END SOLUTION"),
            raw("# BEGIN TESTS"),
            new_code_cell("def test_p(primes):\n    assert primes == {2, 3, 5, 7}\n\ntest_p(primes) # IGNORE"),
            new_code_cell("len(primes) == 4"),
            raw("# END TESTS"),
            raw("# END QUESTION"),
            raw("# BEGIN QUESTION\nname: q3\nmanual: true\npoints: 2"),
            raw("# BEGIN PROMPT"),
            new_markdown_cell("_Type here._"),
            raw("# END PROMPT"),
            raw("# BEGIN SOLUTION"),
            new_markdown_cell("Because."),
            raw("# END SOLUTION"),
            raw("# END QUESTION"),
            new_markdown_cell("**C’est fini.**"),
            new_code_cell('grader.check("q1")'),
        ]
    )  # fmt: skip


def save(folder: Path, notebook: Any, name: str = "source.ipynb") -> Path:
    path = folder / name
    nbformat.write(notebook, path)
    return path
