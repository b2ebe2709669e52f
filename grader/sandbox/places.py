"""Where a zygote runs: behind which command, with which environment, as whom, and with which scratch folders."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from grader.errors import KernelStartError
from grader.model.rubric import Limits
from grader.model.text import Text, say
from grader.sandbox import bwrap, folders, rules
from grader.sandbox.gpus import Gpu

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


def prepare(tier: str, limits: Limits, gpu: Gpu | None = None) -> Place:
    """A place for a new zygote; `gpu`: let in besides.

    Raises: SandboxUnavailableError where a tool is missing; KernelStartError.
    """
    if tier == "portable":
        return _on_the_host(gpu)
    own = tuple(rules.scratch(limits))
    is_nested = tier == "strong"
    walls = bwrap.walls_of_zygote(OWN_LIMITS if is_nested else limits, nested=is_nested, gpu=gpu)
    environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin")}
    return Place(walls, bwrap.INSIDE, environment, bwrap.HOME, own)


def _on_the_host(gpu: Gpu | None) -> Place:
    user = bwrap.ordinary_id() if os.geteuid() == 0 else None
    folder = folders.made(folders.passable())
    own = (folder / "home", folder / "tmp")
    for path in own:
        path.mkdir(mode=0o700)
    if user is not None:
        for path in (*folder.iterdir(), folder):
            os.chown(path, user, user)
    home, temporary = map(str, own)
    environment = bwrap.environment(home, temporary, gpu)
    return Place([], str(bwrap.INKERNEL), environment, home, (home, temporary), user, folder)


def start(place: Place, line: list[str], descriptor: int, errors: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start a zygote there, which inherits one descriptor; raises KernelStartError, and then leaves no folder."""
    try:
        return subprocess.Popen(
            [*place.command, *line],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env=place.environment,
            cwd="/",
            pass_fds=(descriptor,),
            start_new_session=True,
            user=place.user,
            group=place.user,
            extra_groups=None if place.user is None else [],
        )
    except OSError as error:
        if place.folder is not None:
            shutil.rmtree(place.folder, ignore_errors=True)
        raise KernelStartError(_why_not_started(error, place.user)) from error


def launcher(folder: str, descriptor: int) -> list[str]:
    """The command that serves kernels; isolated from the folder that it is started in."""
    return [bwrap.PYTHON, "-P", f"{folder}/launch.py", str(descriptor)]


def _why_not_started(error: OSError, user: int | None) -> Text:
    if isinstance(error, PermissionError) and user is not None:
        return say(
            "{python} cannot be run by an ordinary user, whom root becomes before it runs student code: "
            "install Python where everybody may read, or run the grader as an ordinary user.",
            python=bwrap.PYTHON,
        )
    return say("The kernel could not be started: {error}.", error=str(error))
