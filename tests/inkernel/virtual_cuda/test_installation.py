"""Where there can be no device it is said, and nothing is half there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.warm_process import WarmProcess

Run = Callable[[str], str]

START = """
import torch
from grader.inkernel import virtual_cuda
def attempt():
    try:
        virtual_cuda.install()
    except virtual_cuda.VirtualDeviceUnavailableError as error:
        print(type(error).__name__, str(error))
    print(torch.cuda.is_available())
"""
BROKEN = {
    "backward ran before": "torch.ones(1, requires_grad=True).sum().backward()",
    "old torch": "del torch._C._ensureCUDADeviceGuardSet",
    "no headers": "import pathlib; pathlib.Path.read_text = lambda *_, **__: (_ for _ in ()).throw(OSError('gone'))",
    "wrong numbers": (
        "from grader.inkernel.virtual_cuda import registration\n"
        "registration._OWN['copy_'] = lambda target, source, non_blocking=False: target.zero_()"
    ),
}


@pytest.fixture
def run(warm: WarmProcess) -> Run:
    return lambda program: warm.run(START + program)


@pytest.mark.parametrize("kind", BROKEN)
def test_device_that_does_not_work_is_not_there(kind: str, run: Run) -> None:
    first, second = run(f"{BROKEN[kind]}\nattempt()").splitlines()
    assert first.startswith("VirtualDeviceUnavailableError ")
    assert second == "False"


def test_real_device_is_left_alone(run: Run) -> None:
    words = run(
        "torch._C._cuda_getDeviceCount = lambda: 1\nattempt(); print(torch.Generator is torch._C.Generator)"
    )
    assert words.splitlines()[0] == "VirtualDeviceUnavailableError this machine has a real CUDA device"
    assert words.splitlines()[2] == "True"


def test_host_computes_as_ever_where_the_device_failed(run: Run) -> None:
    spoilt = "a = torch.ones(2, requires_grad=True)\na.sum().backward()\nattempt()\n"
    assert run(spoilt + "(a * 3).sum().backward(); print(a.grad.tolist())").splitlines()[-1] == "[4.0, 4.0]"


def test_second_installation_changes_nothing(run: Run) -> None:
    program = (
        "attempt()\nbefore = torch.cuda.is_available\nattempt()\nprint(torch.cuda.is_available is before)"
    )
    assert run(program).splitlines() == ["True", "True", "True"]


def test_importing_it_changes_nothing(run: Run) -> None:
    assert run("print(torch.cuda.is_available(), torch.Generator is torch._C.Generator)") == "False True\n"


def test_what_it_did_is_counted_from_its_installation_on(run: Run) -> None:
    program = """
virtual_cuda.install()
print(virtual_cuda.RECORD)
x = torch.ones(3).cuda()
float((x + 1).sum())
x.cpu()
try:
    x.to_sparse()
except virtual_cuda.VirtualDeviceUnsupported:
    print(virtual_cuda.RECORD.as_entries())
"""
    first, second = run(program).splitlines()
    assert first == "Record(operators=0, to_device=0, to_host=0, waits=0, refused=[])"
    counts = eval(second)
    assert counts["to_device"] == counts["to_host"] == counts["waits"] == 1
    assert counts["operators"] > 1
    assert counts["refused"] == ["torch.sparse_coo tensors"]


@pytest.mark.parametrize(
    ("before", "seen"),
    [
        ("", "True 1"),
        ("os.environ['CUDA_VISIBLE_DEVICES'] = '0'", "True 1"),
        ("os.environ['CUDA_VISIBLE_DEVICES'] = '0,1'", "True 1"),
        ("os.environ['CUDA_VISIBLE_DEVICES'] = 'GPU-0'", "True 1"),
        ("os.environ['CUDA_VISIBLE_DEVICES'] = ''", "False 0"),
        ("os.environ['CUDA_VISIBLE_DEVICES'] = '-1'", "False 0"),
        ("os.environ['CUDA_VISIBLE_DEVICES'] = '1,0'", "False 0"),
        ("os.environ.setdefault('CUDA_VISIBLE_DEVICES', '0')", "True 1"),
        ("torch.cuda.is_available(); os.environ['CUDA_VISIBLE_DEVICES'] = ''", "True 1"),
        ("torch.zeros(1, device='cuda'); os.environ['CUDA_VISIBLE_DEVICES'] = ''", "True 1"),
    ],
)
def test_notebook_can_hide_the_device_before_it_is_first_asked_for(before: str, seen: str, run: Run) -> None:
    program = (
        "import os\nos.environ['CUDA_VISIBLE_DEVICES'] = ''\nvirtual_cuda.install()\n"
        f"{before}\nprint(torch.cuda.is_available(), torch.cuda.device_count())"
    )
    assert run(program).strip() == seen


def test_hidden_device_is_refused_in_the_words_of_cuda(run: Run) -> None:
    program = (
        "import os\nvirtual_cuda.install()\nos.environ['CUDA_VISIBLE_DEVICES'] = ''\n"
        "for attempt in (lambda: torch.zeros(1, device='cuda'), lambda: torch.ones(1).cuda()):\n"
        "    try:\n        attempt()\n    except RuntimeError as error:\n        print(error)"
    )
    assert run(program).splitlines() == ["No CUDA GPUs are available"] * 2
