"""The device does what a GPU does, or says that it cannot."""

from __future__ import annotations

import pytest
import torch

from grader.criteria.device_failures import kind_of
from tests.inkernel.virtual_cuda.features import FEATURES, REFUSED


@pytest.mark.parametrize("name", [name for name in FEATURES if name not in REFUSED])
def test_feature_works(name: str, features: dict[str, str | None]) -> None:
    assert features[name] is None, features[name]


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_feature_is_refused(name: str, features: dict[str, str | None]) -> None:
    outcome = features[name] or ""
    by_the_build = torch.version.cuda is not None and kind_of("", outcome) == "unsupported"
    assert by_the_build or outcome.startswith("refused: the virtual CUDA device cannot do this: ")
