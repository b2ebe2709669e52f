"""Chooses how strong the walls are, and believes only walls that held in a trial."""

from __future__ import annotations

import sys
from functools import cache
from typing import Literal

from grader.errors import SandboxUnavailableError
from grader.sandbox import bwrap, selftest


def choose_tier(wanted: Literal["auto", "strong", "none"]) -> str:
    """The tier to open kernels with; the trial of its walls is made once per process.

    Raises SandboxUnavailableError, which says what to do, when the walls do not hold on this machine.
    """
    if wanted == "none":
        return "none"
    if not sys.platform.startswith("linux"):
        raise SandboxUnavailableError(
            "Only Linux has walls for student code. `--sandbox none` runs it without any, and should be "
            "used for one's own notebooks only."
        )
    found = _strong_weakness()
    if found is not None:
        raise SandboxUnavailableError(f"{bwrap.ADVICE} The trial of the walls said: {found}")
    return "strong"


@cache
def _strong_weakness() -> str | None:
    return selftest.weakness("strong")
