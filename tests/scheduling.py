"""How pytest-xdist deals tests to its workers: a file as a whole, so that what its tests share is made once."""

from __future__ import annotations

from typing import Any

import pytest

DEALT_SINGLY = ("tests/test_variants.py",)
"""Long, and its tests share nothing that others do not have, too."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Deal by file whatever `-n` says, unless `--dist` says otherwise."""
    if config.getoption("dist") != "load":
        return None
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return nodeid if nodeid.startswith(DEALT_SINGLY) else super()._split_scope(nodeid)

    return Scheduling(config, log)
