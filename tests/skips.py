"""Which skips are expected in CI: anything else that is skipped there is a test that silently did not run.

Outside CI a machine may lack what it likes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Generator

import pytest

EXPECTED = {
    r"only root can show it: ": "an attack that works for root alone is tried as root in a case of its own",
    r"not on this machine: ": "an attack whose means (a device, a program, a system call) are not there to be held",
    r"only root can (run as root|give a folder away)$": "the tests may run as an ordinary user",
    r"Landlock is older here$": "a version of Landlock that the kernel of the machine does not have yet",
    r"Linux gathers memory on demand from 6\.1 on": "a kernel of the machine that is older",
    r"this machine has no cgroup v2$": "containers often have none",
    r"no systemd on this machine$": "containers seldom have it",
    r"nothing to compare the virtual device with: ": "few machines have an NVIDIA GPU",
    r"none of .* is here for everybody to read": "containers have few device files that can stand in for a GPU",
    r"this machine has an NVIDIA GPU$": "and those that have one need not refuse it",
    r"nobody delegates control groups on this machine$": "neither do all that have systemd",
}
"""Regular expressions for the beginning of a skip's reason, each with why it may be."""


def is_expected(reason: str) -> bool:
    """Whether a test may be skipped in CI for this reason."""
    return any(re.match(pattern, reason.removeprefix("Skipped: ")) for pattern in EXPECTED)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a test that is skipped for no expected reason has failed."""
    report = yield
    if not hasattr(report, "wasxfail"):
        _fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a whole file that is skipped when it is read."""
    report = yield
    _fail_if_skipped(report)
    return report


def _fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    if os.environ.get("CI") and report.skipped and isinstance(report.longrepr, tuple):
        reason = str(report.longrepr[2])
        if not is_expected(reason):
            report.outcome = "failed"
            report.longrepr = f"{reason}\nIn CI no test is skipped for this reason; see tests/skips.py."
