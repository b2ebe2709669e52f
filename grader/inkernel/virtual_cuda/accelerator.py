"""`torch.accelerator`: the same device under its general name."""

from __future__ import annotations

import torch

from .memory_figures import MEMORY
from .presence import COUNT, PRESENCE, index_of, is_there, require_device
from .replacing import replace, replace_known


def _current(check_available: bool = False) -> torch.device | None:
    if not PRESENCE.is_there or (check_available and not is_there()):
        return None
    return torch.device("cuda")


def install() -> None:
    """Replace what asks C++."""
    replace(
        torch.accelerator,
        is_available=is_there,
        device_count=lambda: COUNT if is_there() else 0,
        current_accelerator=_current,
        current_device_index=lambda: 0,
        set_device_index=lambda device: index_of(device) and None,
        synchronize=lambda device=None: require_device(),
    )
    replace_known(
        torch.accelerator,
        current_device_idx=lambda: 0,
        set_device_idx=lambda device: index_of(device) and None,
        empty_cache=lambda: None,
        memory_allocated=lambda device_index=None: MEMORY.allocated(),
        max_memory_allocated=lambda device_index=None: MEMORY.peak(),
        memory_reserved=lambda device_index=None: MEMORY.reserved(),
        max_memory_reserved=lambda device_index=None: MEMORY.reserved(),
        memory_stats=lambda device_index=None: MEMORY.stats(),
        reset_peak_memory_stats=lambda device_index=None: MEMORY.reset_peak(),
        reset_accumulated_memory_stats=lambda device_index=None: None,
    )
