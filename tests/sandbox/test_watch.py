"""The memory of a tree of processes: all of them together, and what they share only once."""

import subprocess
import sys
from contextlib import contextmanager

from grader.sandbox import watch
from grader.sandbox.watch import KernelWatch

MB = 1 << 20
TREE = """
import os, sys, time
taken = b"x" * ({before} << 20)
if os.fork() == 0:
    own = b"y" * ({after} << 20)
    print("there", flush=True)
time.sleep(600)
"""


@contextmanager
def tree(*, before, after):
    """A process that takes so many megabytes, and then a child that takes more."""
    line = [sys.executable, "-c", TREE.format(before=before, after=after)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout.readline() == b"there\n"
        try:
            yield process.pid
        finally:
            for pid in reversed(watch.tree_of(process.pid)):
                subprocess.run(["kill", "-KILL", str(pid)], check=True)


def test_memory_of_children_counts():
    with tree(before=1, after=100) as pid:
        assert KernelWatch(pid, 80 * MB).is_over()
        assert not KernelWatch(pid, 300 * MB).is_over()


def test_memory_that_processes_share_counts_once():
    with tree(before=100, after=1) as pid:
        assert not KernelWatch(pid, 170 * MB).is_over()
        assert KernelWatch(pid, 80 * MB).is_over()


def test_kernel_is_to_blame_for_a_full_machine_only_when_it_uses_much(monkeypatch):
    with tree(before=1, after=100) as pid:
        assert not KernelWatch(pid, 1 << 40).fills_the_machine()
        monkeypatch.setattr(watch, "LEAST_AVAILABLE", 1 << 50)
        assert not KernelWatch(pid, 1 << 40).fills_the_machine()
        monkeypatch.setattr(watch, "WORTH_STOPPING", 80 * MB)
        assert KernelWatch(pid, 1 << 40).fills_the_machine()


def test_nobody_is_watched_where_there_is_no_process():
    assert not KernelWatch(None, 1).is_over()
