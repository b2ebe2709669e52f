"""A test that silently does not run is found in CI."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.skips import EXPECTED, is_expected

TESTS = """
import pytest

def test_that_runs(): pass
def test_expected(): pytest.skip("only root can run as root")
def test_unexpected(): pytest.skip("no Chromium on this machine")
@pytest.mark.xfail(reason="known", strict=True)
def test_known(): raise ValueError
"""


@pytest.mark.parametrize(
    ("ci", "summary"),
    [("true", "1 failed, 1 passed, 1 skipped, 1 xfailed"), ("", "1 passed, 2 skipped, 1 xfailed")],
)
def test_an_unexpected_skip_is_a_failure_in_ci_alone(tmp_path: Path, ci: str, summary: str) -> None:
    (tmp_path / "test_some.py").write_text(TESTS)
    (tmp_path / "conftest.py").write_text("from tests.skips import *")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={tmp_path}", tmp_path],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "CI": ci, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
    )
    assert summary in done.stdout


def test_every_expected_reason_says_why_and_none_takes_all() -> None:
    assert all(len(why) > 20 for why in EXPECTED.values())
    assert not is_expected("no Chromium on this machine")
    assert not is_expected("no sandbox on this machine: x")
