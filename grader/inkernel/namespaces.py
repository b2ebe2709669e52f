"""Walls for one fork of the zygote: namespaces of its own, empty scratch folders, no capabilities.

`isolate` forks twice and returns only in the process that is to become the kernel. Between it and the zygote stand
a waiter and the first process of the new pid namespace, whose end sweeps everything inside.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import socket
import struct
from collections.abc import Callable
from contextlib import suppress

from . import calls

NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = (
    0x20000,
    0x04000000,
    0x08000000,
    0x10000000,
    0x20000000,
    0x40000000,
)
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 8, 4096, 16384, 1 << 18
PR_CAP_AMBIENT_CLEAR_ALL = 4
CAPABILITY_VERSION = 0x20080522
SIOCSIFFLAGS, IFF_UP, IFF_RUNNING = 0x8914, 0x1, 0x40
BUFFERS = {"tcp_rmem": "4096 65536 131072", "tcp_wmem": "4096 65536 131072"}
"""Bytes that a connection may buffer (least, usual, most): no other limit counts them."""


def isolate(scratch: dict[str, int], files: int, kept: list[str], started: Callable[[int], None]) -> None:
    """Go behind walls; `started` gets a pidfd of the namespace's first process.

    `scratch`: folder to bytes; `files`: how many files and folders each of them may hold.
    `kept`: read-only folders that lie where a scratch folder will cover them, and are shown again on top of it.
    """
    uid, gid = os.getuid(), os.getgid()
    calls.prctl(calls.PR_SET_PDEATHSIG, signal.SIGKILL)
    flags = NEWUSER | NEWNS | NEWPID | NEWNET | NEWIPC | NEWUTS
    calls.checked(calls.libc.unshare(flags), "no namespaces inside bubblewrap's can be made")
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{uid} {uid} 1")
    _write("/proc/self/gid_map", f"{gid} {gid} 1")
    first = os.fork()
    if first:
        _wait_and_end(first)
    calls.prctl(calls.PR_SET_PDEATHSIG, signal.SIGKILL)
    _mount_scratch(scratch, files, kept)
    _loopback_up()
    pidfd = os.pidfd_open(os.getpid())
    started(pidfd)
    os.close(pidfd)
    drop_capabilities()
    kernel = os.fork()
    if kernel:
        calls.prctl(calls.PR_SET_DUMPABLE, 0)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _wait_and_end(kernel)
    calls.prctl(calls.PR_SET_PDEATHSIG, signal.SIGKILL)
    os.setsid()


def _wait_and_end(child: int) -> None:
    """Hold nothing open, reap whatever ends, and end with the child."""
    os.closerange(0, 1024)
    while True:
        try:
            ended, _ = os.wait()
        except ChildProcessError:
            os._exit(0)
        if ended == child:
            os._exit(0)


def _mount_scratch(scratch: dict[str, int], files: int, kept: list[str]) -> None:
    held = {folder: os.open(folder, os.O_PATH) for folder in kept}
    _mount("none", "/", None, MS_REC | MS_PRIVATE)
    _mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    for folder, size in scratch.items():
        options = f"size={size},nr_inodes={files},mode=0700"
        _mount("tmpfs", folder, "tmpfs", MS_NOSUID | MS_NODEV, options)
    for folder, descriptor in held.items():
        os.makedirs(folder)
        _mount(f"/proc/self/fd/{descriptor}", folder, None, MS_BIND | MS_REC)
        os.close(descriptor)
    options = "newinstance,ptmxmode=0666,mode=0620"
    _mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, options)


def _mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    done = calls.libc.mount(
        source.encode(),
        target.encode(),
        kind.encode() if kind else None,
        ctypes.c_ulong(flags),
        options.encode(),
    )
    calls.checked(done, f"mount {target}")


def _loopback_up() -> None:
    for name, sizes in BUFFERS.items():
        with suppress(OSError):  # where the system lets nobody change them, they stay as large as they are
            _write(f"/proc/sys/net/ipv4/{name}", sizes)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP | IFF_RUNNING))


def drop_capabilities() -> None:
    """Give up all capabilities, and the way to get any."""
    for capability in range(64):
        if calls.libc.prctl(calls.PR_CAPBSET_DROP, capability, 0, 0, 0):
            break  # beyond the last one
    calls.prctl(calls.PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    header = struct.pack("=II", CAPABILITY_VERSION, 0)
    calls.checked(calls.libc.capset(header, bytes(24)), "capset")
    calls.prctl(calls.PR_SET_NO_NEW_PRIVS, 1)


def _write(path: str, text: str) -> None:
    with open(path, "w") as stream:
        stream.write(text)
