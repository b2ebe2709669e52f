"""Walls with holes (`python -m tests.sandbox.breaking TIER HOLE`): prints what the trial of a tier says about one."""

import contextlib
import sys
from unittest import mock

from grader.sandbox import bwrap, rules, seccomp, selftest

ALLOWS_ALL = bytes.fromhex("060000000000ff7f")
"""A filter of one instruction: allow."""


def replaced(module, name, change):
    real = getattr(module, name)
    return mock.patch.object(module, name, lambda *args, **more: change(real(*args, **more)))


def without(*words):
    return lambda line: [word for word in line if word not in words]


HOLES = {
    "none": contextlib.nullcontext,
    "all system calls": lambda: replaced(rules, "filter_of", lambda _: ALLOWS_ALL),
    "calls of another tier": lambda: replaced(
        rules, "filter_of", lambda _: seccomp.program("mid", scoped=True)
    ),
    "the host's network": lambda: replaced(bwrap, "walls_of_zygote", without("--unshare-net")),
    "the host's processes": lambda: replaced(bwrap, "walls_of_zygote", without("--unshare-pid")),
    "the host's files": lambda: replaced(
        bwrap, "_system", lambda line: [*line, "--ro-bind", "/etc/passwd", "/etc/passwd"]
    ),
    "files to read": lambda: replaced(rules, "_landlock", lambda old: old | {"read": ["/"]}),
    "files to write": lambda: replaced(rules, "_landlock", lambda old: old | {"own": ["/"]}),
    "signals": lambda: replaced(rules, "_landlock", lambda old: old | {"scoped": False}),
    "an old Landlock": lambda: mock.patch.object(rules, "landlock_version", return_value=4),
}

if __name__ == "__main__":
    with HOLES[sys.argv[2]]():
        print(selftest.weakness(sys.argv[1]))
