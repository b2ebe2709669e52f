"""Control groups: used where the system delegates some, and nothing at all elsewhere."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from grader.model.rubric import Limits
from grader.sandbox import cgroups
from grader.sandbox.cgroups import Group, settled
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


@pytest.fixture
def group_of(laid_out, tmp_path, monkeypatch):
    """Makes the group of a kernel of one process, where the grader has settled; returns its folder, too."""
    monkeypatch.setattr(cgroups, "JUDGES", laid_out.name)  # plain files move no process into a leaf

    @contextlib.contextmanager
    def made(**limits):
        with subprocess.Popen(["sleep", "60"]) as kernel:
            group = Group(kernel.pid, Limits(**limits), tmp_path)
            yield kernel.pid, group, group._folder
            kernel.kill()

    return made


def test_group_of_a_kernel_has_its_limits_and_its_processes(group_of):
    with group_of(memory_bytes=1 << 30, disk_bytes=32 << 20, processes=7) as (pid, _, folder):
        written = {path.name: path.read_text() for path in folder.iterdir()}
    assert 1 << 30 < int(written.pop("memory.max")) <= (1 << 30) + 3 * (256 << 20), "scratch folders count"
    assert written == {
        "memory.oom.group": "1",
        "memory.swap.max": "0",
        "pids.max": "7",
        "cgroup.procs": str(pid),
    }


def test_group_tells_whether_the_system_ended_it_for_its_memory(group_of):
    with group_of() as (_, group, folder):
        for count, ran_out in ((0, False), (1, True)):
            (folder / "memory.events").write_text(f"low 0\nmax 9\noom 9\noom_kill {count}\n")
            assert group.ran_out_of_memory() is ran_out


def test_group_that_is_left_is_ended_and_removed(group_of):
    with group_of() as (_, group, folder):
        killed = folder / "cgroup.kill"

        def end_its_processes():
            """As the system does: the folder can be removed once nothing runs in it."""
            while not killed.exists() or killed.read_text() != "1":
                time.sleep(0.01)
            for path in folder.iterdir():
                path.unlink()

        system = threading.Thread(target=end_its_processes)
        system.start()
        group.close()
        system.join()
        assert not folder.exists()
        assert not group.ran_out_of_memory()


def test_kernel_goes_without_a_group_where_the_grader_has_not_settled(laid_out, tmp_path):
    group = Group(os.getpid(), Limits(), tmp_path)
    assert group._folder is None
    assert not group.ran_out_of_memory()
    group.close()


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
