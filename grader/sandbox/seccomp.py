"""The system call filter: built once by libseccomp, handed to kernels as a BPF program."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from functools import cache
from typing import Any

from grader.errors import SandboxUnavailableError
from grader.model.text import say

NAMESPACE_FLAGS = (0x20000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000)
_NAMESPACES_AND_MOUNTS = (
    "mount umount2 pivot_root chroot unshare setns fsopen fsconfig fsmount fspick open_tree move_mount "
    "mount_setattr"
)
_OTHER_PROCESSES = (
    "ptrace process_vm_readv process_vm_writev kcmp pidfd_getfd process_madvise process_mrelease"
)
_KERNEL = (
    "bpf perf_event_open userfaultfd keyctl add_key request_key fanotify_init lookup_dcookie "
    "open_by_handle_at name_to_handle_at quotactl quotactl_fd acct swapon swapoff reboot kexec_load "
    "kexec_file_load init_module finit_module delete_module iopl ioperm modify_ldt settimeofday "
    "clock_settime clock_adjtime adjtimex stime sethostname setdomainname syslog vhangup nfsservctl"
)
_MEMORY_BEYOND_LIMITS = (
    "mbind set_mempolicy set_mempolicy_home_node migrate_pages move_pages shmget shmat shmctl semget semop "
    "semctl semtimedop msgget msgsnd msgrcv msgctl mq_open mq_unlink mq_timedsend mq_timedreceive "
    "memfd_create memfd_secret splice tee vmsplice"
)
_IDENTITY = (
    "mknod mknodat setuid setgid setreuid setregid setresuid setresgid setgroups setfsuid setfsgid capset "
    "landlock_create_ruleset lsm_set_self_attr"
)
REFUSED = " ".join((_NAMESPACES_AND_MOUNTS, _OTHER_PROCESSES, _KERNEL, _MEMORY_BEYOND_LIMITS, _IDENTITY))
UNKNOWN = "io_uring_setup io_uring_enter io_uring_register clone3 statmount listmount cachestat"
"""Answered as an old kernel would, so that callers fall back."""
NUMBERS = {
    "statmount": 457,
    "listmount": 458,
    "cachestat": 451,
    "mount_setattr": 442,
    "quotactl_fd": 443,
    "process_mrelease": 448,
    "memfd_secret": 447,
    "set_mempolicy_home_node": 450,
    "fchmodat2": 452,
    "lsm_set_self_attr": 460,
    "setxattrat": 463,
    "removexattrat": 466,
    "file_setattr": 469,
}
"""Numbers, the same on all machines, of calls that an older libseccomp cannot name."""
PRETENDED_ABOUT_FILES = (
    "chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime utimes utimensat futimesat setxattr "
    "lsetxattr fsetxattr setxattrat removexattr lremovexattr fremovexattr removexattrat file_setattr"
)
"""Landlock does not govern what the user's own files say about themselves: nothing happens, and callers go on."""
PRETENDED_ABOUT_PROCESSES = (
    "sched_setaffinity sched_setscheduler sched_setparam sched_setattr setpriority ioprio_set"
)
"""These reach all processes of a user. libzmq aborts when they fail."""
REFUSED_ON_THE_HOST = "connect bind sendmmsg inotify_init inotify_init1 inotify_add_watch truncate"
STANDING_FOR = {"self": 0x5EED1E57, "parent": 0x5EED9A7E}
"""Stand in the program for pids that are known only where it is loaded."""
AF_UNIX, AF_INET, AF_INET6, AF_NETLINK = 1, 2, 10, 16
FAMILIES = 50
SOCK_DGRAM, SOCK_RAW = 2, 3
TIOCSTI, TIOCLINUX, FIOSETOWN, SIOCSPGRP = 0x5412, 0x541C, 0x8901, 0x8902
FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR = 0x40086602, 0x401C5820
F_SETOWN, F_SETOWN_EX, F_SETLEASE = 8, 15, 1024
LAST_PID = 0x7FFFFFFF
SOL_SOCKET, F_SETPIPE_SZ = 1, 1031
BUFFER_SIZES = (7, 8, 32, 33)
"""SO_SNDBUF, SO_RCVBUF and both FORCEs: no limit counts what a socket buffers."""


@cache
def program(tier: str, *, scoped: bool) -> bytes:
    """The filter of a tier as BPF; other ABIs than the machine's own are killed.

    `scoped`: something else keeps signals from leaving. Raises SandboxUnavailableError when libseccomp is missing.
    """
    try:
        import pyseccomp
    except (ImportError, OSError, RuntimeError) as error:
        raise SandboxUnavailableError(
            say("Walls need libseccomp: `apt install libseccomp2` and `pip install pyseccomp`.")
        ) from error
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    _refuse_calls(rules, pyseccomp)
    _refuse_sockets(rules, pyseccomp, (AF_UNIX,) if tier == "portable" else (AF_UNIX, AF_INET, AF_INET6))
    if tier != "strong":
        _guard_neighbours(rules, pyseccomp)
    if not scoped:
        _keep_signals(rules, pyseccomp, tier)
    if tier == "portable":
        _guard_host(rules, pyseccomp)
    descriptor = os.memfd_create("filter")
    with os.fdopen(descriptor, "w+b") as stream:
        rules.export_bpf(stream)
        stream.seek(0)
        return stream.read()


def _refuse_calls(rules: Any, library: Any) -> None:
    refuse = library.ERRNO(errno.EPERM)
    for name in REFUSED.split():
        _add(rules, refuse, name)
    for name in UNKNOWN.split():
        _add(rules, library.ERRNO(errno.ENOSYS), name)
    for flag in NAMESPACE_FLAGS:
        rules.add_rule(refuse, "clone", library.Arg(0, library.MASKED_EQ, flag, flag))
    for request in (TIOCSTI, TIOCLINUX):
        rules.add_rule(refuse, "ioctl", _is(library, 1, request))
    rules.add_rule(refuse, "fcntl", _is(library, 1, F_SETPIPE_SZ))
    rules.add_rule(refuse, "personality", library.Arg(0, library.NE, 0xFFFFFFFF))


def _refuse_sockets(rules: Any, library: Any, allowed: tuple[int, ...]) -> None:
    for family in range(FAMILIES):
        if family not in allowed:
            # libzmq aborts when AF_NETLINK fails with another errno than this one
            code = errno.EOPNOTSUPP if family == AF_NETLINK else errno.EAFNOSUPPORT
            rules.add_rule(library.ERRNO(code), "socket", _is(library, 0, family))
    for name in BUFFER_SIZES:
        rules.add_rule(library.ERRNO(0), "setsockopt", _is(library, 1, SOL_SOCKET), _is(library, 2, name))


def _guard_neighbours(rules: Any, library: Any) -> None:
    """Against what reaches other processes of the same user, where they have no namespaces between them."""
    refuse = library.ERRNO(errno.EPERM)
    for name in PRETENDED_ABOUT_PROCESSES.split():
        _add(rules, library.ERRNO(0), name)
    rules.add_rule(refuse, "prlimit64", library.Arg(0, library.NE, 0))
    for command in (F_SETOWN, F_SETOWN_EX):
        rules.add_rule(refuse, "fcntl", _is(library, 1, command))
    for request in (FIOSETOWN, SIOCSPGRP):
        rules.add_rule(refuse, "ioctl", _is(library, 1, request))


def _keep_signals(rules: Any, library: Any, tier: str) -> None:
    """Only to what the kernel started: in a pid namespace that is whoever came after it, elsewhere nobody can tell.

    Numbers are compared in all their 64 bits, so that none gets by with something in the half that the system ignores.
    """
    refuse = library.ERRNO(errno.EPERM)
    rules.add_rule(refuse, "pidfd_send_signal")
    if tier != "mid":
        rules.add_rule(refuse, "tkill")  # names a thread, and C libraries do without
        for name in ("kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"):
            rules.add_rule(refuse, name, library.Arg(0, library.NE, STANDING_FOR["self"]))
        return
    for name in ("kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"):
        rules.add_rule(refuse, name, library.Arg(0, library.LE, STANDING_FOR["parent"]))
        rules.add_rule(refuse, name, library.Arg(0, library.GT, LAST_PID))


def _guard_host(rules: Any, library: Any) -> None:
    """Against what reaches the host's files and sockets although Landlock stands before them."""
    refuse = library.ERRNO(errno.EPERM)
    for name in REFUSED_ON_THE_HOST.split():
        _add(rules, refuse, name)
    for name in PRETENDED_ABOUT_FILES.split():
        _add(rules, library.ERRNO(0), name)
    for kind in (SOCK_DGRAM, SOCK_RAW):  # which send to any address without a connection
        for call in ("socket", "socketpair"):
            wanted = library.Arg(1, library.MASKED_EQ, 0xF, kind)
            rules.add_rule(library.ERRNO(errno.EPROTONOSUPPORT), call, _is(library, 0, AF_UNIX), wanted)
    rules.add_rule(refuse, "sendto", library.Arg(4, library.NE, 0))
    for request in (FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR):
        rules.add_rule(refuse, "ioctl", _is(library, 1, request))
    rules.add_rule(refuse, "fcntl", _is(library, 1, F_SETLEASE))


def _is(library: Any, argument: int, number: int) -> Any:
    """The argument is this number in the 32 bits of an int that the system looks at; the other half may be anything."""
    return library.Arg(argument, library.MASKED_EQ, 0xFFFFFFFF, number)


def _add(rules: Any, action: Any, name: str) -> None:
    try:
        rules.add_rule(action, name)
    except (ValueError, OSError, RuntimeError):
        if name in NUMBERS:
            with suppress(ValueError, OSError, RuntimeError):
                rules.add_rule(action, NUMBERS[name])
