"""A real GPU, let in through the walls for the one kernel that computes on it: device files, library, environment.

What NVIDIA's driver needs is named here and nowhere else. The walls without a GPU never hold any of it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.errors import SandboxUnavailableError
from grader.model.text import say

NODES = ("nvidiactl", "nvidia-uvm", "nvidia[0-9]*", "nvidia-caps/*")
"""Source: NVIDIA's driver README, chapter "Known Issues"; the last are for parts of a GPU (MIG user guide)."""
ABOUT_THE_DRIVER = ("/proc/driver/nvidia", "/proc/devices", "/sys/devices/system/node", "/sys/module/nvidia")
LIBRARY = "libcuda.so.1"
FOLDERS = ("/run/opengl-driver/lib", "/usr/lib/wsl/lib", "/usr/local/nvidia/lib64", "/usr/local/nvidia/lib")
"""Where the driver's library lies that the linker's cache does not know: NixOS, WSL, Kubernetes."""
ENVIRONMENT = {"CUDA_LAUNCH_BLOCKING": "1", "NVIDIA_TF32_OVERRIDE": "0"}
"""Errors at the line that made them, and float32 computed as on the CPU: both worlds are compared."""


@dataclass(frozen=True)
class Gpu:
    """What of the machine the kernel gets to see besides."""

    nodes: tuple[str, ...]
    """Device files."""
    folders: tuple[str, ...]
    """Of the driver's library, where the linker would not find it."""
    visible: str
    """The one device that CUDA may use, as `CUDA_VISIBLE_DEVICES` names it."""

    @property
    def environment(self) -> dict[str, str]:
        """What is set in its kernel beside what every kernel gets."""
        found = {**ENVIRONMENT, "CUDA_VISIBLE_DEVICES": self.visible}
        return {**found, "LD_LIBRARY_PATH": ":".join(self.folders)} if self.folders else found


def find_gpu(devices: Path = Path("/dev"), environment: Mapping[str, str] = os.environ) -> Gpu:
    """The GPU of this machine; `environment`: the grader's own, which may choose among several.

    Raises: SandboxUnavailableError where there is none.
    """
    nodes = sorted({str(p) for name in NODES for p in devices.glob(name) if p.is_char_device()})
    if not any(Path(node).name.removeprefix("nvidia").isdigit() for node in nodes):
        raise SandboxUnavailableError(
            say("This machine has no NVIDIA GPU: there is no {path}.", path=f"{devices}/nvidia0")
        )
    visible = environment.get("CUDA_VISIBLE_DEVICES", "0").partition(",")[0].strip()
    if visible in ("", "-1"):
        raise SandboxUnavailableError(say("CUDA_VISIBLE_DEVICES hides all GPUs from the grader."))
    return Gpu(tuple(nodes), _folders(environment), visible)


def _folders(environment: Mapping[str, str]) -> tuple[str, ...]:
    given = [path for path in environment.get("LD_LIBRARY_PATH", "").split(":") if os.path.isabs(path)]
    found: list[str] = []
    for folder in map(Path, (*given, *FOLDERS)):
        library = folder / LIBRARY
        if library.is_file():
            found += [str(folder), str(library.resolve().parent)]
    return tuple(dict.fromkeys(found))
