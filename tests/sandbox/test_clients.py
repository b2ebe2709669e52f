"""Nothing that a kernel sends reaches the process that judges; at worst it ends the client worker that read it."""

import os
import re
import resource
import signal
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest

from grader.model.probe import Probe
from grader.sandbox import open_kernel
from grader.sandbox.clients import CLIENTS
from tests.sandbox.conftest import LIMITS
from tests.sandbox.notebooks import client_workers, gone, notebook, processes_of_kernels, text_of

MOST_GROWTH = 48 << 20
"""Bytes; all floods here are larger."""
ALIVE = "print('alive')"
SENDING = """
import json, time, zmq
kernel = get_ipython().kernel
session, socket = kernel.session, kernel.iopub_thread.socket
parent = kernel.get_parent()
def send_raw(content):
    header = {"msg_id": "x", "msg_type": "display_data", "date": "2020-01-01T00:00:00Z"}
    header |= {"session": "a", "username": "b", "version": "5"}
    message = [json.dumps(header).encode(), json.dumps(parent["header"], default=str).encode(), b"{}", content]
    socket.send_multipart([b"<IDS|MSG>", session.sign(message), *message])
"""
FLOODS = {
    "giant multiparts": "frame = bytes(15_000_000)\nwhile True: socket.send(frame, zmq.SNDMORE)",
    "giant outputs": "content = {'data': {'text/plain': 'x' * 14_000_000}, 'metadata': {}}\n"
    "while True: session.send(kernel.iopub_socket, 'display_data', content, parent=parent)",
    "malformed messages": "while True: socket.send_multipart([b'a', b'b'])",
    "deep nesting": "for _ in range(100): send_raw(b'{\"data\":' + b'[' * 10**6 + b']' * 10**6 + b'}')\n"
    "time.sleep(60)",
    "silent disconnect": "socket.close(linger=0)\ntime.sleep(60)",
}


def grown(pid="self"):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) << 10


def ask(kernel, code):
    return kernel.ask(Probe(id="task.word/0", code=code, timeout_s=10))


def next_kernel_is_fine(tier):
    with open_kernel(tier=tier, limits=LIMITS, seed=1) as kernel:
        return text_of(kernel.execute(notebook(ALIVE)), 0) == "alive\n"


@pytest.fixture
def client(tier):
    """The pid of the one client worker that the next kernel is going to have."""
    CLIENTS.close()  # what tests before this left
    with open_kernel(tier=tier, limits=LIMITS, seed=1):
        pass
    [pid] = client_workers()
    return pid


@contextmanager
def killed_soon(pid):
    with subprocess.Popen(["/bin/sh", "-c", f"sleep 2; kill -KILL {pid}"]):
        yield


@pytest.mark.parametrize("flood", FLOODS)
def test_flood_is_the_verdict_of_its_notebook_and_reaches_no_judge(tier, client, flood):
    before = grown()
    with open_kernel(tier=tier, limits=LIMITS, seed=1) as kernel:
        execution = kernel.execute(notebook("x = 1", SENDING + FLOODS[flood]))
    assert [run.ended for run in execution.cells] == ["completed", "output_limit_exceeded"]
    assert execution.detail.args == {"cell": 2, "size": 195}
    assert grown() - before < MOST_GROWTH
    assert next_kernel_is_fine(tier)


def test_client_serves_one_kernel_after_the_other(tier, client):
    assert next_kernel_is_fine(tier)
    assert client_workers() == [client]


def test_client_is_small_and_has_a_memory_limit(client):
    assert "libtorch" not in Path(f"/proc/{client}/maps").read_text()
    assert resource.prlimit(client, resource.RLIMIT_AS)[0] < 4 << 30
    assert os.getsid(client) == client


def test_client_that_runs_out_of_memory_is_replaced_and_the_verdict_is_the_notebooks(tier, client):
    size = int(re.search(r"VmSize:\s+(\d+)", Path(f"/proc/{client}/status").read_text())[1]) << 10
    resource.prlimit(client, resource.RLIMIT_AS, (size + (16 << 20), size + (16 << 20)))
    with open_kernel(tier=tier, limits=LIMITS, seed=1) as kernel:
        execution = kernel.execute(notebook(SENDING + FLOODS["giant multiparts"]))
    assert execution.ended == "output_limit_exceeded"
    assert next_kernel_is_fine(tier)
    assert gone([client])


def test_client_killed_in_a_cell_ends_that_notebook_only(tier, client):
    with killed_soon(client), open_kernel(tier=tier, limits=LIMITS, seed=1) as kernel:
        execution = kernel.execute(notebook("1 / 0", "import time\ntime.sleep(60)", "x = 1"))
        assert not processes_of_kernels()
        assert ask(kernel, "return 1").outcome == "kernel_died"
    assert [run.ended for run in execution.cells] == ["raised", "output_limit_exceeded"]
    assert "saved by the student" not in execution.notebook
    assert next_kernel_is_fine(tier)
    assert gone([client])


def test_client_killed_while_a_probe_is_answered_is_a_refused_answer(tier, client):
    with killed_soon(client), open_kernel(tier=tier, limits=LIMITS, seed=1) as kernel:
        kernel.execute(notebook("import time"))
        assert ask(kernel, "time.sleep(60)").outcome == "refused"
        assert ask(kernel, "return 1").outcome == "kernel_died"
    assert next_kernel_is_fine(tier)


def test_client_killed_between_two_kernels_costs_nothing(tier, client):
    os.kill(client, signal.SIGKILL)
    assert next_kernel_is_fine(tier)
    assert client not in client_workers()


def test_two_kernels_at_once_have_a_client_each(tier, client):
    with open_kernel(tier=tier, limits=LIMITS, seed=1) as one:
        assert next_kernel_is_fine(tier)
        assert text_of(one.execute(notebook(ALIVE)), 0) == "alive\n"
    assert len(client_workers()) == 2
    CLIENTS.close()
    assert client_workers() == []


def test_fork_of_the_grader_does_not_share_its_clients(tier, client):
    child = os.fork()
    if child == 0:
        CLIENTS.close()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert next_kernel_is_fine(tier)
