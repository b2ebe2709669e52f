"""Follow-through marks on real kernels: what the student is paid, and that nothing of the reference gets out."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from grader.authoring.check_bundle import make_bundle
from grader.authoring.variants import Variant, apply
from grader.authoring.verify import grade_notebook
from grader.catalog import read_exercise
from grader.criteria import KINDS
from grader.grading import ask_reference, explain
from grader.model.exercise import Exercise
from grader.model.packed import Packed
from grader.model.report import GradeReport, Job, ReferenceAnswers
from grader.model.submission import Submission
from grader.model.verdict import Verdict
from grader.reports.grades_csv import render_csv
from grader.reports.html import render_student_page
from grader.reports.results import render_json, results_of
from tests.conftest import ReferenceOf
from tests.course import code_cell, lay_out, notebook_of
from tests.reports.builders import class_of, index_text

REGRESSION = "01_regression_lineaire"
ROOT_OF_IT = "def mse(y_pred, y):\n    return ((y_pred - y) ** 2).mean().sqrt()"
FLAT = "def predict(x, w, b):\n    return (w * x + b).flatten()"


def graded(exercise: Exercise, answers: ReferenceAnswers, tier: str, **cells: str) -> GradeReport:
    variant = Variant(name="x", path=Path("x.toml"), about="x", cells=cells)
    notebook = apply(exercise.reference, variant)
    return grade_notebook(notebook, exercise, answers, seed=0, tier=tier, name="x")


def carried(report: GradeReport) -> dict[str, str]:
    return {r.id: f"{r.points}/{r.out_of}" for r in report.criteria if r.carried is not None}


def test_a_root_too_many_costs_mse_alone(
    exercises: dict[str, Exercise], reference_of: ReferenceOf, tier: str
) -> None:
    report = graded(exercises[REGRESSION], reference_of(REGRESSION), tier, mse=ROOT_OF_IT)
    assert report.points == 17
    assert {r.id for r in report.criteria if r.points == 0 and r.out_of} == {
        "mse.values",
        "mse.differentiable",
    }
    assert {"train.losses", "module.losses", "result.losses"} <= set(carried(report))
    assert report.undecided == 2, "only the text waits"


def test_a_prediction_of_another_shape_costs_predict_alone(
    exercises: dict[str, Exercise], reference_of: ReferenceOf, tier: str
) -> None:
    report = graded(exercises[REGRESSION], reference_of(REGRESSION), tier, predict=FLAT)
    assert report.points == 17
    assert {r.id for r in report.criteria if r.points == 0 and r.out_of} == {"predict.values"}
    assert {"train.steps", "train.losses", "result.loss"} <= set(carried(report))


@pytest.mark.parametrize(
    "left_out",
    ["def mse(y_pred, y):\n    raise NotImplementedError", "def mse(y_pred, y):\n    pass", "# later"],
)
def test_who_leaves_mse_out_is_paid_nothing_for_what_rests_on_it(
    exercises: dict[str, Exercise], reference_of: ReferenceOf, tier: str, left_out: str
) -> None:
    report = graded(exercises[REGRESSION], reference_of(REGRESSION), tier, mse=left_out)
    assert carried(report) == {}
    resting = ("train.steps", "train.losses", "train.start", "module.steps", "module.losses", "result.loss")
    assert {r.id: r.points for r in report.criteria if r.id in resting} == dict.fromkeys(resting, Decimal(0))


def test_a_cell_that_is_no_python_is_one_slip_too(
    exercises: dict[str, Exercise], reference_of: ReferenceOf, tier: str
) -> None:
    report = graded(exercises[REGRESSION], reference_of(REGRESSION), tier, mse=ROOT_OF_IT.replace("):", ":"))
    assert {"train.steps", "module.steps", "result.loss", "figure.fit"} <= set(carried(report))
    stop = next(r for r in report.criteria if r.id == "result.runs")
    assert stop.judgement.verdict is Verdict.RUN_TIME_ERROR, "where the notebook stops is told all the same"


def test_explain_tells_of_both_judgements(
    exercises: dict[str, Exercise], reference_of: ReferenceOf, tier: str
) -> None:
    exercise = exercises[REGRESSION]
    notebook = apply(
        exercise.reference, Variant(name="x", path=Path("x"), about="x", cells={"mse": ROOT_OF_IT})
    )
    submission = Submission(
        student="x", name="x", exercise=exercise.id, path="x", sha256="0" * 64, notebook=Packed.of(notebook)
    )
    job = Job(submission=submission, exercise=exercise, reference=reference_of(REGRESSION), seed=0, tier=tier)
    found = explain(job, "train.losses").result
    assert found.carried is not None
    assert (found.points, found.carried.points) == (1, 0)


# A small exercise of two tasks, and a student who wants to see the solution of the first.

HOSTILE = "01_secret"
RUBRIC = """
schema = 1
exercise = "01_secret"
title = { fr = "x", en = "x" }
tasks = [
  { id = "first", title = { fr = "x", en = "x" }, points = 1 },
  { id = "second", title = { fr = "x", en = "x" }, points = 2 },
]

[limits]
cell_s = 30
total_s = 120

[[carry_forward]]
task = "first"
names = ["first"]
pays = { second = 0.5 }

[[criteria]]
id = "first.values"
task = "first"
kind = "matches_reference"
points = 1
title = { fr = "x", en = "x" }
call = "first(x)"
requires = ["first"]
cases = 2
inputs = { x = { shape = [3], low = -1.0, high = 1.0 } }

[[criteria]]
id = "second.values"
task = "second"
kind = "matches_reference"
points = 1
title = { fr = "x", en = "x" }
call = "second(x)"
requires = ["second"]
cases = 4
inputs = { x = { shape = [3], low = -1.0, high = 1.0 } }

[[criteria]]
id = "second.figure"
task = "second"
kind = "figure"
points = 1
title = { fr = "x", en = "x" }
requires = ["drawn"]
series = "drawn"
"""
FIRST = "def first(x):\n    s3cret_of_the_reference = 3.14159\n    return s3cret_of_the_reference * x"
SECOND = "def second(x):\n    return first(x) + 1"
DRAWN = "import matplotlib.pyplot as plt\ndrawn = [3.0, 2.0, 1.5, 1.2, 1.1]\nplt.plot(drawn)\nplt.show()"
PEEK = """
import matplotlib.pyplot as plt
def peek():
    code = first.__code__
    return " ".join([*map(str, code.co_names), *map(str, code.co_varnames), *map(str, code.co_consts)])
"""
WAYS = {
    "in an output and a figure": PEEK
    + "print(peek())\nprint(peek(), file=__import__('sys').stderr)\ndrawn = [3.0, 2.0, 1.5]\n"
    "plt.plot([1, 2, 3], label=peek())\nplt.title(peek())\nplt.legend()\nplt.show()\n"
    "def second(x):\n    print(peek())\n    return first(x) + 1",
    "in an exception": PEEK + "drawn = []\ndef second(x):\n    raise ValueError(peek())",
    "in an exception of a cell": PEEK
    + "drawn = []\ndef second(x): return first(x) + 2\nraise ValueError(peek())",
    "in an answer": PEEK + "drawn = []\ndef second(x):\n    return peek()",
    "in a warning": PEEK
    + "import warnings\ndrawn = []\ndef second(x):\n    warnings.warn(peek())\n    return x",
    "in numbers of an answer": PEEK
    + "import torch\ndrawn = [4.0]\ndef second(x):\n    return torch.tensor([float(ord(c)) for c in peek()])",
    "in names": PEEK + "drawn = []\nglobals()[peek()] = globals().pop('first')\n"
    "def second(x): return missing_name + x",
    "in a class's name": PEEK + "drawn = []\ndef second(x):\n    return type(peek(), (), {})()",
    "in some of the answers": PEEK
    + "drawn = [2.0, 1.0]\nimport torch\ndef second(x):\n    right = first(x) + 1\n"
    "    return right if float(x[0]) > 0 else torch.full((3,), 2.71828)",
}
WRONG_FIRST = "def first(x):\n    return 2 * x"


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory, tier: str) -> tuple[Exercise, ReferenceAnswers]:
    folder = tmp_path_factory.mktemp("secret")

    def notebook(first: str, rest: str) -> str:
        return notebook_of(code_cell("a", first, task="first"), code_cell("b", rest, task="second"))

    handout = notebook("raise NotImplementedError", "raise NotImplementedError")
    solution = notebook(FIRST, f"{SECOND}\n{DRAWN}")
    lay_out(folder, HOSTILE, rubric=RUBRIC, solution=solution, handout=handout)
    exercise = read_exercise(folder / "reference" / HOSTILE, folder / "exercises", KINDS)
    return exercise, ask_reference(exercise, seed=0, tier=tier)


def all_that_is_shown(report: GradeReport, exercise: Exercise) -> str:
    """The grade as it is stored, the student's page, and what the staff, a spreadsheet and a program read."""
    light = class_of(report)
    with_exercise = light.model_copy(update={"exercises": (exercise,)})
    pages = [render_student_page(report, exercise, language) for language in ("fr", "en")]
    index = index_text(with_exercise, "en", lambda _: "x.html")
    return "\n".join(
        [report.model_dump_json(), *pages, index, render_csv(light), render_json(results_of(light, "en"))]
    )


@pytest.mark.parametrize("way", WAYS)
def test_nothing_that_a_student_reads_in_the_second_kernel_gets_out(
    secret: tuple[Exercise, ReferenceAnswers], tier: str, way: str
) -> None:
    exercise, answers = secret
    report = graded(exercise, answers, tier, first=WRONG_FIRST, second=WAYS[way])
    second = next(r for r in report.criteria if r.id == "second.values")
    assert (
        second.carried is not None or "Judged again with the reference's first" in second.judgement.staff_note
    )
    shown = all_that_is_shown(report, exercise)
    assert "s3cret" not in shown
    assert "14159" not in shown


def test_a_right_second_part_is_paid_its_share_and_says_of_what(
    secret: tuple[Exercise, ReferenceAnswers], tier: str
) -> None:
    exercise, answers = secret
    report = graded(exercise, answers, tier, first=WRONG_FIRST)
    second = next(r for r in report.criteria if r.id == "second.values")
    assert (report.points, second.points) == (Decimal("1.5"), Decimal("0.5"))
    page = render_student_page(report, exercise, "en")
    assert "Judged again, so that one mistake is not counted twice" in page
    assert "With your own" in page
    program = json.loads(render_json(results_of(class_of(report), "en")))["reports"][0]["criteria"][1]
    assert program["carried"]["names"] == ["first"]
    assert (program["carried"]["points"], program["points"]) == ("0.00", "0.50")
    assert render_csv(class_of(report)).splitlines()[1].endswith(",0.50")


def test_nothing_of_it_is_in_what_students_check_themselves_by(
    secret: tuple[Exercise, ReferenceAnswers], tier: str
) -> None:
    bundle = make_bundle(secret[0], tier=tier, lang="en").model_dump_json()
    assert "carry_forward" not in bundle
    assert "s3cret" not in bundle
