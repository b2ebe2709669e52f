"""The first files of a new exercise: one small task that is real, with solution, rubric, a right variant, a mistake.

In: the exercise's id and title. Out: `<path inside reference/<id>/>` to text; they pass `grade exercise verify` as
they are, so that an author goes on from something that works. Written by `grade exercise new`.
"""

from __future__ import annotations

import json
import re
import unicodedata

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grader.errors import ConfigError
from grader.model.text import say

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]+")

_TITLE = """\
# {title}

Ce notebook se complète de haut en bas. Remplacez chaque `raise NotImplementedError(...)` par votre réponse, et gardez
les noms tels quels : c’est par eux que votre travail est retrouvé. Les autres cellules sont données."""

_QUESTION = """\
## 1. Centrer des données

Un tenseur `x` de forme `[n, d]` contient `n` exemples de `d` variables, un exemple par ligne.

**À faire.** Écrivez `center(x)`, qui retire à chaque colonne sa moyenne. Le résultat est de forme `[n, d]`, et `x`
reste tel quel."""

_SOLUTION = '''\
def center(x):
    """Retire à chaque colonne sa moyenne ; x : [n, d] -> [n, d]."""
    ### BEGIN SOLUTION
    return x - x.mean(dim=0)
    ### END SOLUTION'''

_CHECK = """\
# Attendu : deux colonnes de moyenne 0, [-1, 0, 1] et [-10, 0, 10].
print(center(torch.tensor([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]])))"""

_RUBRIC = """\
# What is asked, and what it is worth. All keys: `grade rubric schema`. How to: docs/tutorial-exercise.md.
schema = 1
exercise = {id}

[title]
fr = {title}
en = {title}

[limits]
cell_s = 60.0
total_s = 300.0

# --- center ----------------------------------------------------------------------------------------------------

[[tasks]]
id = "center"
points = 2
title = {{ fr = "Centrer des données", en = "Centring data" }}

[[criteria]]
id = "center.values"
task = "center"
kind = "matches_reference"
points = 2
title = {{ fr = "center retire à chaque colonne sa moyenne", en = "center takes its mean off each column" }}
hint = {{ fr = "Quelle dimension disparaît quand on fait la moyenne d’une colonne ?", en = "Which dimension vanishes when you take the mean of a column?" }}
requires = ["center"]
call = "center(x)"
cases = 4
sizes = {{ n = [2, 5, 12] }}

[criteria.inputs]
x = {{ shape = ["n", 3], low = -3.0, high = 5.0 }}

[[criteria.mistakes]]
call = "x - x.mean()"
says = {{ fr = "La moyenne de tout le tableau est retirée, et non celle de chaque colonne.", en = "The mean of the whole table is taken off, and not that of each column." }}

[[criteria]]
id = "center.runs"
task = "center"
kind = "runs"
points = 0
title = {{ fr = "Le notebook s’exécute de haut en bas", en = "The notebook runs from top to bottom" }}
"""  # noqa: E501  TOML keeps an inline table in one line

_RIGHT = """\
about = "Divides the sum itself, and keeps the dimension."

[cells]
center = '''
def center(x):
    return x - x.sum(dim=0, keepdim=True) / len(x)
'''
"""

_MISTAKE = """\
about = "Takes the mean of the whole table off."
criterion = "center.values"
verdict = "wrong_answer"
says = "mean of the whole table"
points = ["0", "0"]

[cells]
center = '''
def center(x):
    return x - x.mean()
'''
"""


def check_id(id_: str) -> None:
    """Whether an exercise can have this name: it becomes that of folders and files, and stands in students' uploads.

    Raises: ConfigError when it cannot; the message proposes a name that can.
    """
    if not _ID.fullmatch(id_):
        plain = unicodedata.normalize("NFKD", id_).encode("ascii", "ignore").decode()
        proposed = _NOT_IN_NAMES.sub("_", plain).strip("_-")[:64]
        raise ConfigError(
            say(
                "'{name}' cannot be the name of an exercise: up to 64 letters without accents, digits, _ and - are"
                " expected, a letter or digit first; for example {proposed}.",
                name=id_,
                proposed=proposed if _ID.fullmatch(proposed) else "05_softmax",
            )
        )


def title_of(id_: str) -> str:
    """A title where none is given: the id without its number, in words."""
    words = re.sub(r"^\d+[_-]*", "", id_) or id_
    return re.sub(r"[_-]+", " ", words).strip().capitalize() or id_


def skeleton(id_: str, title: str) -> dict[str, str]:
    """Paths inside `reference/<id>/`, and the text of each file."""
    return {
        f"{id_}.ipynb": _notebook(title),
        "rubric.toml": _RUBRIC.format(id=_toml(id_), title=_toml(title)),
        "right/sum_over_n.toml": _RIGHT,
        "mistakes/center_whole_mean.toml": _MISTAKE,
    }


def _notebook(title: str) -> str:
    locked = {"grade": False, "solution": False, "locked": True, "schema_version": 3, "task": False}
    answer = {**locked, "solution": True, "locked": False}
    imports = {"nbgrader": {**locked, "grade_id": "imports"}}
    check = {"nbgrader": {**locked, "grade_id": "center_check"}, "grade": {"task": "center"}}
    made = new_notebook(
        cells=[
            new_markdown_cell(_TITLE.format(title=title), id="title"),
            new_code_cell("import torch", id="imports", metadata=imports),
            new_markdown_cell(_QUESTION, id="q-center"),
            new_code_cell(_SOLUTION, id="center", metadata={"nbgrader": {**answer, "grade_id": "center"}}),
            new_code_cell(_CHECK, id="center-check", metadata=check),
        ],
        metadata={
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
    )
    written: str = nbformat.writes(made, version=4)
    return written.rstrip("\n") + "\n"


def _toml(text: str) -> str:
    """A TOML string in quotes; JSON's escapes are TOML's."""
    return json.dumps(text, ensure_ascii=False)
