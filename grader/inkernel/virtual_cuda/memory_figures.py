"""Figures of the device's memory: always nothing used, since what is used is the host's."""

from __future__ import annotations

from typing import Any

import torch

from .replacing import replace_known
from .torch_cuda import MEMORY_BYTES

_NUMBERS = (
    "memory_allocated",
    "max_memory_allocated",
    "memory_reserved",
    "max_memory_reserved",
    "memory_cached",
    "max_memory_cached",
    "utilization",
    "memory_usage",
    "device_memory_used",
)
_COMMANDS = (
    "empty_cache",
    "reset_peak_memory_stats",
    "reset_max_memory_allocated",
    "reset_max_memory_cached",
    "reset_accumulated_memory_stats",
    "set_per_process_memory_fraction",
)


def _zero(device: Any = None) -> int:
    return 0


def _done(*_: Any, **__: Any) -> None:
    return None


def install() -> None:
    """Replace them where they are, and where they are offered."""
    for place in (torch.cuda, torch.cuda.memory):
        replace_known(place, **dict.fromkeys(_NUMBERS, _zero), **dict.fromkeys(_COMMANDS, _done))
        replace_known(
            place,
            mem_get_info=lambda device=None: (MEMORY_BYTES, MEMORY_BYTES),
            memory_stats=lambda device=None: {},
            memory_summary=lambda device=None, abbreviated=False: "",
            memory_snapshot=lambda *_, **__: [],
        )
