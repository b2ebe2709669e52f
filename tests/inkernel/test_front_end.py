"""Magics that only a browser or a screen can serve: the rest of the cell runs, and figures go inline."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

HARNESS = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
from grader.inkernel import figures, front_end

shell = InteractiveShell.instance()
figures.install(shell)
front_end.install(shell)
front_end.install(shell)
assert "matplotlib" not in sys.modules
failed = []
for cell in json.loads(sys.stdin.read()):
    result = shell.run_cell(cell, store_history=True)
    error = result.error_in_exec or result.error_before_exec
    failed.append("" if error is None else type(error).__name__)
import matplotlib
print("FOUND" + json.dumps([failed, matplotlib.get_backend(), len(figures.figures())]))
"""
DRAW = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.close()"


def ran(*cells: str) -> tuple[list[str], str, int, str]:
    """Each cell's error, the backend at the end, how many figures were recorded, and what was written to stderr."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", HARNESS],
        input=json.dumps(cells),
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "MPLCONFIGDIR": "/tmp", "MPLBACKEND": "agg"},
    )
    assert done.returncode == 0, done.stderr
    failed, backend, count = json.loads(done.stdout.rpartition("FOUND")[2])
    return failed, backend, count, done.stderr


ASKED = (
    "%matplotlib widget",
    "%matplotlib notebook",
    "%matplotlib qt",
    "%matplotlib ipympl",
    "%matplotlib nbagg",
    "%matplotlib tk",
    "%matplotlib",
    "%pylab qt",
    "get_ipython().run_line_magic('matplotlib', 'widget')",
    "import matplotlib\nmatplotlib.use('TkAgg')",
    "import matplotlib.pyplot as plt\nplt.switch_backend('QtAgg')",
    "import matplotlib.pyplot, matplotlib\nmatplotlib.use('module://ipympl.backend_nbagg')",
)
IS_INLINE = "import matplotlib\nassert matplotlib.get_backend().endswith('inline'), matplotlib.get_backend()"


def test_backends_for_a_screen_are_the_inline_one() -> None:
    cells = [cell for asked in ASKED for cell in (f"{asked}\n{DRAW}\n{IS_INLINE}", "matplotlib.use('agg')")]
    failed, _, count, _ = ran(*cells)
    assert [asked for asked, error in zip(ASKED, failed[::2], strict=True) if error] == []
    assert count == len(ASKED)


@pytest.mark.parametrize(
    "asked",
    [
        "import os\nos.environ['MPLBACKEND'] = 'TkAgg'",
        "import matplotlib as mpl\nmpl.rcParams['backend'] = 'GTK4Agg'",
        "import matplotlib\nmatplotlib.use('QtAgg')",
    ],
)
def test_one_chosen_before_pyplot_is_imported_is_inline_too(asked: str) -> None:
    failed, backend, count, _ = ran(asked, DRAW)
    assert (failed, count) == (["", ""], 1)
    assert backend.endswith("inline")


def test_a_backend_that_needs_no_screen_is_left() -> None:
    failed, backend, _, _ = ran("import matplotlib\nmatplotlib.use('svg')\nimport matplotlib.pyplot")
    assert (failed, backend.lower()) == ([""], "svg")


def test_a_backend_that_is_none_still_fails() -> None:
    failed, *_ = ran("import matplotlib\nmatplotlib.use('TkAg')", "%matplotlib widgit")
    assert all(failed)


def test_what_nobody_can_serve_here_is_passed_over_with_a_note() -> None:
    lines = (
        "%gui qt",
        "%conda install x",
        "%mamba install x",
        "%uv --version\n%conda list",
        "%load_ext tensorboard",
    )
    failed, _, _, said = ran(*(f"{line}\nreached = 1" for line in lines))
    assert set(failed) == {""}
    assert said.count("passed over") == len(lines)


def test_magics_of_an_extension_that_is_not_installed_are_passed_over() -> None:
    failed, *_ = ran("%load_ext tensorboard\n%tensorboard --logdir runs", "%load_ext sql", "%%sql\nselect 1")
    assert failed == ["", "", ""]


def test_slips_stay_the_students_own() -> None:
    failed, *_ = ran("%load_ext autorelod", "%tensorbord x", "%%sqll\nx", "%load_ext sys.nothing")
    assert all(failed), failed


def test_an_extension_that_fails_for_a_reason_of_its_own_fails(tmp_path: Path) -> None:
    (tmp_path / "own_extension.py").write_text("import not_installed_anywhere", encoding="utf-8")
    failed, *_ = ran(f"import sys; sys.path.insert(0, {str(tmp_path)!r})", "%load_ext own_extension")
    assert failed == ["", "ModuleNotFoundError"]
