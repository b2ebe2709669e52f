"""System calls that Python does not offer."""

from __future__ import annotations

import ctypes
import os

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP = 1, 4, 22, 24
PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 36, 38, 47
MOST_DESCRIPTORS = 1 << 16

libc = ctypes.CDLL(None, use_errno=True)


def checked(result: int, what: str) -> None:
    """Raise OSError when a call failed; `what` names it."""
    if result == -1:
        raise OSError(ctypes.get_errno(), what)


def prctl(option: int, value: int) -> None:
    """Set one attribute of this process; raises OSError."""
    checked(libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0), f"prctl {option}")


def close_all_but(kept: set[int]) -> None:
    """Close every descriptor above the standard three that is not in `kept`."""
    low = 3
    for descriptor in sorted(kept - {0, 1, 2}):
        os.closerange(low, descriptor)
        low = descriptor + 1
    os.closerange(low, MOST_DESCRIPTORS)
