"""What a command costs as a whole: CPU of all its processes, wall time, peak memory. Used by the other benchmarks.

A forked kernel is not waited for by the one that started the command, so that `time` and `getrusage` miss it:
the clock of every process of the tree is read up to 50 times a second instead, its last reading counts. What is missed
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

CLOCKS_S, TREE_S, MEMORY_S = 0.02, 0.1, 0.5
"""Between two readings of the clocks, two searches for new processes, two sums of their memory, at least."""
REST = 50
"""Times as long as something took until it is done again: watching takes a core from what is watched."""
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


def descendants(*pids: int) -> list[int]:
    """Processes and all that came of them and is still alive; those that lost their parent are missing."""
    found = dict.fromkeys(pids)
    waiting = list(pids)
    while waiting:
        parent = waiting.pop()
        try:
            for task in os.listdir(f"/proc/{parent}/task"):
                with open(f"/proc/{parent}/task/{task}/children", encoding="ascii") as stream:
                    children = [int(child) for child in stream.read().split()]
                waiting += [child for child in children if child not in found]
                found |= dict.fromkeys(children)
        except OSError:
            continue
    return list(found)


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
        """Each of the three in its time, and none so often that it would count."""
        every = ((self._read_clocks, CLOCKS_S), (self._search, TREE_S), (self._add_up, MEMORY_S))
        due = {look: 0.0 for look, _ in every}
        while not self._stopped.wait(CLOCKS_S):
            for look, least_s in every:
                if time.monotonic() >= due[look]:
                    before = time.thread_time()
                    look()
                    due[look] = time.monotonic() + max(least_s, REST * (time.thread_time() - before))

    def _read_clocks(self) -> None:
        for pid in list(self._alive):
            try:
                self.cpu[pid] = cpu_of(pid)
            except OSError:
                self._alive.discard(pid)

    def _search(self) -> None:
        self._alive |= set(descendants(*self._alive))

    def _add_up(self) -> None:
        self.peak_bytes = max(self.peak_bytes, sum(memory_of(pid) for pid in self._alive))


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
