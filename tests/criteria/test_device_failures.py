"""What an error of a notebook speaks of."""

import pytest

from grader.criteria.device_failures import kind_of


@pytest.mark.parametrize(
    ("name", "message", "kind"),
    [
        ("VirtualDeviceUnsupported", "the virtual CUDA device cannot do this: CUDA graphs", "unsupported"),
        (
            "AcceleratorError",
            "CUDA error: CUDA driver version is insufficient for CUDA runtime version",
            "unsupported",
        ),
        ("AcceleratorError", "CUDA error: invalid device ordinal", "ordinal"),
        ("AssertionError", "Torch not compiled with CUDA enabled", "no_gpu"),
        ("RuntimeError", "Expected all tensors to be on the same device, but got mat1 is on cpu", "mixed"),
        ("TypeError", "can't convert cuda:0 device type tensor to numpy.", "numpy"),
        ("ValueError", "not enough values to unpack", "other"),
    ],
)
def test_errors_are_told_apart(name: str, message: str, kind: str) -> None:
    assert kind_of(name, message) == kind
