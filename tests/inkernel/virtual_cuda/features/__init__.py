"""What a program does with a GPU, feature by feature: each function raises when it does not go as with a real one."""

from tests.inkernel.virtual_cuda.features import (
    of_autograd,
    of_files,
    of_layers,
    of_loading,
    of_modules,
    of_numbers,
    of_optimizers,
    of_refusals,
    of_tensors,
    of_torch_cuda,
)
from tests.inkernel.virtual_cuda.features.checking import FEATURES, REFUSED

__all__ = [
    "FEATURES",
    "REFUSED",
    "of_autograd",
    "of_files",
    "of_layers",
    "of_loading",
    "of_modules",
    "of_numbers",
    "of_optimizers",
    "of_refusals",
    "of_tensors",
    "of_torch_cuda",
]
