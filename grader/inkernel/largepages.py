"""Gathers memory in large pages: a fork copies an entry for each page, and the end of a fork gives each one back.

A zygote with torch has tens of thousands of small ones.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator

from . import calls

MADV_COLLAPSE = 25
LARGE_BYTES = 2 << 20
"""Of a large page on x86-64, and on ARM with small pages of 4 kB; elsewhere nothing is gathered."""


def gather() -> int:
    """Gather what this process wrote, as far as the system can, and say how many large pages it made.

    Source: madvise(2), MADV_COLLAPSE; Linux before 6.1 refuses it.
    """
    return sum(
        calls.libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(LARGE_BYTES), MADV_COLLAPSE) == 0
        for start in _places()
    )


def _places() -> Iterator[int]:
    """Where a large page fits into memory that is written to and belongs to no file.

    Source: proc_pid_maps(5).
    """
    with open("/proc/self/maps", encoding="ascii", errors="replace") as stream:
        lines = stream.read().splitlines()
    for line in lines:
        addresses, rights, _, _, _, *path = line.split(maxsplit=5)
        if rights == "rw-p" and path in ([], ["[heap]"]):
            low, high = (int(address, 16) for address in addresses.split("-"))
            first = -(-low // LARGE_BYTES) * LARGE_BYTES
            yield from range(first, high - LARGE_BYTES + 1, LARGE_BYTES)
