"""The sandbox as an ordinary user has it: root's tests become one for a while, anybody else's are one already."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.sandbox import bwrap

ORDINARY = 61500
ROOT = Path(__file__).parents[2]
ROOTS_HOME = Path("/root")
HOME_BYTES = 64 << 20


def becoming_ordinary():
    """The command line under which a command runs as a uid that nobody has, with all of this machine but root's home.

    Of that home only what Python and this repository need is seen. /proc stays the machine's own: where a part of it
    is covered, no user may mount another.
    """
    line = ["bwrap", "--die-with-parent", "--dev-bind", "/", "/"]
    line += ["--perms", "0755", "--size", str(HOME_BYTES), "--tmpfs", str(ROOTS_HOME)]
    needed = sorted({*bwrap.library_folders(), Path(sys.prefix), Path(sys.base_prefix), ROOT})
    for folder in (f for f in needed if f.is_relative_to(ROOTS_HOME)):
        for parent in reversed(folder.parents[: -len(ROOTS_HOME.parts)]):
            line += ["--perms", "0755", "--dir", str(parent)]
        line += ["--ro-bind", str(folder), str(folder)]
    line += [
        "--perms",
        "0777",
        "--dir",
        str(ROOTS_HOME / "tmp"),
        "--setenv",
        "TMPDIR",
        str(ROOTS_HOME / "tmp"),
    ]
    user = str(ORDINARY)
    return [
        *line,
        "--",
        "setpriv",
        "--reuid",
        user,
        "--regid",
        user,
        "--clear-groups",
        "--inh-caps=-all",
        "--",
    ]


@pytest.fixture(scope="module")
def told(tier, tmp_path_factory):
    line = [sys.executable, "-P", "-m", "tests.sandbox.as_user"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "HOME": "/nonexistent"}
    if os.geteuid() == 0:
        line = [*becoming_ordinary(), *line]
    else:
        environment["TMPDIR"] = str(tmp_path_factory.mktemp("u"))
    run = subprocess.run(
        line, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=400, check=False
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def test_it_was_an_ordinary_user(told):
    assert told["uid"] == (ORDINARY if os.geteuid() == 0 else os.geteuid())


def test_ordinary_user_gets_the_strong_walls(told):
    assert told["tier"] == "strong"


def test_ordinary_user_gets_warm_kernels(told):
    assert told["weakness"] is None
    assert told["warm was warm"]


@pytest.mark.parametrize("kind", ["cold", "warm"])
def test_notebook_and_probe_of_an_ordinary_user(told, kind):
    kernel = told[kind]
    assert kernel["cells"] == ["completed", "raised"]
    assert kernel["doubled"] == 2
    assert kernel["probe"] == "answered"
    assert kernel["answer"] == [2, 5]


@pytest.mark.parametrize("kind", ["cold", "warm"])
def test_students_code_reaches_nothing_of_an_ordinary_user(told, kind):
    assert told[kind]["uid"] != 0
    assert told[kind]["secret exists"] == "False"
    assert told[kind]["secret"] == "FileNotFoundError"


def test_nothing_of_an_ordinary_user_is_left(told):
    assert told["left"] == []
