from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.executors.capacity import Capacity, capacity, job_bytes
from tests.course import write

GB = 10**9


def machine(folder: Path, *, available: int = 64 * GB, groups: str = "0::/") -> Path:
    write(folder / "proc/meminfo", f"MemTotal: 99999999 kB\nMemAvailable: {available // 1024} kB\n")
    write(folder / "proc/self/cgroup", groups + "\n")
    return folder


@pytest.fixture(autouse=True)
def eight_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)


def test_cores_that_the_process_may_use_are_counted(tmp_path: Path) -> None:
    assert capacity(GB, root=machine(tmp_path)).jobs == 8


def test_short_memory_gives_fewer_jobs_but_one(tmp_path: Path) -> None:
    found = capacity(GB, root=machine(tmp_path, available=3 * GB + 5000))
    assert (found.jobs, found.cores) == (3, 8)
    assert capacity(GB, root=machine(tmp_path, available=GB // 2)).jobs == 1


def test_what_all_jobs_share_is_taken_away_once(tmp_path: Path) -> None:
    root = machine(tmp_path, available=5 * GB + 5000)
    assert [capacity(GB, shared, root=root).jobs for shared in (0, 2 * GB, 9 * GB)] == [5, 3, 1]


def test_machine_that_does_not_tell_its_memory_gets_a_job_a_core(tmp_path: Path) -> None:
    assert capacity(GB, root=tmp_path) == Capacity(cores=8, memory_bytes=None, job_bytes=GB)
    assert capacity(GB, root=tmp_path).jobs == 8


@pytest.mark.parametrize(
    ("quota", "cores"), [("150000 100000", 2), ("max 100000", 8), ("1000 100000", 1), ("9900000 100000", 8)]
)
def test_quota_of_the_group_or_of_one_above_counts(tmp_path: Path, quota: str, cores: int) -> None:
    root = machine(tmp_path, groups="0::/a/b")
    write(root / "sys/fs/cgroup/a/b/cpu.max", "max 100000\n")
    write(root / "sys/fs/cgroup/a/cpu.max", quota + "\n")
    assert capacity(GB, root=root).cores == cores


def test_memory_left_in_the_group_counts_and_file_cache_is_free(tmp_path: Path) -> None:
    root = machine(tmp_path, groups="0::/a")
    write(root / "sys/fs/cgroup/a/memory.max", f"{5 * GB}\n")
    write(root / "sys/fs/cgroup/a/memory.current", f"{3 * GB}\n")
    write(root / "sys/fs/cgroup/a/memory.stat", f"anon {2 * GB}\ninactive_file {GB}\n")
    assert capacity(GB, root=root).memory_bytes == 3 * GB


def test_groups_of_the_first_version_count_too(tmp_path: Path) -> None:
    root = machine(tmp_path, groups="4:memory:/a\n1:cpu,cpuacct:/a\n0::/")
    write(root / "sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "300000\n")
    write(root / "sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000\n")
    write(root / "sys/fs/cgroup/memory/a/memory.limit_in_bytes", f"{2 * GB}\n")
    write(root / "sys/fs/cgroup/memory/a/memory.usage_in_bytes", f"{GB}\n")
    found = capacity(GB, root=root)
    assert (found.cores, found.memory_bytes) == (3, GB)


def test_this_machine_bears_at_least_one_job() -> None:
    assert capacity(job_bytes(2)).jobs >= 1


def test_each_set_of_preloaded_modules_costs_memory() -> None:
    assert job_bytes(0) == job_bytes(1) < job_bytes(2) < job_bytes(3)
