"""`torch.Generator(device="cuda")`: a generator of the host that says it is the device's.

Both draw the same numbers on purpose, so that a program computes the same with and without the device.
"""

from __future__ import annotations

from typing import Any

import torch

from .device_checks import GENERATOR
from .presence import DEVICE, check_index, require_device

_HostGenerator = torch._C.Generator
_made: dict[int, torch._C.Generator] = {}
"""Those that were made for the device, by the address of what they wrap; kept, so that no other gets the address."""


class DeviceGenerator(_HostGenerator):
    """A generator of the host under the device's name."""

    @property
    def device(self) -> torch.device:  # type: ignore[override]
        """Always `cuda:0`."""
        return DEVICE


class _Kind(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, _HostGenerator)

    def __call__(cls, device: Any = "cpu") -> torch._C.Generator:
        wanted = torch.device(device)
        if wanted.type != "cuda":
            return _HostGenerator(wanted)
        require_device()
        check_index(wanted)
        generator = DeviceGenerator("cpu")
        _made[generator._cdata] = generator  # type: ignore[attr-defined]
        return generator


class Generator(metaclass=_Kind):
    """Stands in for `torch.Generator`."""


def check_generator(generator: Any) -> None:
    """Refuse a generator of the host where the device draws."""
    if generator is not None and generator._cdata not in _made:
        raise RuntimeError(GENERATOR)


def install() -> None:
    """Replace `torch.Generator`."""
    torch.Generator = Generator  # type: ignore[misc, assignment]
