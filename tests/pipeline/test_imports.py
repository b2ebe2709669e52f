"""Modules that notebooks import and this machine lacks are told before anything is graded, and again at the end."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import main
from grader.grading.lacks import lack_behind
from grader.model.lack import Lack
from grader.model.packed import Packed
from grader.model.submission import Submission
from grader.modules import install_command
from grader.pipeline import missing_imports
from tests.course import ID, RIGHT, WRONG, hand_in, make_course, notebook


def submission(code: str) -> Submission:
    packed = Packed.of(notebook(code))
    return Submission(student="ada", name="Ada", exercise=ID, path="a.ipynb", sha256="0", notebook=packed)


def found(*codes: str) -> list[tuple[str, str, int]]:
    return [(lack.kind, lack.name, count) for lack, count in missing_imports(map(submission, codes))]


def test_each_module_is_told_with_the_notebooks_that_import_it() -> None:
    assert found(
        "import torch, wandb\nimport wandb",
        "def f():\n    from wandb.sdk import x",
        "%pip install wandb\nimport os; from mes_outils import *; import wandb as w",
    ) == [("package", "wandb", 3), ("unknown", "mes_outils", 1)]


@pytest.mark.parametrize(
    "code",
    [
        "import torch.nn, pandas as pd",
        "try:\n    import wandb\nexcept ImportError:\n    wandb = None",
        "try:\n    import wandb\nexcept (ValueError, ModuleNotFoundError):\n    pass",
        "try:\n    import wandb\nexcept:\n    pass",
        "%%writefile own.py\na = 1",
        "open('own.py', 'w').write('a = 1')\nimport own",
        "import nunpy",
        "text = 'import wandb'",
        "# import wandb",
        "from . import wandb",
        "%%bash\nimport wandb",
    ],
)
def test_what_is_here_or_not_needed_or_a_slip_is_not_told(code: str) -> None:
    assert found(code) == []


@pytest.mark.parametrize(
    "code",
    [
        "try:\n    pass\nexcept ImportError:\n    import wandb",
        "try:\n    import wandb\nexcept ValueError:\n    pass",
        "try:\n    import wandb\nfinally:\n    pass",
    ],
)
def test_an_import_that_nothing_catches_is_told(code: str) -> None:
    assert found(code) == [("package", "wandb", 1)]


@pytest.mark.parametrize("module", ["wandb", "mes_outils", "cv2"])
def test_before_and_after_the_run_the_same_is_said(module: str) -> None:
    [(lack, _)] = missing_imports([submission(f"import {module}")])
    assert lack == lack_behind("ModuleNotFoundError", f"No module named '{module}'")
    assert isinstance(lack, Lack)


def test_points_that_hang_on_a_module_wait_and_the_run_says_what_would_help(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_course(tmp_path)
    hand_in(folder, "ada", f"import wandb\n{RIGHT}")
    hand_in(folder, "bob", f"import nunpy\n{RIGHT}")
    hand_in(folder, "carl", f"{RIGHT}\nimport mes_outils")
    hand_in(folder, "dora", f"{WRONG}\nimport wandb")
    monkeypatch.chdir(folder)
    result = CliRunner().invoke(main, ["submissions"], env={"COLUMNS": "100"})
    assert result.exit_code == 0, result.output
    before, _, after = result.output.partition("Graded: ")
    command = install_command(["wandb"])
    assert f"  wandb: notebooks 2, not installed; `{command}` installs it\n" in before
    assert "  mes_outils: notebooks 1, no module of this name is known" in before
    assert "nunpy" not in before
    assert f"  wandb: notebooks 1, not installed; `{command}` installs it\n" in after
    assert "mes_outils" not in after
    rows = {line.split()[0]: line for line in after.splitlines() if line.split()[:1] != []}
    assert "0 +2?" not in rows["bob"]
    assert "–" in rows["ada"] or "+2?" in rows["ada"]
    page = (folder / "report" / "index.html").read_text(encoding="utf-8")
    assert "cannot be imported where notebooks are graded" in page
    dry = CliRunner().invoke(main, ["submissions", "--dry-run", "--again"], env={"COLUMNS": "100"})
    assert "wandb: notebooks 2, not installed" in dry.output
