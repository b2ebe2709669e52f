"""`torch.cuda`: whether there is a device, which one, and what it is called."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any

import torch

from .presence import COUNT, NAME, index_of, is_there, require_device
from .replacing import replace, replace_known

CAPABILITY = (7, 5)
MEMORY_BYTES = 16 << 30
TOOLKIT = "12.8"
"""What `torch.version.cuda` says: notebooks print it."""


@dataclass(frozen=True)
class Properties:
    """What `get_device_properties` tells."""

    name: str = NAME
    major: int = CAPABILITY[0]
    minor: int = CAPABILITY[1]
    total_memory: int = MEMORY_BYTES
    multi_processor_count: int = 40
    is_integrated: int = 0
    is_multi_gpu_board: int = 0
    warp_size: int = 32
    max_threads_per_multi_processor: int = 1024
    regs_per_multiprocessor: int = 65536
    shared_memory_per_block: int = 49152
    shared_memory_per_block_optin: int = 65536
    shared_memory_per_multiprocessor: int = 65536
    L2_cache_size: int = 4 << 20
    gcnArchName: str = ""  # noqa: N815  as torch calls it
    uuid: str = "00000000-0000-0000-0000-000000000000"

    def __repr__(self) -> str:
        return (
            f"_CudaDeviceProperties(name='{self.name}', major={self.major}, minor={self.minor}, "
            f"total_memory={self.total_memory >> 20}MB, multi_processor_count={self.multi_processor_count})"
        )


class Device:
    """`torch.cuda.device(0)` as a context."""

    def __init__(self, device: Any = None) -> None:
        self.idx = index_of(device)
        self.prev_idx = -1

    def __enter__(self) -> None:
        """There is nothing to change to."""

    def __exit__(self, *_: object) -> None:
        """And nothing to change back."""


class DeviceOf(Device):
    """`torch.cuda.device_of(tensor)` as a context."""

    def __init__(self, thing: Any) -> None:
        super().__init__(thing.get_device() if thing.is_cuda else -1)


def _count() -> int:
    return COUNT if is_there() else 0


def _current() -> int:
    require_device()
    return 0


def _set_current(device: Any) -> None:
    index_of(device)


def _name(device: Any = None) -> str:
    return _properties(device).name


def _capability(device: Any = None) -> tuple[int, int]:
    properties = _properties(device)
    return properties.major, properties.minor


def _properties(device: Any = None) -> Properties:
    require_device()
    index_of(device)
    return Properties()


def _wait(device: Any = None) -> None:
    require_device()
    index_of(device)


def install() -> None:
    """Replace what asks the driver."""
    replace(
        torch.cuda,
        _lazy_init=require_device,
        init=require_device,
        is_available=is_there,
        is_initialized=is_there,
        device_count=_count,
        current_device=_current,
        set_device=_set_current,
        get_device_name=_name,
        get_device_capability=_capability,
        get_device_properties=_properties,
        get_arch_list=lambda: [f"sm_{CAPABILITY[0]}{CAPABILITY[1]}"],
        can_device_access_peer=lambda device, peer_device: False,
        is_bf16_supported=lambda including_emulation=True: including_emulation,
        synchronize=_wait,
        ipc_collect=lambda: None,
        device=Device,
        device_of=DeviceOf,
    )
    replace_known(
        torch.cuda,
        _device_count_nvml=_count,
        _exchange_device=lambda device: 0,
        _maybe_exchange_device=lambda device: 0,
        is_tf32_supported=lambda: False,
        temperature=lambda device=None: 40,
        power_draw=lambda device=None: 30_000,
        clock_rate=lambda device=None: 1500,
    )
    replace(torch.version, cuda=TOOLKIT)
    replace(torch.backends.cuda, is_built=lambda: True)
    replace(torch.backends.cudnn, is_acceptable=lambda tensor: False)
    replace_known(
        torch.cuda.nvtx,
        range_push=lambda msg: 0,
        range_pop=lambda: 0,
        range_start=lambda msg: 0,
        range_end=lambda range_id: None,
        mark=lambda msg: None,
        range=lambda msg, *args, **kwargs: contextlib.nullcontext(),
    )
