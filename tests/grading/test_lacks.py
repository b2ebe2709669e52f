"""What the machine lacks is nobody's fault; what the student misspelt is."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from grader.criteria.matches_reference import MatchesReference
from grader.criteria.runs import Runs
from grader.criteria.source import Source
from grader.grading.lacks import Lacks, lack_behind
from grader.i18n import render
from grader.model.execution import CellError, CellRun
from grader.model.judgement import Judgement
from grader.model.lack import Lack, lack_of
from grader.model.probe import Observation
from grader.model.rubric import Criterion
from grader.model.text import say
from grader.model.verdict import Verdict
from tests.criteria.builders import answered, cell_raised, cells, execution, make, missing, raised

CALLS = make(MatchesReference, call="f(x)", cases=1, requires=["f"])
ASKED = "task.word/0"
FAILED = Judgement(verdict=Verdict.RUN_TIME_ERROR, score=Decimal(0), summary=say("It failed."))
NO_WANDB = "No module named 'wandb'"


def stopped(index: int, name: str, message: str, line: int | None = None) -> CellRun:
    traceback = f"Cell In[{index + 1}], line {line}\n" if line else ""
    return CellRun(
        index=index, ended="raised", error=CellError(name=name, message=message, traceback=traceback)
    )


def ran(index: int) -> CellRun:
    return CellRun(index=index, ended="completed")


def excused(
    texts: list[str],
    runs: list[CellRun],
    *answers: Observation,
    criterion: Criterion = CALLS,
    judgement: Judgement = FAILED,
) -> Judgement:
    found = Lacks(execution(*runs), cells(*texts))
    probes = criterion.probes(np.random.default_rng(0))
    return found.excused(judgement, criterion, probes, {answer.probe: answer for answer in answers})


@pytest.mark.parametrize(
    ("name", "message", "lack"),
    [
        ("ModuleNotFoundError", NO_WANDB, Lack(kind="package", name="wandb")),
        ("ModuleNotFoundError", "No module named 'cv2'", Lack(kind="package", name="cv2")),
        ("ModuleNotFoundError", "No module named 'timm'", Lack(kind="package", name="timm")),
        ("ModuleNotFoundError", "No module named 'google.colab'", Lack(kind="unknown", name="google.colab")),
        ("ModuleNotFoundError", "No module named 'mes_outils'", Lack(kind="unknown", name="mes_outils")),
        ("ModuleNotFoundError", "No module named '_tkinter'", Lack(kind="python", name="_tkinter")),
        (
            "ModuleNotFoundError",
            "Neither `tensorboard` nor `tensorboardX` is available. Try `pip install`ing either.",
            Lack(kind="package", name="tensorboard"),
        ),
        (
            "ImportError",
            "IProgress not found. Please update jupyter and ipywidgets.",
            Lack(kind="package", name="ipywidgets"),
        ),
        (
            "ImportError",
            "Missing optional dependency 'openpyxl'.  Use pip or conda to install openpyxl.",
            Lack(kind="package", name="openpyxl"),
        ),
        (
            "ImportError",
            "Pandas requires version '3.1.2' or newer of 'openpyxl' (version '2.0' currently installed).",
            Lack(kind="package", name="openpyxl"),
        ),
        (
            "ImportError",
            "Import tabulate failed. Use pip or conda to install the tabulate package: pip install tabulate",
            Lack(kind="package", name="tabulate"),
        ),
        (
            "ImportError",
            "libGL.so.1: cannot open shared object file: No such file or directory",
            Lack(kind="library", name="libGL.so.1"),
        ),
        ("ExecutableNotFound", "failed to execute PosixPath('dot')", Lack(kind="library", name="graphviz")),
        (
            "CalledProcessError",
            "Command '['python', '-m', 'pip', 'install', 'x']' returned non-zero exit status 1.",
            Lack(kind="network"),
        ),
        ("URLError", "<urlopen error [Errno -3] Temporary failure in name resolution>", Lack(kind="network")),
        ("TclError", "no display name and no $DISPLAY environment variable", Lack(kind="screen")),
    ],
)
def test_what_the_machine_lacks(name: str, message: str, lack: Lack) -> None:
    assert lack_behind(name, message) == lack


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("ModuleNotFoundError", "No module named 'nunpy'"),
        ("ModuleNotFoundError", "No module named 'torch.nnn'"),
        ("ModuleNotFoundError", "No module named 'pytorch'"),
        ("ModuleNotFoundError", "No module named 'matplotlib.pylot'"),
        ("ImportError", "cannot import name 'Foo' from 'torch' (/lib/torch/__init__.py)"),
        ("ImportError", "attempted relative import with no known parent package"),
        ("ImportError", "Please use pip install evil-package"),
        ("ImportError", "something of my own"),
        ("NameError", "name 'wandb' is not defined"),
        ("ValueError", "No module named 'wandb'"),
        ("CalledProcessError", "Command '['false']' returned non-zero exit status 1."),
        ("FileNotFoundError", "[Errno 2] No such file or directory: 'data.csv'"),
    ],
)
def test_what_is_the_students_own(name: str, message: str) -> None:
    assert lack_behind(name, message) is None


def test_a_name_that_a_stopped_cell_would_have_given_waits_for_a_person() -> None:
    texts = ["import wandb\nimport torch", "def f(x):\n    return torch.relu(x)"]
    runs = [stopped(0, "ModuleNotFoundError", NO_WANDB, 1), ran(1)]
    judgement = excused(texts, runs, raised(ASKED, "NameError", "name 'torch' is not defined"))
    assert judgement.verdict is Verdict.NEEDS_REVIEW
    assert judgement.score is None
    assert (
        render(judgement.summary, "en")
        == "Not judged yet: cell 1 stopped, since `wandb` cannot be imported where"
        " notebooks are graded. A person will look at it."
    )
    assert "Cell 1, line 1: import wandb" in judgement.staff_note
    assert "run_time_error: It failed." in judgement.staff_note
    assert judgement.cell == 0
    assert lack_of(judgement) == Lack(kind="package", name="wandb")


def test_cells_that_miss_what_a_stopped_one_would_have_given_take_their_names_along() -> None:
    texts = ["import wandb\nimport numpy as np", "k = np.pi", "def f(x): return k * x"]
    runs = [
        stopped(0, "ModuleNotFoundError", NO_WANDB, 1),
        stopped(1, "NameError", "name 'np' is not defined", 1),
        ran(2),
    ]
    judgement = excused(texts, runs, raised(ASKED, "NameError", "name 'k' is not defined"))
    assert judgement.verdict is Verdict.NEEDS_REVIEW
    assert judgement.cell == 0


def test_a_missing_name_of_a_stopped_cell_waits() -> None:
    judgement = excused(
        ["import wandb\ndef f(x): ..."], [stopped(0, "ModuleNotFoundError", NO_WANDB, 1)], missing(ASKED, "f")
    )
    assert judgement.verdict is Verdict.NEEDS_REVIEW


def test_a_module_that_a_called_function_misses_waits() -> None:
    judgement = excused(
        ["def f(x):\n    import wandb"], [ran(0)], raised(ASKED, "ModuleNotFoundError", NO_WANDB)
    )
    assert judgement.verdict is Verdict.NEEDS_REVIEW
    assert "cell" not in render(judgement.summary, "en").partition("since")[0]


def test_a_value_that_an_earlier_cell_left_waits_where_a_stopped_one_would_have_made_it_anew() -> None:
    texts = ["f = 1", "import wandb\nf = 2"]
    judgement = excused(texts, [ran(0), stopped(1, "ModuleNotFoundError", NO_WANDB, 1)], answered(ASKED, 1.0))
    assert judgement.verdict is Verdict.NEEDS_REVIEW


def test_the_cell_that_stopped_waits_where_it_is_looked_at_itself() -> None:
    texts, runs = ["import wandb"], [stopped(0, "ModuleNotFoundError", NO_WANDB, 1)]
    at_cell = FAILED.model_copy(update={"cell": 0})
    assert excused(texts, runs, criterion=make(Runs), judgement=at_cell).verdict is Verdict.NEEDS_REVIEW


@pytest.mark.parametrize(
    ("texts", "runs", "answer"),
    [
        # A wrong value has nothing to do with a cell further down.
        (
            ["def f(x): ...", "import wandb"],
            [ran(0), stopped(1, "ModuleNotFoundError", NO_WANDB, 1)],
            answered(ASKED, 1.0),
        ),
        # What stands above the line that stopped was there.
        (["f = 1\nimport wandb"], [stopped(0, "ModuleNotFoundError", NO_WANDB, 2)], answered(ASKED, 1.0)),
        # A later cell gave the name after all.
        (
            ["import wandb\nimport torch", "import torch", "def f(x): ..."],
            [stopped(0, "ModuleNotFoundError", NO_WANDB, 1), ran(1), ran(2)],
            raised(ASKED, "NameError", "name 'torch' is not defined"),
        ),
        # Another name than those that went with the cell.
        (
            ["import wandb", "def f(x): return y"],
            [stopped(0, "ModuleNotFoundError", NO_WANDB, 1), ran(1)],
            raised(ASKED, "NameError", "name 'y' is not defined"),
        ),
        # A slip.
        (
            ["import nunpy\nimport torch", "def f(x): ..."],
            [stopped(0, "ModuleNotFoundError", "No module named 'nunpy'", 1), ran(1)],
            raised(ASKED, "NameError", "name 'torch' is not defined"),
        ),
        # Not filled in, whatever else is missing.
        (
            ["import nosuch", "def f(x): raise NotImplementedError"],
            [stopped(0, "ModuleNotFoundError", "No module named 'nosuch'", 1), ran(1)],
            raised(ASKED, "NotImplementedError", "", cell=1),
        ),
    ],
)
def test_what_does_not_hang_on_a_lack_is_judged(
    texts: list[str], runs: list[CellRun], answer: Observation
) -> None:
    assert excused(texts, runs, answer) == FAILED


def test_a_meant_error_is_no_lack() -> None:
    meant = cell_raised(0, "ModuleNotFoundError", NO_WANDB, intended=True)
    assert excused(["import wandb\nf = 1"], [meant], missing(ASKED, "f")) == FAILED


def test_what_was_read_in_the_code_hangs_on_no_run() -> None:
    read: Any = {"function": "f", "avoids": [{"name": "backward", "says": {"fr": "non", "en": "no"}}]}
    at_cell = FAILED.model_copy(update={"cell": 0, "verdict": Verdict.WRONG_ANSWER})
    runs = [stopped(0, "ModuleNotFoundError", NO_WANDB, 1)]
    assert (
        excused(["import wandb\ndef f(): ..."], runs, criterion=make(Source, **read), judgement=at_cell)
        == at_cell
    )


def test_full_points_stay_and_nobody_gains() -> None:
    right = Judgement(verdict=Verdict.ACCEPTED, score=Decimal(1), summary=say("right"))
    by_hand = [stopped(0, "ModuleNotFoundError", "No module named 'foo'", 1)]
    text = "raise ModuleNotFoundError(\"No module named 'foo'\")\ndef f(x): ..."
    assert excused([text], by_hand, missing(ASKED, "f"), judgement=right) == right
    judgement = excused([text], by_hand, missing(ASKED, "f"))
    assert judgement.score is None
    assert "line 1: raise ModuleNotFoundError" in judgement.staff_note


def test_other_judgements_wait_for_no_lack() -> None:
    assert lack_of(FAILED) is None
    assert lack_of(Judgement(verdict=Verdict.NEEDS_REVIEW, score=None, summary=say("Nobody asked."))) is None
