"""What is made once for a whole test session, by whichever of its workers needs it first."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """The file or folder of this name, shared between the workers; `make` writes it, and it appears when whole."""
    shared = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    made = shared / name
    with FileLock(f"{made}.lock"):
        if not made.exists():
            draft = factory.mktemp("made") / name
            make(draft)
            draft.rename(made)
    return made
