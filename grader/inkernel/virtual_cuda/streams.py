"""Streams and events: all work is done when the call returns, so there is nothing to wait for."""

from __future__ import annotations

import contextlib
import time
from typing import Any

import torch

from .presence import DEVICE
from .replacing import replace, replace_known

CUDA_TYPE = 1
"""Source: c10/core/DeviceType.h, `DeviceType::CUDA`."""


class Event:
    """A moment."""

    def __init__(
        self,
        enable_timing: bool = False,
        blocking: bool = False,
        interprocess: bool = False,
        external: bool = False,
    ) -> None:
        self._has_timing, self._at_s = enable_timing, 0.0

    def record(self, stream: Any = None) -> None:
        """Now."""
        self._at_s = time.perf_counter()

    def elapsed_time(self, end_event: Event) -> float:
        """Milliseconds between two moments; raises what CUDA does when they were not to be timed."""
        if not (self._has_timing and end_event._has_timing):
            raise ValueError("Both events must be created with argument 'enable_timing=True'.")
        return (end_event._at_s - self._at_s) * 1e3

    def wait(self, stream: Any = None) -> None:
        """It has passed already."""

    def synchronize(self) -> None:
        """It has passed already."""

    def query(self) -> bool:
        """Whether it has passed."""
        return True


class Stream:
    """A queue that is always empty."""

    device_index, device_type, stream_id, cuda_stream = 0, CUDA_TYPE, 0, 0

    def __init__(self, device: Any = None, priority: int = 0, **_: Any) -> None:
        self.device, self.priority = DEVICE, priority

    def synchronize(self) -> None:
        """Nothing is under way."""

    def wait_stream(self, stream: Any) -> None:
        """Nothing is under way."""

    def wait_event(self, event: Any) -> None:
        """It has passed already."""

    def record_event(self, event: Event | None = None) -> Event:
        """Let an event be now."""
        event = event or Event()
        event.record(self)
        return event

    def query(self) -> bool:
        """Whether all is done."""
        return True

    def is_capturing(self) -> bool:
        """Whether a graph is being made."""
        return False

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        """There is no other to go back to."""

    def __repr__(self) -> str:
        return f"<torch.cuda.Stream device={self.device} cuda_stream=0x0>"


def install() -> None:
    """Replace classes and functions of streams."""
    default = Stream()

    def current(device: Any = None) -> Stream:
        return default

    def context(stream: Any) -> contextlib.nullcontext[None]:
        return contextlib.nullcontext()

    replace(
        torch.cuda,
        Stream=Stream,
        ExternalStream=Stream,
        Event=Event,
        current_stream=current,
        default_stream=current,
        stream=context,
        StreamContext=context,
        set_stream=lambda stream: None,
        is_current_stream_capturing=lambda: False,
    )
    replace_known(torch.cuda.graphs, is_current_stream_capturing=lambda: False)
    replace(torch.Tensor, record_stream=lambda self, stream: None)
    replace(torch.accelerator, current_stream=current)
