"""What an error of a notebook speaks of."""

import pytest

from grader.criteria.device_failures import Failure, kind_of
from grader.criteria.device_left_behind import left_behind
from grader.criteria.device_record import Forward, Observed


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


ON_HOST = (
    "Expected all tensors to be on the same device, but got mat1 is on cuda:0, "
    "different from other tensors on cpu"
)
CALLED = ("Module._wrapped_call_impl", "Module._call_impl")


@pytest.mark.parametrize(
    ("frames", "library", "who"),
    [
        (("Deep.forward",), (*CALLED, *CALLED, "Linear.forward"), "model"),
        (("Deep.forward",), CALLED, "forward"),
        (("Deep.forward",), (*CALLED, "Sequential.forward", *CALLED), "forward"),
    ],
)
def test_layer_that_the_module_does_not_know_of_is_the_models_and_a_tensor_is_forwards(
    frames: tuple[str, ...], library: tuple[str, ...], who: str
) -> None:
    failure = Failure("mixed", "RuntimeError", ON_HOST, frames=frames, library=library)
    observed = Observed(forwards=[Forward(parameters="cuda", inputs="cuda", outputs="")])
    assert left_behind(failure, observed) == who
