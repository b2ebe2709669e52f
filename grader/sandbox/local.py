"""A kernel without walls on the user's own machine, whatever its system: for a student's own notebook.

It is started by jupyter_client, in a folder of its own that is removed at the end, as in grading: a notebook that reads
files of the machine shows it here. Judging stays outside of it. What it may take of memory is not limited.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.connect import write_connection_file
from jupyter_client.launcher import launch_kernel

from grader.errors import KernelStartError
from grader.model.execution import CellRun, Execution
from grader.model.probe import Observation, Probe
from grader.model.rubric import Limits
from grader.model.text import say
from grader.sandbox import folders
from grader.sandbox.handle import END_S, Handle
from grader.sandbox.interface import LOCAL, device_name, no_device
from grader.sandbox.listener import Listener

START_S = 120.0
POLL_S = 0.02
LAUNCH = Path(__file__).parent.parent / "inkernel" / "launch.py"


class LocalProcess(Handle):
    """A kernel's process on any system."""

    def __init__(self, process: subprocess.Popen[bytes], connection: dict[str, Any]) -> None:
        self.address, self.tier = connection["ip"], LOCAL
        self._process, self._connection = process, connection

    def connection(self, key: str) -> dict[str, Any]:
        """As jupyter_client wrote it, with the ports that it chose."""
        return {**self._connection, "key": key.encode()}

    def alive(self) -> bool:
        """Whether the kernel still runs."""
        return self._process.poll() is None

    def interrupt(self) -> None:
        """As Jupyter does it on this system."""
        if not self.alive():
            return
        if sys.platform == "win32":
            from jupyter_client.win_interrupt import send_interrupt

            send_interrupt(self._process.win32_interrupt_event)
        else:
            self._process.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """End the kernel, and wait until it has ended."""
        if self.alive():
            self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(END_S)

    def close(self) -> None:
        """End it: nobody else clears it away."""
        self.kill()


class LocalKernel:
    """A live kernel on this machine; use from one thread, without a running event loop."""

    def __init__(self, listener: Listener, told_ready: dict[str, Any]) -> None:
        self._listener = listener
        self.no_gpu = no_device(told_ready)
        self.gpu_name = device_name(told_ready)

    def execute(self, notebook: str, hear: Callable[[int | CellRun], None] = lambda _: None) -> Execution:
        """Run all code cells of a notebook; `hear` gets each cell's index as it begins, and how it went."""
        return self._listener.execute(notebook, hear)

    def ask(self, probe: Probe) -> Observation:
        """Put one probe; a kernel that has ended answers `kernel_died`."""
        [observation] = self._listener.ask((probe,))
        return observation

    def ask_together(self, probes: Sequence[Probe]) -> list[Observation]:
        """Put probes in one request; as many answers as came, and what became of the first that did not."""
        return self._listener.ask(probes)


@contextmanager
def open_local_kernel(limits: Limits, more: dict[str, Any]) -> Iterator[LocalKernel]:
    """A fresh kernel, ended when the context is left; `more` has `seed`, `gpu`, `shorten` and `pictures`.

    Raises KernelStartError when the kernel does not come up.
    """
    key = secrets.token_hex(32)
    with folders.temporary(tempfile.gettempdir()) as place:
        (place / "notebook").mkdir()
        process = _started(place, key, more)
        try:
            told = _wait(process, place)
            listener = Listener(process, key, limits)
        except BaseException:
            process.kill()
            raise
        try:
            listener.connect()
            yield LocalKernel(listener, told)
        finally:
            listener.disconnect()


def _started(place: Path, key: str, more: dict[str, Any]) -> LocalProcess:
    file, connection = write_connection_file(str(place / "connection.json"), ip="127.0.0.1", key=key.encode())
    command = [sys.executable, "-P", str(LAUNCH), "plain", file, str(place / "ready.json"), json.dumps(more)]
    with (place / "said").open("wb") as said:
        process = launch_kernel(
            command,
            cwd=str(place / "notebook"),
            stdout=said.fileno(),
            stderr=said.fileno(),
            env=_environment(),
        )
    return LocalProcess(process, dict(connection))


def _environment() -> dict[str, str]:
    """The user's own, without what would colour outputs or steer the kernel."""
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONSTARTUP", "FORCE_COLOR")}


def _wait(process: LocalProcess, place: Path) -> dict[str, Any]:
    """What the kernel says once it listens."""
    deadline = time.monotonic() + START_S
    ready = place / "ready.json"
    while not ready.exists():
        if not process.alive() or time.monotonic() > deadline:
            said = (place / "said").read_text("utf-8", "replace").strip()
            raise KernelStartError(
                say("The kernel did not start: {words}", words=said[-2000:] or say("it said nothing"))
            )
        time.sleep(POLL_S)
    found: dict[str, Any] = json.loads(ready.read_text("utf-8"))
    return found
