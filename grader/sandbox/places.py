"""Where a zygote runs: behind which command, with which environment, as whom, and with which scratch folders."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from grader.model.rubric import Limits
from grader.sandbox import bwrap, folders, rules

OWN_LIMITS = Limits(disk_bytes=64 << 20)
"""Of a zygote whose kernels have scratch folders of their own."""


@dataclass(frozen=True)
class Place:
    """One zygote's surroundings."""

    command: list[str]
    """Before the interpreter's own command line."""
    inkernel: str
    """Where the code for the inside is seen."""
    environment: dict[str, str]
    home: str
    own: tuple[str, ...]
    """All scratch folders."""
    user: int | None = None
    """The uid and gid to start as; None: nothing changes, or the command does it."""
    folder: Path | None = None
    """On the host's disk; the zygote removes it at its end."""


def prepare(tier: str, limits: Limits) -> Place:
    """A place for a new zygote; raises SandboxUnavailableError where a tool is missing, KernelStartError."""
    if tier == "portable":
        return _on_the_host()
    own = tuple(rules.scratch(limits))
    walls = (
        bwrap.walls_of_zygote(OWN_LIMITS, nested=True) if tier == "strong" else bwrap.walls_of_zygote(limits)
    )
    environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin")}
    return Place(walls, bwrap.INSIDE, environment, bwrap.HOME, own)


def _on_the_host() -> Place:
    user = bwrap.ordinary_id() if os.geteuid() == 0 else None
    base = folders.passable()
    folders.sweep(base)
    folder = Path(tempfile.mkdtemp(prefix=folders.PREFIX, dir=base))
    folders.claim(folder)
    own = (folder / "home", folder / "tmp")
    for path in own:
        path.mkdir(mode=0o700)
    if user is not None:
        for path in (*folder.iterdir(), folder):
            os.chown(path, user, user)
    home, temporary = map(str, own)
    return Place(
        [], str(bwrap.INKERNEL), bwrap.environment(home, temporary), home, (home, temporary), user, folder
    )
