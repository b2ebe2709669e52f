"""The device does what a GPU does, or says that it cannot."""

from __future__ import annotations

import pytest

from tests.inkernel.virtual_cuda.features import FEATURES, REFUSED


@pytest.mark.parametrize("name", [name for name in FEATURES if name not in REFUSED])
def test_feature_works(name: str, features: dict[str, str | None]) -> None:
    assert features[name] is None, features[name]


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_feature_is_refused(name: str, features: dict[str, str | None]) -> None:
    assert (features[name] or "").startswith("refused: the virtual CUDA device cannot do this: ")
