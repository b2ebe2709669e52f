"""A real GPU is let in for the one kernel that is to have it, and for no other; here a stand-in takes its place."""

import os
import shutil
import stat
from pathlib import Path

import pytest

from grader.errors import SandboxUnavailableError
from grader.model.rubric import Limits
from grader.sandbox import bwrap, gpu_behind_walls, places, rules, selftest, tiers
from grader.sandbox.gpus import Gpu, find_gpu
from grader.sandbox.kernel import _opened
from grader.sandbox.rules import rlimits
from tests.sandbox.conftest import LIMITS
from tests.sandbox.notebooks import notebook, text_of

GPU = Gpu(("/dev/nvidia0", "/dev/nvidiactl"), ("/run/opengl-driver/lib", "/usr/lib/wsl/lib"), "1")
TAKERS = ("/dev/autofs", "/dev/rtc0", "/dev/kmsg")
"""Device files that any user may read, and that kernels do not see."""
LOOK = """
import os, resource, stat
print(stat.S_ISCHR(os.stat({node!r}).st_mode), os.open({node!r}, os.O_RDONLY) > 2)
print(sorted(name for name in os.listdir("/dev") if name.startswith(("nvidia", "auto", "rtc", "kmsg", "sd", "loop"))))
print([resource.getrlimit(kind)[0] for kind in (resource.RLIMIT_AS, resource.RLIMIT_DATA)])
print(os.environ["CUDA_VISIBLE_DEVICES"], os.environ["CUDA_LAUNCH_BLOCKING"])
"""


@pytest.fixture
def devices(tmp_path):
    """A folder like /dev; what is a device file in it leads to /dev/null."""
    folder = tmp_path / "dev"
    (folder / "nvidia-caps").mkdir(parents=True)
    for name in ("nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm", "nvidia-caps/nvidia-cap1", "sda"):
        (folder / name).symlink_to("/dev/null")
    (folder / "nvidia2").write_text("no device")
    return folder


def test_device_files_of_the_driver_are_found_and_no_others(devices):
    found = [str(Path(node).relative_to(devices)) for node in find_gpu(devices, {}).nodes]
    assert found == ["nvidia-caps/nvidia-cap1", "nvidia-uvm", "nvidia0", "nvidia1", "nvidiactl"]


def test_kernel_gets_one_gpu_the_first_that_the_grader_may_use(devices):
    given = {"CUDA_VISIBLE_DEVICES": "1,0"}
    assert find_gpu(devices, given).environment["CUDA_VISIBLE_DEVICES"] == "1"
    assert find_gpu(devices, {}).environment["CUDA_VISIBLE_DEVICES"] == "0"


@pytest.mark.parametrize("hidden", ["", "-1"])
def test_grader_that_may_use_no_gpu_has_none(devices, hidden):
    with pytest.raises(SandboxUnavailableError, match="CUDA_VISIBLE_DEVICES hides all GPUs"):
        find_gpu(devices, {"CUDA_VISIBLE_DEVICES": hidden})


def test_machine_without_a_gpu_is_told_by_what_is_missing(devices):
    for name in ("nvidia0", "nvidia1"):
        (devices / name).unlink()
    with pytest.raises(SandboxUnavailableError, match=r"no NVIDIA GPU: there is no .*/nvidia0"):
        find_gpu(devices, {})


def test_driver_that_the_linker_does_not_know_is_let_in_where_it_truly_lies(devices, tmp_path):
    for folder in ("store", "driver"):
        (tmp_path / folder).mkdir()
    (tmp_path / "store" / "libcuda.so.555").write_bytes(b"")
    (tmp_path / "driver" / "libcuda.so.1").symlink_to(tmp_path / "store" / "libcuda.so.555")
    found = find_gpu(devices, {"LD_LIBRARY_PATH": f"/nowhere:relative:{tmp_path}/driver"})
    assert found.folders[:2] == (f"{tmp_path}/driver", f"{tmp_path}/store")
    assert found.environment["LD_LIBRARY_PATH"].startswith(f"{tmp_path}/driver:{tmp_path}/store")


def pairs(line, word):
    return [line[i + 1] for i, part in enumerate(line) if part == word]


@pytest.mark.parametrize("nested", [True, False])
def test_bubblewrap_lets_in_what_the_driver_needs_and_only_for_this_kernel(nested):
    line = bwrap.walls_of_zygote(Limits(), nested=nested, gpu=GPU)
    assert [node for node in pairs(line, "--dev-bind") if node != "/dev"] == list(GPU.nodes)
    assert "/run/opengl-driver/lib" in pairs(line, "--ro-bind")
    assert "/usr/lib/wsl/lib" not in pairs(line, "--ro-bind"), "it is there with /usr"
    inner = len(line) - line[::-1].index("bwrap") if "bwrap" in line else 0
    assert (
        line.index("--dev", inner)
        < line.index(GPU.nodes[0], inner)
        < line.index("/dev", line.index(GPU.nodes[0]))
    )
    variables = dict(
        zip(
            pairs(line, "--setenv"), [line[i + 2] for i, p in enumerate(line) if p == "--setenv"], strict=True
        )
    )
    assert variables["CUDA_VISIBLE_DEVICES"] == "1"
    assert variables["LD_LIBRARY_PATH"] == "/run/opengl-driver/lib:/usr/lib/wsl/lib"
    without = bwrap.walls_of_zygote(Limits(), nested=nested)
    assert not [part for part in without if "nvidia" in part or "opengl" in part or part == "LD_LIBRARY_PATH"]
    assert without[without.index("CUDA_VISIBLE_DEVICES") + 1] == ""


@pytest.mark.parametrize("tier", ["strong", "mid", "portable"])
def test_landlock_names_the_device_files_only_for_this_kernel(tier):
    own = ("/home/student",)
    let_in = rules.confinement(tier, Limits(), own, GPU)["landlock"]
    usual = rules.confinement(tier, Limits(), own)["landlock"]
    assert let_in["gpu"] == list(GPU.nodes)
    assert usual["gpu"] == []
    more = set(let_in["read"]) - set(usual["read"])
    assert more == (
        {
            "/proc/driver/nvidia",
            "/proc/devices",
            "/sys/devices/system/node",
            "/sys/module/nvidia",
            *GPU.folders,
        }
        if tier == "portable"
        else set()
    )


def test_portable_environment_names_the_gpu():
    place = places.prepare("portable", Limits(), GPU)
    try:
        assert place.environment["CUDA_VISIBLE_DEVICES"] == "1"
    finally:
        shutil.rmtree(place.folder)


def test_cuda_may_reserve_addresses_and_memory_is_bounded_all_the_same():
    assert rlimits(Limits(), "strong")["address_space"]
    with_gpu = rlimits(Limits(), "strong", has_gpu=True)
    assert (with_gpu["address_space"], with_gpu["memory_bytes"]) == (False, Limits().memory_bytes)


@pytest.fixture(scope="module")
def stand_in():
    for node in TAKERS:
        if _anybody_may_read(node):
            return Gpu((node,), (), "0")
    pytest.skip(
        f"none of {', '.join(TAKERS)} is here for everybody to read, so nothing can stand in for a GPU"
    )


def _anybody_may_read(node):
    if node == "/dev/kmsg" and Path("/proc/sys/kernel/dmesg_restrict").read_text() != "0\n":
        return False  # whatever its mode says
    return os.path.exists(node) and bool(stat.S_IMODE(os.stat(node).st_mode) & stat.S_IROTH)


WALLED = [
    "strong",
    pytest.param("mid", marks=pytest.mark.nightly),
    pytest.param("portable", marks=pytest.mark.nightly),
]


def skip_unless_it_holds(tier):
    if (reason := tiers.weakness(tier)) is not None:
        pytest.skip(f"{tier} does not hold here without a GPU either: {reason}")


@pytest.mark.parametrize("tier", WALLED)
def test_kernel_reaches_the_device_file_and_knows_that_it_is_no_gpu(stand_in, tier):
    skip_unless_it_holds(tier)
    more = {"seed": 0, "gpu": "real", "shorten": None}
    with _opened(tier, LIMITS, more, (), warm=True, gpu=stand_in) as kernel:
        assert kernel.no_gpu is not None
        assert "CUDA" in kernel.no_gpu or "NVIDIA" in kernel.no_gpu
        assert kernel.gpu_name == ""
        execution = kernel.execute(notebook(LOOK.format(node=stand_in.nodes[0])))
    assert execution.ended == "completed", execution.cells[0].error
    seen, there, bounds, environment = text_of(execution, 0).splitlines()
    assert seen == "True True"
    if tier != "portable":
        assert there == str([stand_in.nodes[0].rpartition("/")[2]])
    assert bounds == str([-1, LIMITS.memory_bytes])
    assert environment == "0 1"


@pytest.mark.nightly
@pytest.mark.parametrize("tier", ["strong", "mid", "portable"])
def test_walls_that_let_a_device_in_hold_as_the_others(stand_in, tier):
    skip_unless_it_holds(tier)
    assert selftest.weakness(tier, gpu=stand_in) is None


def test_trial_says_that_there_is_no_gpu():
    try:
        find_gpu()
    except SandboxUnavailableError as error:
        with pytest.raises(SandboxUnavailableError, match=str(error)):
            gpu_behind_walls("strong")
    else:
        assert gpu_behind_walls("strong")
