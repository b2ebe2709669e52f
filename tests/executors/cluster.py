"""A Dask cluster of separate processes of this machine, and how to see that nothing of it is left."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from distributed import Client

from tests.conftest import ROOT
from tests.executors.test_local import is_alive
from tests.pipeline.test_run import processes_of

LOOPBACK = "127.0.0.1"


def wait_until(true: Callable[[], bool]) -> None:
    """Waits as long as a slow machine needs; the test's own time limit ends it."""
    while not true():
        time.sleep(0.2)


def below(pids: set[int]) -> set[int]:
    """All processes that these started, and those started, and so on."""
    children: dict[int, set[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
            if state != "Z":
                children.setdefault(int(parent), set()).add(int(stat.parent.name))
    found: set[int] = set()
    while pids:
        pids = set().union(*(children.get(pid, set()) for pid in pids)) - found
        found |= pids
    return found


def still(pids: set[int]) -> set[int]:
    """Those that have not ended."""
    return {pid for pid in pids if is_alive(pid)}


def is_tracker(pid: int) -> bool:
    """Whether it is Python's own, which a worker starts once and keeps."""
    try:
        return b"resource_tracker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False


class SmallCluster:
    """A scheduler, and workers that are added by and by; all of their temporary files are in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "scheduler.json"
        folder.mkdir()
        self.scratch = Path(tempfile.mkdtemp(prefix="dask-"))  # the path of a socket must be short
        self._marker = f"GRADE_TEST_CLUSTER={folder}-{os.getpid()}"
        self._started: list[subprocess.Popen[bytes]] = []
        self._idle: set[int] = set()

    def __enter__(self) -> Self:
        self.scheduler = self._start(
            "scheduler", "--host", LOOPBACK, "--port", "0", "--scheduler-file", str(self.file)
        )
        wait_until(self.file.exists)
        self.address = str(json.loads(self.file.read_text())["address"])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        kernels = below({process.pid for process in self._started})
        for process in reversed(self._started):
            process.terminate()
            process.wait()
        deadline = time.monotonic() + 30
        while (left := self.processes() | still(kernels)) and time.monotonic() < deadline:
            time.sleep(0.05)
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        leftovers = self.leftovers()
        shutil.rmtree(self.scratch)
        assert not left
        assert leftovers == []

    def worker(
        self, *, threads: int = 1, nanny: bool = False, environment: dict[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """A worker process, which is there when the scheduler knows it."""
        return self._start(
            "worker",
            self.address,
            *("--host", LOOPBACK, "--nthreads", str(threads), "--memory-limit", "0"),
            *("--local-directory", str(self.folder)),
            *([] if nanny else ["--no-nanny"]),
            environment=environment,
        )

    def processes(self) -> set[int]:
        """All processes of this cluster but kernels, whose environment is their own; those without a parent too."""
        return processes_of(self._marker)

    def wait_for(self, workers: int) -> None:
        """Wait until the scheduler knows as many workers; what runs then is there without any job."""
        with Client(self.address, set_as_default=False) as client:
            client.wait_for_workers(workers)
        self._idle = below({process.pid for process in self._started})

    def busy(self) -> set[int]:
        """What runs on behalf of jobs: all that workers started for them, kernels included."""
        return {pid for pid in below({p.pid for p in self._started}) - self._idle if not is_tracker(pid)}

    def leftovers(self) -> list[Path]:
        """Temporary files."""
        return [path for path in self.scratch.iterdir() if path.name.startswith("grade-")]

    def _start(self, *words: str, environment: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
        name, _, value = self._marker.partition("=")
        own = {name: value, "TMPDIR": str(self.scratch), "OMP_NUM_THREADS": "1", **(environment or {})}
        path = os.pathsep.join(filter(None, [own.get("PYTHONPATH"), str(ROOT)]))
        with (self.folder / f"log{len(self._started)}").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", *words, "--no-dashboard"],
                env={**os.environ, **own, "PYTHONPATH": path},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._started.append(process)
        return process
