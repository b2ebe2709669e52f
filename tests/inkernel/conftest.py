"""A process that has torch already, for programs that change it for good."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.warm_process import WarmProcess


@pytest.fixture(scope="session")
def warm() -> Iterator[WarmProcess]:
    """Freed memory is overwritten there."""
    modules = ("torch", "torch.utils.data", "torch._dynamo", "grader.inkernel.virtual_cuda")
    with WarmProcess(*modules, MALLOC_PERTURB_="165", OMP_NUM_THREADS="1") as process:
        yield process
