"""The system call filter: built once by libseccomp, handed to kernels as a BPF program."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from functools import cache
from typing import Any

from grader.errors import SandboxUnavailableError

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
    "landlock_create_ruleset"
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
}
"""Numbers, the same on all machines, of calls that an older libseccomp cannot name."""
AF_UNIX, AF_INET, AF_INET6, AF_NETLINK = 1, 2, 10, 16
FAMILIES = 50
TIOCSTI, TIOCLINUX = 0x5412, 0x541C


@cache
def program() -> bytes:
    """The filter as BPF; other ABIs than the machine's own are killed.

    Raises SandboxUnavailableError when libseccomp is missing.
    """
    try:
        import pyseccomp
    except (ImportError, OSError, RuntimeError) as error:
        raise SandboxUnavailableError(
            "The strong sandbox needs libseccomp: `apt install libseccomp2` and `pip install pyseccomp`. "
            "`--sandbox none` runs student code without walls."
        ) from error
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    _refuse_calls(rules, pyseccomp)
    _refuse_sockets(rules, pyseccomp)
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
        rules.add_rule(refuse, "ioctl", library.Arg(1, library.MASKED_EQ, 0xFFFFFFFF, request))
    rules.add_rule(refuse, "personality", library.Arg(0, library.NE, 0xFFFFFFFF))


def _refuse_sockets(rules: Any, library: Any) -> None:
    for family in range(FAMILIES):
        if family not in (AF_UNIX, AF_INET, AF_INET6):
            # libzmq aborts when AF_NETLINK fails with another errno than this one
            code = errno.EOPNOTSUPP if family == AF_NETLINK else errno.EAFNOSUPPORT
            rules.add_rule(library.ERRNO(code), "socket", library.Arg(0, library.EQ, family))


def _add(rules: Any, action: Any, name: str) -> None:
    try:
        rules.add_rule(action, name)
    except (ValueError, OSError, RuntimeError):
        if name in NUMBERS:
            with suppress(ValueError, OSError, RuntimeError):
                rules.add_rule(action, NUMBERS[name])
