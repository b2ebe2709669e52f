"""How many jobs this machine bears at a time: as many as there are cores, fewer when memory is short."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path

WORKER_BYTES = 80_000_000
"""One job's processes on our side. Source: private memory while a notebook ran, 25 MB of the worker's and 46 MB of
the process that talks to its kernel."""
KERNEL_BYTES = 60_000_000
"""What a kernel adds to the warm process that it was forked from. Source: as above, 40 MB after `import torch`."""
WARM_BYTES = 300_000_000
"""A warm process. One for each set of preloaded modules is there for all places, where kernels have walls each of
their own; in the tiers `mid` and `portable` every place keeps its own. Source: as above, 260 MB."""
STUDENT_BYTES = 200_000_000
"""What a notebook may take for itself before memory becomes short. Source: a choice; most take far less."""


@dataclass(frozen=True)
class Capacity:
    """What a machine, or one part of it that was given to us, bears."""

    cores: int
    memory_bytes: int | None
    """Free for us; None where nobody knows."""
    job_bytes: int
    """What one job is expected to take."""
    shared_bytes: int = 0
    """What all jobs together are expected to take, however few they are."""

    @property
    def jobs(self) -> int:
        """Jobs at a time; one even where memory is too short for one."""
        if self.memory_bytes is None:
            return self.cores
        return max(1, min(self.cores, (self.memory_bytes - self.shared_bytes) // self.job_bytes))


def capacity(job_bytes: int, shared_bytes: int = 0, *, root: Path = Path("/")) -> Capacity:
    """What this process may use of this machine now. `root` is where `proc` and `sys` are."""
    quotas = [quota for quota in (_quota(root), len(_affinity())) if quota is not None]
    known = [free for free in (_available(root), _left_in_group(root)) if free is not None]
    return Capacity(max(1, min(quotas)), min(known, default=None), job_bytes, shared_bytes)


def job_bytes(preloads: int) -> int:
    """What one place takes that serves `preloads` different sets of modules with warm processes of its own."""
    return WORKER_BYTES + KERNEL_BYTES + STUDENT_BYTES + warm_bytes(preloads)


def warm_bytes(preloads: int) -> int:
    """What warm processes take for `preloads` different sets of preloaded modules."""
    return WARM_BYTES * max(1, preloads)


def _affinity() -> set[int]:
    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set(range(os.cpu_count() or 1))


def _available(root: Path) -> int | None:
    for line in _read(root / "proc/meminfo").splitlines():
        name, _, value = line.partition(":")
        if name == "MemAvailable":
            return int(value.split()[0]) * 1024
    return None


def _groups(root: Path, controller: str) -> list[Path]:
    """Folders of this process's control group and of those above it, where the controller may be."""
    found = []
    for line in _read(root / "proc/self/cgroup").splitlines():
        number, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            top = root / "sys/fs/cgroup" / controller
        elif number == "0":
            top = root / "sys/fs/cgroup"
        else:
            continue
        parts = [part for part in path.split("/") if part not in ("", "..")]
        found += [top.joinpath(*parts[:end]) for end in range(len(parts), -1, -1)]
    return found


def _quota(root: Path) -> int | None:
    """Cores of the tightest CPU quota, rounded up; None without any."""
    found = []
    for group in _groups(root, "cpu"):
        quota, _, period = _read(group / "cpu.max").strip().partition(" ")
        if not quota:
            quota = _read(group / "cpu.cfs_quota_us").strip()
            period = _read(group / "cpu.cfs_period_us").strip()
        if quota.isdecimal() and period.isdecimal():
            found.append(max(1, math.ceil(int(quota) / int(period))))
    return min(found, default=None)


def _left_in_group(root: Path) -> int | None:
    """Bytes until the tightest memory limit; None without any. File cache counts as free: it yields."""
    found = []
    for group in _groups(root, "memory"):
        for limit, usage in (
            ("memory.max", "memory.current"),
            ("memory.limit_in_bytes", "memory.usage_in_bytes"),
        ):
            most, used = _read(group / limit).strip(), _read(group / usage).strip()
            if most.isdecimal() and used.isdecimal():
                found.append(max(0, int(most) - int(used) + _cache(group)))
    return min(found, default=None)


def _cache(group: Path) -> int:
    for line in _read(group / "memory.stat").splitlines():
        name, _, value = line.partition(" ")
        if name in ("inactive_file", "total_inactive_file"):
            return int(value)
    return 0


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
