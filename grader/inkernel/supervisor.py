"""Holds one kernel together where it has no pid namespace of its own.

`supervise` forks once and returns only in the process that is to become the kernel. The supervisor reaps the kernel's
orphans, so that all of a kernel's processes descend from it; it ends them when the kernel ends, when the scratch
folders hold too much, or when the zygote is gone. Student code can't send it a signal.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

from . import calls, namespaces, scratch, sweeping

TICK_S = 0.1


def supervise(
    supervised: dict[str, Any], started: Callable[[int], None], exceeded: Callable[[str], None], kept: int
) -> None:
    """Fork the kernel; `started` gets a pidfd of the supervisor. `supervised`: what `scratch.Watch` takes.

    `exceeded` is told in one word of which limit the kernel was ended for; `kept` is the one descriptor that it needs.
    """
    zygote = os.getppid()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD, signal.SIGTERM})
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    calls.prctl(calls.PR_SET_CHILD_SUBREAPER, 1)
    calls.prctl(calls.PR_SET_PDEATHSIG, signal.SIGTERM)
    pidfd = os.pidfd_open(os.getpid())
    started(pidfd)
    os.close(pidfd)
    kernel = os.fork()
    if kernel:
        try:
            _watch(kernel, zygote, scratch.Watch(supervised), exceeded, kept)
        finally:
            sweeping.end_descendants()
            os._exit(0)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD, signal.SIGTERM})
    signal.signal(signal.SIGINT, signal.default_int_handler)
    calls.prctl(calls.PR_SET_CHILD_SUBREAPER, 0)
    calls.prctl(calls.PR_SET_PDEATHSIG, signal.SIGKILL)
    calls.prctl(calls.PR_SET_DUMPABLE, 1)
    namespaces.drop_capabilities()
    os.setsid()


def _watch(
    kernel: int, zygote: int, watch: scratch.Watch, exceeded: Callable[[str], None], kept: int
) -> None:
    """Return when it is time to end the kernel and all that is left of it."""
    for standard in (0, 1, 2):
        os.close(standard)
    calls.close_all_but({kept})
    while os.getppid() == zygote:
        told = signal.sigtimedwait({signal.SIGCHLD, signal.SIGTERM}, TICK_S)
        if (told is not None and told.si_signo == signal.SIGTERM) or _has_ended(kernel):
            return
        if told is None and (word := watch.exceeded()):
            exceeded(word)
            return


def _has_ended(kernel: int) -> bool:
    """Reap whatever has ended; whether the kernel was among it."""
    while True:
        try:
            ended, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return True
        if ended in (0, kernel):
            return ended == kernel
