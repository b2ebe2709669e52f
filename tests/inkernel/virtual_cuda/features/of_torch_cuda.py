"""What torch tells of its devices."""

from __future__ import annotations

import contextlib
import io

import torch

from tests.inkernel.virtual_cuda.features.checking import DEVICE, X, feature, on_device


@feature
def device_is_there() -> None:
    assert torch.cuda.is_available()
    assert torch.cuda.device_count() == 1
    assert torch.cuda.current_device() == 0
    torch.cuda.init()
    torch.cuda.set_device(0)
    assert torch.cuda.is_initialized()


@feature
def names_and_properties() -> None:
    assert torch.cuda.get_device_name(0) == torch.cuda.get_device_name() == torch.cuda.get_device_name("cuda")
    properties = torch.cuda.get_device_properties(0)
    assert properties.name == torch.cuda.get_device_name()
    assert properties.total_memory > 1 << 30
    assert repr(properties).startswith("_CudaDeviceProperties(name='")
    assert torch.cuda.get_device_capability() == (properties.major, properties.minor)
    assert torch.version.cuda
    assert torch.backends.cuda.is_built()


@feature
def documentation_is_torchs() -> None:
    assert "Return a bool indicating if CUDA is currently available" in (
        torch.cuda.is_available.__doc__ or ""
    )
    assert torch.cuda.is_available.__module__ == "torch.cuda"
    with contextlib.redirect_stdout(io.StringIO()) as shown:
        help(torch.cuda.synchronize)
    assert "Wait for all kernels in all streams" in shown.getvalue()


@feature
def accelerator() -> None:
    assert torch.accelerator.is_available()
    assert torch.accelerator.current_accelerator() == torch.device("cuda")
    assert on_device(X.to(torch.accelerator.current_accelerator()))
    assert torch.accelerator.device_count() == 1
    torch.accelerator.synchronize()


@feature
def figures_of_memory() -> None:
    torch.cuda.synchronize()
    torch.cuda.empty_cache()
    before = torch.cuda.memory_allocated()
    torch.cuda.reset_peak_memory_stats()
    kept = torch.zeros(1000, device=DEVICE)
    view = kept[10:]
    assert torch.cuda.memory_allocated() == before + 4096, "blocks of 512 bytes, and each storage once"
    del kept, view
    assert torch.cuda.memory_allocated() == before
    assert torch.cuda.max_memory_allocated() == before + 4096 <= torch.cuda.memory_reserved()
    assert torch.accelerator.max_memory_allocated() == before + 4096
    free, total = torch.cuda.mem_get_info()
    assert 0 < free < total
    assert torch.cuda.memory_stats()["allocated_bytes.all.peak"] == before + 4096
    assert "GPU reserved memory" in torch.cuda.memory_summary()


@feature
def switches_of_cudnn() -> None:
    torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.deterministic = True
    torch.backends.cuda.matmul.allow_tf32 = False


@feature
def streams_and_events() -> None:
    stream = torch.cuda.Stream()
    start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    with torch.cuda.stream(stream):
        start.record()
        X.cuda().add(1)
        end.record()
    torch.cuda.synchronize()
    assert start.elapsed_time(end) >= 0
    torch.cuda.current_stream().wait_stream(stream)
    X.cuda().record_stream(stream)


@feature
def current_device_as_a_context() -> None:
    with torch.cuda.device(0), torch.cuda.device_of(X.cuda()):
        assert on_device(torch.zeros(1).cuda())


@feature
def profiler() -> None:
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profile:
        X.cuda().add(1)
    assert len(profile.key_averages()) > 0


@feature
def ranges_for_the_profiler() -> None:
    torch.cuda.nvtx.range_push("step")
    torch.cuda.nvtx.range_pop()
    with torch.cuda.nvtx.range("step"):
        pass
