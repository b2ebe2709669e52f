"""The reference's definition of a name in a student's notebook: the code is run here, as it would be in a kernel."""

from __future__ import annotations

import json
from typing import Any

from grader.grading.right_names import with_right_names
from tests.course import code_cell, notebook_of

REFERENCE = notebook_of(
    code_cell("a", "OFFSET = 1\ndef shift(x):\n    return x + OFFSET", task="shift"),
    code_cell(
        "b",
        "def near(x):\n    return round(x)\nclass Net:\n    factor = 5\n"
        "    def __init__(self):\n        super().__init__()\n        self.factor = 3\n"
        "    def forward(self, x):\n        return near(self.factor * shift(x))",
        task="net",
    ),
    code_cell("c", "shift = None  # no answer cell"),
)


def run(notebook: str) -> dict[str, Any]:
    """Every cell, as Jupyter would after an error too."""
    names: dict[str, Any] = {}
    for cell in json.loads(notebook)["cells"]:
        try:
            exec(cell["source"], names)
        except Exception as error:  # noqa: BLE001
            names.setdefault("errors", []).append(type(error).__name__)
    return names


def right(cells: list[tuple[str | None, str]], *names: str, apart: tuple[str, ...] = ()) -> dict[str, Any]:
    notebook = notebook_of(*(code_cell(str(i), text, task=task) for i, (task, text) in enumerate(cells)))
    return run(with_right_names(notebook, REFERENCE, names, apart))


def test_the_name_is_right_from_where_the_student_defines_it_and_no_other_is_touched() -> None:
    found = right([("shift", "OFFSET = 9\ndef shift(x): return x - OFFSET"), (None, "y = shift(1)")], "shift")
    assert (found["y"], found["OFFSET"]) == (2, 9)
    assert not {name for name in found if name.startswith("_right")}


def test_it_is_right_for_the_rest_of_its_own_cell_and_wherever_it_is_defined_again() -> None:
    cell = "def shift(x): return 0\nalias = shift; y = (\n    shift(1))\n"
    assert right([(None, cell)], "shift")["y"] == 2
    again = [(None, "shift = lambda x: 0"), (None, "y = shift(1)\nfor shift in [abs]: pass\nz = shift(1)")]
    assert [right(again, "shift")[name] for name in "yz"] == [2, 2]


def test_a_cell_that_stops_above_its_definition_or_is_no_python_defines_it_all_the_same() -> None:
    stops = right([("shift", "1 / 0\ndef shift(x): return 0"), (None, "y = shift(1)")], "shift")
    assert (stops["errors"], stops["y"]) == (["ZeroDivisionError"], 2)
    broken = right([("shift", "def shift(x:\n    return 0"), (None, "y = shift(1)")], "shift")
    assert (broken["errors"], broken["y"]) == (["SyntaxError"], 2)
    misspelt = right([("shift", "def shfit(x): return 0"), (None, "y = shift(1)")], "shift")
    assert misspelt["y"] == 2


def test_magics_and_cells_of_text_are_left_as_they_are() -> None:
    notebook = notebook_of(
        code_cell("a", "%%time\nshift = 3\nx = 1"), code_cell("b", "!ls\n%matplotlib inline")
    )
    found = [cell["source"] for cell in json.loads(with_right_names(notebook, REFERENCE, ["shift"]))["cells"]]
    assert found[0].startswith("%%time\nshift = 3\ndef ")
    assert found[0].endswith("x = 1")
    assert found[2] == "!ls\n%matplotlib inline"


def test_a_method_is_put_into_the_students_class_with_what_it_needs_and_nothing_else() -> None:
    own = "class Net:\n    factor = 7\n    def forward(self, x): return None\n    def own(self): return 'own'"
    found = right([("shift", "def shift(x): return x + 1"), ("net", own)], "Net.forward")
    assert (found["Net"]().forward(1.2), found["Net"]().own()) == (15, "own")
    both = right([("shift", "def shift(x): return x"), ("net", own)], "Net.__init__", "Net.forward")
    assert both["Net"]().forward(2) == 6
    assert "near" not in found
    assert "near" not in both


def test_a_name_that_the_rubric_asks_for_is_the_students_where_the_reference_uses_it() -> None:
    cells = [(None, "near = lambda x: 'mine'"), (None, "def shift(x): return x"), ("net", "class Net: pass")]
    assert right(cells, "Net", apart=("near", "Net"))["Net"]().forward(1) == "mine"
    assert right(cells, "Net")["Net"]().forward(1) == 3


def test_what_the_reference_has_no_answer_for_is_passed_over() -> None:
    notebook = notebook_of(code_cell("a", "x = 1"))
    for name in ("unknown", "Net.unknown", "shift.real"):
        assert json.loads(with_right_names(notebook, REFERENCE, [name])) == json.loads(notebook)
