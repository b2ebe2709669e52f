"""What on this machine keeps a tier from working, and what to install or to set; asked by `grade doctor`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from grader.errors import SandboxUnavailableError
from grader.model.text import Text, say
from grader.sandbox import rules, seccomp

LEAST_BUBBLEWRAP = (0, 8)
CONTAINERS = ("/.dockerenv", "/run/.containerenv")
FORBIDDING = {
    "kernel.unprivileged_userns_clone": ("0", "1"),
    "user.max_user_namespaces": ("0", "10000"),
    "kernel.apparmor_restrict_unprivileged_userns": ("1", "0"),
}
"""Settings of the system: the value that forbids user namespaces, and one that allows them. Source: Debian's and
Ubuntu's kernels, and user_namespaces(7)."""


def remedies(tier: str) -> tuple[Text, ...]:
    """What would help a tier that does not work here; never empty."""
    if not sys.platform.startswith("linux"):
        return (say("Walls need Linux: use a Linux server, a virtual machine or a container."),)
    found = _libseccomp()
    if tier != "strong":
        found += _landlock()
    if tier != "portable":
        found += _bubblewrap() + _namespaces()
    return tuple(found) or (say("Nothing that is known stands in the way: report what it said above."),)


def bubblewrap_version() -> str | None:
    """Of the `bwrap` that would be used; None where there is none."""
    tool = shutil.which("bwrap")
    if tool is None:
        return None
    said = subprocess.run([tool, "--version"], capture_output=True, text=True, check=False).stdout
    return said.strip().rpartition(" ")[2] or "?"


def _bubblewrap() -> list[Text]:
    version = bubblewrap_version()
    found: list[Text] = []
    if version is None or tuple(map(int, re.findall(r"\d+", version)[:2])) < LEAST_BUBBLEWRAP:
        found.append(
            say("Install bubblewrap 0.8 or newer: `apt install bubblewrap` or `dnf install bubblewrap`.")
        )
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        found.append(say("Install setpriv, which root needs: `apt install util-linux`."))
    return found


def _libseccomp() -> list[Text]:
    try:
        seccomp.program("strong", scoped=True)
    except SandboxUnavailableError:
        return [say("Install libseccomp: `apt install libseccomp2`, and `pip install pyseccomp`.")]
    return []


def _landlock() -> list[Text]:
    if rules.landlock_version():
        return []
    return [say("Use Linux 5.13 or newer with Landlock: `landlock` must be in /sys/kernel/security/lsm.")]


def _namespaces() -> list[Text]:
    found = [
        say(
            "{setting} is {value}, which forbids user namespaces: let root run `sysctl -w {setting}={other}`.",
            setting=setting,
            value=value,
            other=other,
        )
        for setting, (value, other) in FORBIDDING.items()
        if _value(setting) == value
    ]
    if any(Path(mark).exists() for mark in CONTAINERS):
        found.append(
            say(
                "This is a container: start it with `docker run --security-opt seccomp=unconfined --security-opt "
                "apparmor=unconfined --security-opt systempaths=unconfined` to allow user namespaces."
            )
        )
    elif not found and _is_filtered():
        found.append(
            say("A system call filter around this process may forbid user namespaces: run it outside.")
        )
    return found


def _value(setting: str) -> str | None:
    try:
        return Path("/proc/sys", *setting.split(".")).read_text(encoding="ascii").strip()
    except OSError:
        return None


def _is_filtered() -> bool:
    return "Seccomp:\t2" in Path("/proc/self/status").read_text(encoding="utf-8")
