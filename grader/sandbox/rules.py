"""What kernels of each tier are told to confine themselves to: limits, Landlock's rules, scratch folders, signals."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from grader.model.rubric import Limits
from grader.sandbox import bwrap, seccomp
from grader.sandbox.gpus import ABOUT_THE_DRIVER, Gpu

SHARED = ("mid", "portable")
"""Tiers whose kernels have no namespaces of their own, and take turns in the same scratch folders."""
SCOPES_SINCE = 6
"""The version of Landlock that keeps signals from leaving. Source: the kernel's documentation of Landlock."""
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
ABOUT_THE_MACHINE = ("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/loadavg", "/proc/version")


def landlock_version() -> int:
    """Of the running kernel; 0 where there is no Landlock."""
    if not sys.platform.startswith("linux"):
        return 0
    import landlockpy

    try:
        return landlockpy.abi_version()
    except landlockpy.LandlockError:
        return 0


def scopes_signals() -> bool:
    """Whether Landlock keeps signals from leaving; where it does not, the system call filter must."""
    return landlock_version() >= SCOPES_SINCE


def scratch(limits: Limits) -> dict[str, int]:
    """Folders that are a kernel's own behind bubblewrap, and the bytes that each may hold."""
    return {bwrap.HOME: limits.disk_bytes, "/tmp": limits.disk_bytes, "/dev/shm": bwrap.DEV_SHM_BYTES}  # noqa: S108


def confinement(tier: str, limits: Limits, own: tuple[str, ...], gpu: Gpu | None = None) -> dict[str, Any]:
    """The part of a kernel's specification that says how to confine it; `own`: its scratch folders."""
    return {
        "namespaces": scratch(limits) if tier == "strong" else None,
        "kept": _covered_folders(limits) if tier == "strong" else [],
        "supervised": {
            "folders": own,
            "sized": tier == "mid",
            "bytes": limits.disk_bytes * len(own),
            "files": limits.files,
        },
        "landlock": _landlock(tier, own, gpu),
        "signals": None if tier not in SHARED or scopes_signals() else seccomp.STANDING_FOR,
        "terminals": tier != "portable",
    }


def filter_of(tier: str) -> bytes:
    """The system call filter of a tier, as BPF; raises SandboxUnavailableError."""
    return seccomp.program(tier, scoped=tier not in SHARED or scopes_signals())


def rlimits(limits: Limits, tier: str, *, has_gpu: bool = False) -> dict[str, int | bool | None]:
    """What `inkernel.confine` sets; processes are counted per user, so without walls only a wide bound is set."""
    return {
        "memory_bytes": limits.memory_bytes,
        "address_space": not has_gpu,
        "file_bytes": limits.disk_bytes,
        "processes": limits.processes if tier != "none" else None,
        "beside_others": tier in SHARED,
    }


def _landlock(tier: str, own: tuple[str, ...], gpu: Gpu | None) -> dict[str, Any]:
    rules: dict[str, Any] = {
        "required": tier != "strong",
        "scoped": scopes_signals(),
        "network": tier != "portable",
        "self": tier == "portable",
        "own": own,
        "devices": DEVICES,
        "gpu": [] if gpu is None else list(gpu.nodes),
    }
    if tier != "portable":  # what is not to be seen is not there
        return rules | {"read": ["/"], "list": [], "terminals": ["/dev/pts", "/dev/ptmx"]}
    read, listed = _without_the_package()
    if gpu is not None:
        read += [*ABOUT_THE_DRIVER, *gpu.folders]
    return rules | {"read": read, "list": listed, "terminals": []}


def _without_the_package() -> tuple[list[str], list[str]]:
    """What Python needs without this package, which may lie among the libraries; and folders to be listed."""
    read = [
        *bwrap.LINKS,
        *bwrap.SYSTEM[1:],
        str(bwrap.INKERNEL),
        "/sys/devices/system/cpu",
        *ABOUT_THE_MACHINE,
    ]
    listed: list[str] = []
    package = bwrap.INKERNEL.parent
    for folder in (Path(bwrap.SYSTEM[0]), *bwrap.library_folders()):
        if not package.is_relative_to(folder):
            read.append(str(folder))
            continue
        for place in [p for p in reversed(package.parents) if p.is_relative_to(folder)]:
            listed.append(str(place))
            read += [
                str(entry)
                for entry in place.iterdir()
                if not entry.is_symlink() and not package.is_relative_to(entry)
            ]
    return read, listed


def _covered_folders(limits: Limits) -> list[str]:
    """Folders of Python's libraries that lie in a scratch folder: the grader may be installed in /tmp."""
    return [
        str(folder)
        for folder in bwrap.library_folders()
        if any(folder.is_relative_to(private) for private in scratch(limits))
    ]
