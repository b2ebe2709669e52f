"""What a command costs as a whole: CPU of all its processes, wall time, peak memory. Used by the other benchmarks.

A forked kernel is not waited for by the one that started the command, so that `time` and `getrusage` miss it:
the clock of every process of the tree is read 50 times a second instead, and its last reading counts. What is missed
is the time between a process's last reading and its end; where the system's own account of the waited-for processes
is larger, that is taken.
"""

from __future__ import annotations

import os
import re
import resource
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

TICK_S = 0.02
TREE_S = 0.1
"""Between two searches for new processes."""
MEMORY_S = 0.5
"""Adding up the memory of a process takes the system milliseconds: done less often."""
_PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


class Cost(NamedTuple):
    """What one command took."""

    cpu_s: float
    wall_s: float
    peak_bytes: int
    """Of all its processes together, shared pages counted once."""
    code: int


def cpu_of(pid: int) -> float:
    """CPU seconds of a process so far, all threads; raises OSError when it is gone.

    Source: linux/posix-timers_types.h, MAKE_PROCESS_CPUCLOCK: the clock of process `pid`.
    """
    return time.clock_gettime((~pid << 3) | 2)


def memory_of(pid: int) -> int:
    """Bytes of a process, shared pages divided among those who share them; 0 when it is gone."""
    try:
        found = _PSS.search(Path(f"/proc/{pid}/smaps_rollup").read_text())
    except OSError:
        return 0
    return int(found[1]) << 10 if found else 0


def descendants(pid: int) -> list[int]:
    """A process and all that came of it and is still alive; those that lost their parent are missing."""
    found = [pid]
    for parent in found:
        try:
            for task in os.listdir(f"/proc/{parent}/task"):
                with open(f"/proc/{parent}/task/{task}/children", encoding="ascii") as stream:
                    found += [int(child) for child in stream.read().split()]
        except OSError:
            continue
    return found


class Watch:
    """Looks at a process and its descendants until it is told to stop."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.cpu: dict[int, float] = {}
        self.peak_bytes = 0
        self._alive: set[int] = {pid}
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        """End; returns the CPU seconds that were seen."""
        self._stopped.set()
        self._thread.join()
        return sum(self.cpu.values())

    def _look(self) -> None:
        tree_at = memory_at = 0.0
        while not self._stopped.wait(TICK_S):
            now = time.monotonic()
            if now >= tree_at:
                self._alive |= {child for pid in self._alive for child in descendants(pid)}
                tree_at = now + TREE_S
            for pid in list(self._alive):
                try:
                    self.cpu[pid] = cpu_of(pid)
                except OSError:
                    self._alive.discard(pid)
            if now >= memory_at:
                self.peak_bytes = max(self.peak_bytes, sum(memory_of(pid) for pid in self._alive))
                memory_at = now + MEMORY_S


def measure(command: Sequence[str], *, cwd: Path, env: Mapping[str, str], log: Path) -> Cost:
    """Run a command to its end and say what it took; its output is appended to `log`."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    with log.open("ab") as stream:
        process = subprocess.Popen(
            command, cwd=cwd, env=dict(env), stdin=subprocess.DEVNULL, stdout=stream, stderr=stream
        )
        watch = Watch(process.pid)
        try:
            code = process.wait()
        finally:
            process.kill()
            seen_s = watch.stop()
    wall_s = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    waited_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(max(seen_s, waited_s), wall_s, watch.peak_bytes, code)


def spread(values: Sequence[float], digits: int = 1) -> str:
    """`median (least to most)`."""
    ordered = sorted(values)
    return f"{median(ordered):.{digits}f} ({ordered[0]:.{digits}f} to {ordered[-1]:.{digits}f})"


def machine() -> str:
    """Cores and processor, for the head of a table."""
    models = re.findall(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return f"{len(os.sched_getaffinity(0))} cores ({models[0] if models else 'unknown'})"
