"""From what was understood of a foreign notebook to the files of `reference/<id>/`."""

from __future__ import annotations

import json
from decimal import Decimal
from itertools import pairwise
from typing import Any

import nbformat
import tomlkit
from nbformat.v4 import new_notebook

from grader.authoring.importing.material import LeftOut, Material, Rule
from grader.authoring.importing.notebook import marks

LEFT_OUT = "IMPORTED.md"
"""What was not carried over, beside the rubric."""

EXACT = {"rtol": 1e-9, "atol": 1e-12}
"""Of tests that ask for equality: closer than any rounding, and wider than none."""


def files(material: Material, id_: str) -> dict[str, str]:
    """Paths inside `reference/<id>/`, and the text of each file."""
    return {
        f"{id_}.ipynb": _notebook(material),
        "rubric.toml": _rubric(material, id_),
        LEFT_OUT: _list(material),
    }


def _notebook(material: Material) -> str:
    seen: set[str] = set()
    for cell in material.cells:
        while cell["id"] in seen:
            cell["id"] += "-"
        seen.add(cell["id"])
    _mark_texts_below_answers(material.cells)
    made = new_notebook(
        cells=material.cells,
        metadata={
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
    )
    written: str = nbformat.writes(made, version=4)
    return written.rstrip("\n") + "\n"


def _mark_texts_below_answers(cells: list[Any]) -> None:
    """Name the source's own texts there: one without a name is taken for an answer that a student added below."""
    taken = {_marks_of(cell).get("grade_id") for cell in cells}
    for above, cell in pairwise(cells):
        if cell.cell_type == "markdown" and not _marks_of(cell) and _marks_of(above).get("solution"):
            named = f"{_marks_of(above)['grade_id']}_below"
            while named in taken:
                named += "_"
            taken.add(named)
            cell.metadata["nbgrader"] = marks(named, "", solution=False)["nbgrader"]


def _marks_of(cell: Any) -> dict[str, Any]:
    found: dict[str, Any] = cell.metadata.get("nbgrader", {})
    return found


def _rubric(material: Material, id_: str) -> str:
    title = material.title or id_
    lines = [
        f"# Imported from {material.origin}, {json.dumps(material.source)}; {LEFT_OUT} lists what was left out.",
        "schema = 1",
        f"exercise = {_toml(id_)}",
        f"title = {_both(title)}",
    ]
    for task in material.tasks:
        lines += [
            "",
            "[[tasks]]",
            f"id = {_toml(task.id)}",
            f"title = {_both(task.title)}",
            f"points = {_number(task.points)}",
        ]
    first = material.tasks[0]
    for task in material.tasks:
        for rule in task.rules:
            lines += ["", *_criterion(rule, task.id)]
    taken = {rule.name for task in material.tasks for rule in task.rules}
    runs = next(name for name in (f"{first.id}.runs", f"{first.id}.whole_notebook_runs") if name not in taken)
    lines += [
        "",
        "[[criteria]]",
        f"id = {_toml(runs)}",
        f"task = {_toml(first.id)}",
        'kind = "runs"',
        "points = 0",
    ]
    lines += [
        'title = { fr = "Le notebook s’exécute de haut en bas", en = "The notebook runs from top to bottom" }'
    ]
    return "\n".join(lines) + "\n"


def _criterion(rule: Rule, task: str) -> list[str]:
    kind = "manual" if rule.asked is None else "matches_reference"
    lines = ["[[criteria]]", f"id = {_toml(rule.name)}", f"task = {_toml(task)}", f'kind = "{kind}"']
    lines += [f"points = {_number(rule.points)}", f"title = {_both(rule.title)}"]
    if not rule.public:
        lines.append("public = false")
    if rule.hint:
        lines.append(f"hint = {_both(rule.hint)}")
    if rule.asked is None:
        return [*lines, f"cell = {_toml(rule.cell)}"]
    lines += [
        f"requires = {json.dumps(list(rule.asked.names))}",
        f"call = {_toml(rule.asked.call)}",
        "cases = 1",
    ]
    if rule.asked.reads_state:
        lines.append("reads_state = true")
    if rule.asked.exact:
        lines += [f"{key} = {value}" for key, value in EXACT.items()]
    return lines


def _list(material: Material) -> str:
    lines = [
        f"# Imported from {material.origin}: {material.source}",
        "",
        "What was not carried over, or not as it was. docs/importing.md says what each means.",
    ]
    for note in material.left_out:
        lines += ["", f"- **{_one_line(note.place)}**: {_one_line(note.what)}. {note.why}"]
        if note.code.strip():
            fence = "`" * max(4, 1 + _longest_run(note.code))
            lines += [
                "",
                *(f"  {line}".rstrip() for line in (fence, *note.code.strip("\n").splitlines(), fence)),
            ]
    if not material.left_out:
        lines += ["", "Nothing: all of it was carried over."]
    return "\n".join(lines) + "\n"


def summary(note: LeftOut) -> str:
    """One note in one line."""
    return f"{_one_line(note.place)}: {_one_line(note.what)}. {note.why}"


def _longest_run(code: str) -> int:
    return max((len(run) for run in "".join(c if c == "`" else " " for c in code).split()), default=0)


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in " ".join(text.split()))


def _both(text: str) -> str:
    return f"{{ fr = {_toml(text)}, en = {_toml(text)} }}"


def _number(points: Decimal) -> str:
    return f"{points.normalize():f}"


def _toml(text: Any) -> str:
    return tomlkit.string(str(text), multiline="\n" in str(text)).as_string()
