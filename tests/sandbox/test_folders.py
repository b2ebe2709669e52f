"""Folders that killed graders left are swept at the next start, and nobody else's."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.sandbox import folders

LEAVE = """
import sys, tempfile
from pathlib import Path
from grader.sandbox import folders
folder = Path(tempfile.mkdtemp(prefix=folders.PREFIX, dir=sys.argv[1]))
folders.claim(folder)
(folder / "home").mkdir()
(folder / "home" / "mine").write_text("x")
print(folder, flush=True)
sys.stdin.read()
"""
START = """
import sys
from grader.model.rubric import Limits
from grader.sandbox.process import KernelProcess
with KernelProcess("none", Limits(), more={"key": "", "seed": 1}) as process:
    if sys.argv[1] == "first":
        print(process.folder, flush=True)
        sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def swept_anew():
    folders.sweep.cache_clear()
    yield
    folders.sweep.cache_clear()


@pytest.fixture
def grader(tmp_path):
    """Another grader, alive, which has a folder in `tmp_path`; and that folder."""
    line = [sys.executable, "-c", LEAVE, str(tmp_path)]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process, Path(process.stdout.readline().strip())
        process.kill()


def killed(grader):
    process, folder = grader
    process.kill()
    process.wait()
    return folder


def test_folder_of_a_killed_grader_is_swept(grader, tmp_path):
    folder = killed(grader)
    assert folder.exists()
    folders.sweep(str(tmp_path))
    assert not folder.exists()


def test_folder_of_a_living_grader_stays(grader, tmp_path):
    folders.sweep(str(tmp_path))
    assert (grader[1] / "home" / "mine").exists()


def test_another_process_with_the_pid_of_the_dead_one_keeps_nothing(grader, tmp_path):
    folder = killed(grader)
    _, start, namespace = (folder / folders.MARK).read_text().split()
    (folder / folders.MARK).write_text(f"{os.getpid()} {int(start) - 1} {namespace}")
    folders.sweep(str(tmp_path))
    assert not folder.exists()


def test_own_folder_stays(tmp_path):
    own = tmp_path / f"{folders.PREFIX}own"
    own.mkdir()
    folders.claim(own)
    folders.sweep(str(tmp_path))
    assert own.exists()


@pytest.mark.parametrize("mark", [None, "", "12", "12 34", "a b c", "1 2 3 4", "\0"])
def test_folder_whose_mark_says_nothing_stays(tmp_path, mark):
    folder = tmp_path / f"{folders.PREFIX}x"
    folder.mkdir()
    if mark is not None:
        (folder / folders.MARK).write_text(mark)
    folders.sweep(str(tmp_path))
    assert folder.exists()


def test_folder_of_another_pid_namespace_stays(grader, tmp_path):
    folder = killed(grader)
    pid, start, _ = (folder / folders.MARK).read_text().split()
    (folder / folders.MARK).write_text(f"{pid} {start} pid:[1]")
    folders.sweep(str(tmp_path))
    assert folder.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_folder_of_another_user_stays(grader, tmp_path):
    folder = killed(grader)
    os.chown(folder, 61500, 61500)
    folders.sweep(str(tmp_path))
    assert folder.exists()


def test_link_to_a_left_folder_is_not_followed(grader, tmp_path):
    folder = killed(grader)
    beside = tmp_path / "beside"
    beside.mkdir()
    (beside / f"{folders.PREFIX}link").symlink_to(folder)
    folders.sweep(str(beside))
    assert (folder / "home" / "mine").exists()


def test_other_folders_stay(grader, tmp_path):
    other = tmp_path / "other"
    killed(grader).rename(other)
    folders.sweep(str(tmp_path))
    assert other.exists()


def test_next_grader_sweeps_when_it_starts_a_kernel(tmp_path):
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    line = [sys.executable, "-c", START]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([*line, "first"], env=environment, **pipes) as first:
        folder = Path(first.stdout.readline().strip())
        subprocess.run([*line, "second"], env=environment, check=True)
        assert list(tmp_path.iterdir()) == [folder]
        first.kill()
        first.wait()
    assert list(tmp_path.iterdir()) == [folder]
    subprocess.run([*line, "third"], env=environment, check=True)
    assert list(tmp_path.iterdir()) == []


def test_kernel_starts_where_the_temporary_folder_has_a_long_path(tmp_path):
    temporary = tmp_path / ("long" * 20) / "folder"
    temporary.mkdir(parents=True)
    environment = os.environ | {"TMPDIR": str(temporary)}
    line = [sys.executable, "-c", START, "only"]
    subprocess.run(line, env=environment, check=True, timeout=120)
    assert not list(temporary.iterdir())


def test_folder_for_sockets_is_the_usual_one_while_its_path_is_short_enough(tmp_path, monkeypatch):
    just = tmp_path / ("x" * (folders.LONGEST_BYTES - len(os.fsencode(tmp_path)) - 1))
    over = Path(f"{just}x")
    for folder in (just, over):
        folder.mkdir()
    for folder, expected in ((just, str(just)), (over, "/tmp")):
        monkeypatch.setattr(folders.tempfile, "tempdir", str(folder))
        assert folders.short() == expected
