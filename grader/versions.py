"""Versions of all that grades depend on: they are written into every report and every receipt."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

LIBRARIES = ("grade", "torch", "numpy", "lightning", "matplotlib", "ipykernel", "nbclient")


def versions() -> dict[str, str]:
    """By name; what is not installed is left out."""
    found = {"python": platform.python_version()}
    for library in LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            continue
    return found
