"""Control groups: used where the system delegates some, and nothing at all elsewhere."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.sandbox.cgroups import settled
from tests.conftest import ROOT


@pytest.fixture
def laid_out(tmp_path):
    """A folder as the kernel would show this process's own group; plain files, so only what is written counts."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        if line.startswith("0::/"):
            own = tmp_path / line.removeprefix("0::/")
            own.mkdir(parents=True, exist_ok=True)
            break
    else:
        pytest.skip("this machine has no cgroup v2")
    (tmp_path / "cgroup.controllers").write_text("cpu memory pids")
    (own / "cgroup.controllers").write_text("cpu memory pids")
    (own / "cgroup.procs").write_text(f"{os.getpid()}\n")
    (own / "cgroup.subtree_control").write_text("")
    return own


def test_grader_that_is_alone_in_its_group_makes_room_for_kernels(laid_out, tmp_path):
    with settled(tmp_path):
        assert (laid_out / "grade-judges" / "cgroup.procs").read_text() == str(os.getpid())
        assert (laid_out / "cgroup.subtree_control").read_text() == "+memory +pids"
    assert (laid_out / "cgroup.subtree_control").read_text() == "-memory -pids"


@pytest.mark.parametrize(
    ("name", "content"),
    [("cgroup.procs", f"1\n{os.getpid()}\n"), ("cgroup.controllers", "cpu")],
    ids=["others", "no_limits"],
)
def test_group_of_others_or_without_limits_is_left_alone(laid_out, tmp_path, name, content):
    (laid_out / name).write_text(content)
    with settled(tmp_path):
        assert (laid_out / "cgroup.subtree_control").read_text() == ""
        assert not (laid_out / "grade-judges").exists()


SCRIPT = """
import json
from pathlib import Path
from grader.model.rubric import Limits
from grader.sandbox import open_kernel, settled
from tests.sandbox.notebooks import notebook

own = Path("/sys/fs/cgroup") / Path("/proc/self/cgroup").read_text().split("0::/")[1].strip()
HUNGRY = '''
import os, time
for _ in range(8):
    if os.fork() == 0:
        taken = b"x" * (300 << 20)
        time.sleep(60)
        os._exit(0)
time.sleep(60)
'''
limits = Limits(memory_bytes=700 << 20, disk_bytes=16 << 20)
with settled(), open_kernel(tier="none", limits=limits, seed=1) as kernel:
    [group] = own.glob("grade-kernel-*")
    told = {"most": int((group / "memory.max").read_text()), "pids": int((group / "pids.max").read_text())}
    told["ended"] = kernel.execute(notebook(HUNGRY)).ended
told["left"] = [path.name for path in own.iterdir() if path.is_dir()]
print(json.dumps(told))
"""


def test_kernel_has_a_group_of_its_own_where_one_is_delegated():
    if shutil.which("systemd-run") is None:
        pytest.skip("no systemd on this machine")
    line = ["systemd-run", "--user", "--scope", "--quiet", "-p", "Delegate=yes", sys.executable, "-c", SCRIPT]
    done = subprocess.run(line, capture_output=True, text=True, check=False, cwd=ROOT)
    if "connect to" in done.stderr and "bus" in done.stderr:
        pytest.skip("nobody delegates control groups on this machine")
    told = json.loads(done.stdout)
    assert told["most"] >= 700 << 20
    assert told["pids"] == 128
    assert told["ended"] == "memory_limit_exceeded"
    assert told["left"] == []
