"""Seeds and states of the device's random numbers: the host's, so that both draw the same."""

from __future__ import annotations

from typing import Any

import torch

from .replacing import replace


def install() -> None:
    """Replace them where they are, and where they are offered."""
    for place in (torch.cuda, torch.cuda.random):
        replace(
            place,
            manual_seed=_ignore,
            manual_seed_all=_ignore,
            seed=_ignore,
            seed_all=_ignore,
            initial_seed=torch.initial_seed,
            get_rng_state=lambda device="cuda": torch.get_rng_state(),
            get_rng_state_all=lambda: [torch.get_rng_state()],
            set_rng_state=_ignore,
            set_rng_state_all=_ignore,
        )
    replace(torch.cuda, default_generators=())


def _ignore(*_: Any, **__: Any) -> None:
    """A seed of the device only must not change what the host draws."""
