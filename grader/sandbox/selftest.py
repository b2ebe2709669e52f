"""Proves the walls before anybody stands behind them: attempts from within that must all fail."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import reduce
from typing import Any

import grader
from grader.errors import KernelStartError, SandboxUnavailableError
from grader.model.rubric import Limits
from grader.model.text import Text, say
from grader.sandbox import folders
from grader.sandbox.gpus import Gpu
from grader.sandbox.process import KernelProcess
from grader.sandbox.zygote import SAID, KernelSource

TRIAL_S = 20.0
END_S = 2.0


_KNOWN = {
    "no namespaces inside bubblewrap's can be made": say("no namespaces can be made inside bubblewrap's"),
    "landlockpy.errors.UnsupportedError": say("this Linux has no Landlock"),
}
"""Our words for what a kernel that could not start may say last."""


def weakness(tier: str, *, zygote: KernelSource | None = None, gpu: Gpu | None = None) -> Text | None:
    """What got through the walls of a tier; None when they held. `gpu`: let in through them."""
    try:
        with (
            _planted() as (targets, outside),
            KernelProcess(tier, Limits(), more={"trial": targets}, zygote=zygote, gpu=gpu) as process,
        ):
            found = process.wait_for("tried", timeout_s=TRIAL_S)["found"]
            seen_outside = outside(found["signalled"])
    except (KernelStartError, SandboxUnavailableError) as error:
        return _cause(error)
    return _all_of(
        *(say("{path} could be read", path=path) for path in found["read"]),
        *(say("{path} could be written to", path=path) for path in found["wrote"]),
        *(say("the {name} listener could be reached", name=name) for name in found["connected"]),
        *(say("a process outside could be seen ({name})", name=name) for name in found["saw"]),
        *([say("a file outside could be changed")] if found["changed"] else []),
        *seen_outside,
        *([say("a user namespace could be made")] if found["unshared"] else []),
        *([say("it ran as root")] if found["uid"] == 0 else []),
        *(
            say("{name} is in its environment", name=name)
            for name in found["environment"]
            if name == _SECRET_VARIABLE
        ),
        *_wrong_status(found["status"]),
    )


def _all_of(*breaches: Text) -> Text | None:
    if not breaches:
        return None
    return reduce(lambda before, one: say("{before}; {one}", before=before, one=one), breaches)


def _cause(error: Exception) -> Text:
    """The cause, without the way that led to it; what is not of our writing is quoted as it is."""
    if error.args and isinstance(error.args[0], Text):
        return error.args[0]
    last = str(error).rpartition(SAID)[2].strip().splitlines()[-1]
    return next((words for sign, words in _KNOWN.items() if sign in last), say("{quoted}", quoted=last))


_SECRET_VARIABLE = "GRADE_TRIAL_SECRET"  # noqa: S105 - a name


def _wrong_status(status: dict[str, str]) -> list[Text]:
    wanted = {"CapEff": "0" * 16, "NoNewPrivs": "1", "Seccomp": "2"}
    return [
        say("{name} is {value}", name=name, value=str(status.get(name)))
        for name, value in wanted.items()
        if status.get(name) != value
    ]


@contextmanager
def _planted() -> Iterator[tuple[dict[str, Any], Callable[[bool], list[Text]]]]:
    """A secret, a writable folder, listeners, a process and a variable that must not be reached.

    With them comes a function that says what happened to them as seen from here.
    """
    marker = secrets.token_hex(12)
    # It stays: other threads try walls, or copy the environment, at the same time.
    os.environ.setdefault(_SECRET_VARIABLE, marker)
    with (
        folders.temporary(folders.passable()) as folder,
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_UNIX) as abstract,
        socket.socket(socket.AF_UNIX) as named,
        _bystander(marker) as bystander,
    ):
        folder.chmod(0o777)
        secret = folder / "secret"
        secret.write_text(marker)
        os.utime(secret, (1, 1))
        abstract.bind(f"\0grade-{marker}")
        named.bind(f"{folder}/socket")
        (folder / "socket").chmod(0o777)
        for listener in (abstract, named):
            listener.listen()

        def outside(signalled: bool) -> list[Text]:
            changed = secret.read_text() != marker or secret.stat().st_mtime != 1
            return [
                *([say("a file outside was changed")] if changed else []),
                *([say("a process outside could be killed")] if signalled and _is_ended(bystander) else []),
            ]

        targets = {
            "read": [str(secret), str(folder), grader.__file__, "/etc/passwd"],
            "write": [str(folder), "/", "/usr", "/dev", "/run"],
            "connect": {
                "tcp": tcp.getsockname()[1],
                "abstract": f"\0grade-{marker}",
                "named": f"{folder}/socket",
            },
            "marker": marker,
            "bystander": bystander.pid,
        }
        yield targets, outside


@contextmanager
def _bystander(marker: str) -> Iterator[subprocess.Popen[bytes]]:
    line = [sys.executable, "-I", "-S", "-c", "import sys; sys.stdin.read()", marker]
    with subprocess.Popen(
        line, stdin=subprocess.PIPE, env={**os.environ, _SECRET_VARIABLE: marker}
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _is_ended(process: subprocess.Popen[bytes]) -> bool:
    """Whether a signal that was taken for it ends it."""
    try:
        process.wait(END_S)
    except subprocess.TimeoutExpired:
        return False
    return True
