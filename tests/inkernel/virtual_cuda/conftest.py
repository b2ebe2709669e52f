"""Programs for the virtual device run in processes of their own: it cannot be taken away again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

Run = Callable[[str], Any]


def run_module(name: str, *more: str) -> Any:
    """What a module prints as JSON, in its last line; freed memory is overwritten there."""
    line = [sys.executable, "-m", f"tests.inkernel.virtual_cuda.{name}", *more]
    env = {**os.environ, "MALLOC_PERTURB_": "165", "OMP_NUM_THREADS": "1"}
    run = subprocess.run(line, capture_output=True, text=True, check=False, timeout=300, env=env)
    assert run.returncode == 0, run.stderr[-3000:]
    return json.loads(run.stdout.splitlines()[-1])


@pytest.fixture(scope="session")
def features() -> dict[str, str | None]:
    """What went wrong with each feature."""
    found: dict[str, str | None] = run_module("features")
    return found


@pytest.fixture(scope="session")
def messages() -> dict[str, str]:
    """What the device says where real ones were recorded."""
    found: dict[str, str] = run_module("messages")
    return found


@pytest.fixture(scope="session")
def lightning() -> dict[str, Any]:
    """How trainings with Lightning went."""
    pytest.importorskip("lightning")
    found: dict[str, Any] = run_module("lightning_runs")
    return found
