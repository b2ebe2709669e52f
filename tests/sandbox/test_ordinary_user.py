"""The sandbox as an ordinary user has it: root's tests become one for a while, anybody else's are one already."""

import json
import os
import subprocess
import sys

import pytest

from tests.sandbox.forbidding import ORDINARY, ROOT, running


@pytest.fixture(scope="module")
def told(tier, tmp_path_factory):
    line = [*running("nothing", user="ordinary"), sys.executable, "-P", "-m", "tests.sandbox.as_user", "cold"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "HOME": "/nonexistent"}
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
    assert kernel["cells"] == ["completed", "raised", "completed", "completed"]
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
