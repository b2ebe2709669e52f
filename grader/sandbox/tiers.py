"""Chooses how strong the walls are, and believes only walls that held in a trial."""

from __future__ import annotations

import sys
from functools import cache, reduce
from typing import Literal

from grader.errors import SandboxUnavailableError
from grader.model.text import Text, say
from grader.sandbox import selftest

WALLED = ("strong", "mid", "portable")
"""Strongest first."""
ONLY_LINUX = say("Only Linux has walls for student code.")
WITHOUT_WALLS = say(
    "`grade doctor` says what to install or to set. `--sandbox none` runs student code without walls, and is for "
    "notebooks only that you trust."
)


def choose_tier(wanted: Literal["auto", "strong", "mid", "portable", "none"]) -> str:
    """The tier to open kernels with: the one that is wanted, or the strongest; each is tried once per process.

    Raises SandboxUnavailableError, which says what to do, when the walls do not hold on this machine.
    """
    if wanted == "none":
        return "none"
    tried = WALLED if wanted == "auto" else (wanted,)
    for tier in tried:
        if weakness(tier) is None:
            return tier
    each = [say("{tier}: {reason}", tier=tier, reason=weakness(tier) or "") for tier in tried]
    raise SandboxUnavailableError(
        say(
            "The sandbox does not hold on this machine. {reasons} {advice}",
            reasons=reduce(lambda before, one: say("{before} {one}", before=before, one=one), each),
            advice=WITHOUT_WALLS,
        )
    )


def stronger(tier: str) -> dict[str, Text]:
    """The tiers that are stronger than one that `auto` took, each with what speaks against it."""
    above = WALLED[: WALLED.index(tier)] if tier in WALLED else ()
    return {better: reason for better in above if (reason := weakness(better)) is not None}


@cache
def weakness(tier: str) -> Text | None:
    """What is wrong with a tier on this machine, found out by a trial of its walls; None when they held."""
    if not sys.platform.startswith("linux"):
        return ONLY_LINUX
    return selftest.weakness(tier)
