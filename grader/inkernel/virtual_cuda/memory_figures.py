"""Figures of the device's memory: what its tensors take, counted when somebody asks.

What only the autograd graph holds is not seen, so the figures are lower than a GPU's; they are those of the allocator's
blocks, and above 0 as soon as anything is there.
"""

from __future__ import annotations

import gc
from collections import OrderedDict
from typing import Any

import torch

from .presence import index_of, require_device
from .replacing import replace_known
from .torch_cuda import MEMORY_BYTES

BLOCK_BYTES = 512
SEGMENT_BYTES = 2 << 20
"""Source: c10/cuda/CUDACachingAllocator.cpp, `kMinBlockSize` and `kSmallBuffer`."""
_POOLS = ("all", "large_pool", "small_pool")
_KINDS = (
    "allocation",
    "segment",
    "active",
    "inactive_split",
    "allocated_bytes",
    "reserved_bytes",
    "active_bytes",
    "inactive_split_bytes",
    "requested_bytes",
)
_PLAIN = (
    "num_alloc_retries",
    "num_ooms",
    "num_sync_all_streams",
    "num_device_alloc",
    "num_device_free",
    "max_split_size",
)
"""Source: torch/cuda/memory.py, `memory_stats`."""


def _rounded(size: int, unit: int) -> int:
    return -(-size // unit) * unit


class Memory:
    """What was counted so far."""

    def __init__(self) -> None:
        self._peak = 0

    def clear(self) -> None:
        """Forget what was."""
        self._peak = 0

    def _blocks(self) -> dict[int, int]:
        """Bytes of each living storage of the device, by address."""
        storages: dict[int, int] = {}
        for thing in gc.get_objects():
            if isinstance(thing, torch.Tensor) and thing.is_cuda:
                for tensor in (thing, thing.grad if thing.is_leaf else None):
                    if tensor is not None and tensor.is_cuda:
                        storage = tensor.untyped_storage()
                        storages[storage.data_ptr()] = _rounded(storage.nbytes(), BLOCK_BYTES)
        return storages

    def allocated(self) -> int:
        """Bytes of all tensors of the device that the program can reach."""
        now = sum(self._blocks().values())
        self._peak = max(self._peak, now)
        return now

    def peak(self) -> int:
        """The most that was ever seen."""
        self.allocated()
        return self._peak

    def reset_peak(self) -> None:
        """Begin to look for the most again."""
        self._peak = 0

    def reserved(self) -> int:
        """Bytes that the allocator would hold."""
        return _rounded(self.peak(), SEGMENT_BYTES)

    def stats(self) -> OrderedDict[str, Any]:
        """As `torch.cuda.memory_stats`; what is not counted is 0."""
        blocks = self._blocks()
        now, peak, held = self.allocated(), self.peak(), self.reserved()
        bytes_of = {
            "allocation": (len(blocks), len(blocks)),
            "active": (len(blocks), len(blocks)),
            "segment": (held // SEGMENT_BYTES, held // SEGMENT_BYTES),
            "reserved_bytes": (held, held),
            **dict.fromkeys(("allocated_bytes", "active_bytes", "requested_bytes"), (now, peak)),
        }
        found: dict[str, Any] = dict.fromkeys(_PLAIN, 0)
        for kind in _KINDS:
            for pool in _POOLS:
                current, most = (0, 0) if pool == "large_pool" else bytes_of.get(kind, (0, 0))
                values = {"current": current, "peak": most, "allocated": most, "freed": most - current}
                found |= {f"{kind}.{pool}.{name}": value for name, value in values.items()}
        for kind in ("oversize_allocations", "oversize_segments"):
            found |= {f"{kind}.{name}": 0 for name in ("current", "peak", "allocated", "freed")}
        return OrderedDict(sorted(found.items()))


MEMORY = Memory()
_COMMANDS = (
    "empty_cache",
    "reset_accumulated_memory_stats",
    "set_per_process_memory_fraction",
)
_PEAKS = ("reset_peak_memory_stats", "reset_max_memory_allocated", "reset_max_memory_cached")


def _checked(device: Any) -> None:
    require_device()
    index_of(device)


def _allocated(device: Any = None) -> int:
    _checked(device)
    return MEMORY.allocated()


def _most(device: Any = None) -> int:
    _checked(device)
    return MEMORY.peak()


def _reserved(device: Any = None) -> int:
    _checked(device)
    return MEMORY.reserved()


def _stats(device: Any = None) -> OrderedDict[str, Any]:
    _checked(device)
    return MEMORY.stats()


def _free(device: Any = None) -> tuple[int, int]:
    _checked(device)
    return MEMORY_BYTES - MEMORY.reserved(), MEMORY_BYTES


def _reset(device: Any = None) -> None:
    _checked(device)
    MEMORY.reset_peak()


def _percent(device: Any = None) -> int:
    _checked(device)
    return 1


def _done(*_: Any, **__: Any) -> None:
    return None


def install() -> None:
    """Replace them where they are, and where they are offered."""
    for place in (torch.cuda, torch.cuda.memory):
        replace_known(
            place,
            **dict.fromkeys(_COMMANDS, _done),
            **dict.fromkeys(_PEAKS, _reset),
            memory_allocated=_allocated,
            max_memory_allocated=_most,
            **dict.fromkeys(
                ("memory_reserved", "max_memory_reserved", "memory_cached", "max_memory_cached"), _reserved
            ),
            **dict.fromkeys(("utilization", "memory_usage"), _percent),
            device_memory_used=_reserved,
            mem_get_info=_free,
            memory_stats=_stats,
            memory_snapshot=lambda *_, **__: [],
        )
