"""Programs for the virtual device run in processes of their own: it cannot be taken away again."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from tests.warm_process import WarmProcess

FOLDER = "tests.inkernel.virtual_cuda"


def _last_line(printed: str) -> Any:
    return json.loads(printed.splitlines()[-1])


@pytest.fixture(scope="session")
def features(warm: WarmProcess) -> dict[str, str | None]:
    """What went wrong with each feature."""
    found: dict[str, str | None] = _last_line(warm.run_module(f"{FOLDER}.features"))
    return found


@pytest.fixture(scope="session")
def messages(warm: WarmProcess) -> dict[str, str]:
    """What the device says where real ones were recorded."""
    found: dict[str, str] = _last_line(warm.run_module(f"{FOLDER}.messages"))
    return found


@pytest.fixture(scope="session")
def observed(warm: WarmProcess) -> Callable[[str], Any]:
    """What the observer saw of a program."""

    @cache
    def run(name: str) -> Any:
        return _last_line(warm.run_module(f"{FOLDER}.observed_programs", name))

    return run


@pytest.fixture(scope="session")
def lightning(warm: WarmProcess) -> dict[str, Any]:
    """How trainings with Lightning went."""
    pytest.importorskip("lightning")
    found: dict[str, Any] = _last_line(warm.run_module(f"{FOLDER}.lightning_runs"))
    return found
