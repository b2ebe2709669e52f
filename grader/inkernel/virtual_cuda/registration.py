"""Kernels for the dispatch key CUDA, which is empty on a machine without one."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import torch

from . import convolution, fused_cells, storage_kernels
from .errors import VirtualDeviceUnsupported
from .host_kernel import run_on_host
from .operator_table import TABLE, read_table

REFUSED_KEYS = ("SparseCUDA", "SparseCsrCUDA", "QuantizedCUDA", "NestedTensorCUDA")
KEPT_COMPOSITE = frozenset(("index.Tensor",))
"""Its composite kernel leads to one that takes tensors of the host as indices."""
MATH = 0
"""Source: aten/src/ATen/SDPBackend.h, `SDPBackend::math`."""
_aten: Any = torch.ops.aten
_library: Any = torch.library.Library
_libraries: list[Any] = []
"""Registrations last as long as these do."""
_HOST_KERNELS: dict[str, Any] = {}
"""Operators whose kernel of the host is registered for the device: name to overload."""

_LIBRARIES_FOR_CTC = (
    "_use_cudnn_ctc_loss",
    "_use_cudnn_ctc_loss.Tensor",
    "_use_miopen_ctc_loss",
    "_use_miopen_ctc_loss.Tensor",
)
_OWN: dict[str, Callable[..., Any]] = {
    "copy_": storage_kernels.copy_,
    "resize_": storage_kernels.resize_,
    "is_pinned": storage_kernels.is_pinned,
    "_efficientzerotensor": storage_kernels.zero_tensor,
    "_local_scalar_dense": storage_kernels.read_number,
    "convolution": convolution.convolution,
    "convolution_overrideable": convolution.convolution,
    "convolution_backward": convolution.convolution_backward,
    "_thnn_fused_lstm_cell": fused_cells.lstm_cell,
    "_thnn_fused_lstm_cell_backward_impl": fused_cells.lstm_cell_backward,
    "_thnn_fused_gru_cell": fused_cells.gru_cell,
    "_thnn_fused_gru_cell_backward": fused_cells.gru_cell_backward,
    "_fused_rms_norm_backward": fused_cells.rms_norm_backward,
    "_fused_sdp_choice": lambda *_, **__: MATH,
    **dict.fromkeys(_LIBRARIES_FOR_CTC, lambda *_, **__: False),
}


def register_kernels(*, has_cuda_build: bool) -> None:
    """Take over the key; where torch is built for CUDA, each of its own kernels, too."""
    prepare(has_cuda_build=has_cuda_build)
    own = {name: kernel for name, kernel in _OWN.items() if overload(name) is not None}
    own |= {name: storage_kernels.on_the_tensor_itself(overload(name)) for name in storage_kernels.VIEWS}
    everything: Any = _library("_", "IMPL")
    everything.fallback(run_on_host, "CUDA")
    for key in REFUSED_KEYS:
        everything.fallback(functools.partial(_refuse, key), key)
    aten: Any = _library("aten", "IMPL", "CUDA")
    _libraries.extend((everything, aten))
    for name, kernel in own.items():
        aten.impl(name, kernel)
    if has_cuda_build:
        torch._C._set_cudnn_enabled(False)
    for name, operator in _HOST_KERNELS.items():
        if name not in own:
            aten.impl(name, functools.partial(run_on_host, operator))


def prepare(*, has_cuda_build: bool) -> None:
    """Find out what is to be registered, once: it changes nothing, and a process can do it before it forks kernels.

    Raises: VirtualDeviceUnavailableError.
    """
    if _HOST_KERNELS:
        return
    read_table()
    # A structured operator would go through a composite wrapper of this build, where CUDA's has a kernel of its own
    # that looks at devices before it looks at shapes.
    wanted = {name for name, entry in TABLE.items() if entry.delegates or entry.has_cuda} - KEPT_COMPOSITE
    if has_cuda_build:
        real = torch._C._dispatch_get_registrations_for_dispatch_key("CUDA")
        wanted |= {name.removeprefix("aten::") for name in real if name.startswith("aten::")}
    for name in sorted(wanted):
        operator = overload(name)
        if operator is not None and _has_cpu_kernel(operator.name(), "CPU"):
            _HOST_KERNELS[name] = operator


_has_cpu_kernel: Any = torch._C._dispatch_has_computed_kernel_for_dispatch_key


def overload(name: str) -> Any:
    """The operator called `base.overload` or `base`; None where this torch has none."""
    base, _, which = name.partition(".")
    try:
        return getattr(getattr(_aten, base), which or "default")
    except AttributeError:
        return None


def _refuse(key: str, operator: Any, *_: Any, **__: Any) -> Any:
    raise VirtualDeviceUnsupported(f"{operator.name()} for {key.removesuffix('CUDA').lower()} tensors")
