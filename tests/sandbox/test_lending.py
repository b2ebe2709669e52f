"""Workers' kernels come from one warm zygote of their grader's, which a worker can neither end nor replace."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.errors import KernelStartError
from grader.executors import LocalExecutor
from grader.model.probe import Probe
from grader.model.rubric import Limits
from grader.sandbox import open_kernel
from grader.sandbox.grown import GrownZygote
from grader.sandbox.lending import BorrowedZygote, Lender
from grader.sandbox.nursery import NURSERY, Nursery
from grader.sandbox.zygote import Zygote
from tests.sandbox.notebooks import descendants, gone, notebook

LIMITS = Limits(cell_s=20, total_s=40)


def pid_of(pidfd: int) -> int:
    lines = Path(f"/proc/self/fdinfo/{pidfd}").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pid:"))


def zygote_of_a_kernel(_: int) -> tuple[int, int]:
    """Worker, and the zygote that its kernel came from."""
    with open_kernel(tier="strong", limits=LIMITS, seed=1) as kernel:
        assert kernel.execute(notebook("print(1)")).ended == "completed"
    zygote = NURSERY.get(())
    assert isinstance(zygote, BorrowedZygote)
    return os.getpid(), pid_of(zygote._pidfd)


def open_when_told(wait_and_kill: bool) -> str:
    with open_kernel(tier="strong", limits=LIMITS, seed=1) as kernel:
        kernel.execute(notebook("x = 1"))
        if wait_and_kill:
            zygote = NURSERY.get(())
            assert isinstance(zygote, BorrowedZygote)
            stat = Path(f"/proc/{pid_of(zygote._pidfd)}/stat").read_text()
            os.kill(
                int(stat.rpartition(")")[2].split()[1]), signal.SIGKILL
            )  # the first of all behind the walls
            select.select([zygote._pidfd], [], [], 20)
        return kernel.ask(Probe(id="p", code="return x", inputs={}, seed=1, timeout_s=10)).outcome


@pytest.fixture(scope="module", autouse=True)
def _warm_is_there() -> None:
    if NURSERY.get(()) is None:
        pytest.skip(f"no warm kernels on this machine: {NURSERY.weakness(())}")


@pytest.fixture
def lender() -> Iterator[Lender]:
    lender = Lender()
    lender.start()
    yield lender
    lender.end()


def test_workers_share_one_zygote_that_ends_with_the_run() -> None:
    with LocalExecutor(2) as executor:
        outcomes = list(executor.run(zygote_of_a_kernel, range(4)))
    assert [outcome.error for outcome in outcomes] == [None] * 4
    seen = [outcome.result for outcome in outcomes]
    workers, zygotes = zip(*(found for found in seen if found), strict=True)
    assert len(seen) == len(workers) == 4
    assert len(set(workers)) == 2
    assert len(set(zygotes)) == 1
    assert not Path(f"/proc/{zygotes[0]}").exists()


def test_kernel_that_ends_with_its_zygote_is_no_fault_of_the_notebook() -> None:
    with LocalExecutor(1) as executor:
        killed, fine = executor.run(open_when_told, [True, False])
    assert isinstance(killed.error, KernelStartError)
    assert (fine.error, fine.result) == (None, "answered")


def test_zygote_that_a_worker_gave_up_is_lent_no_more_and_left_to_the_others(lender: Lender) -> None:
    with lender.connect() as one, lender.connect() as other:
        nurseries = Nursery(one), Nursery(other)
        spoilt, kept = (nursery.get(()) for nursery in nurseries)
        assert isinstance(spoilt, BorrowedZygote)
        assert isinstance(kept, BorrowedZygote)
        pid = pid_of(spoilt._pidfd)
        assert pid_of(kept._pidfd) == pid
        nurseries[0].discard(spoilt)
        fresh = nurseries[0].get(())
        assert isinstance(fresh, BorrowedZygote)
        assert pid_of(fresh._pidfd) != pid
        assert kept.alive()
        for nursery in nurseries:
            nursery.close()


def test_what_is_going_to_be_asked_for_is_warm_before() -> None:
    lender = Lender([("mid", ()), ("strong", ("imaplib",)), ("strong", ())])
    lender.start()
    try:
        deadline = time.monotonic() + 60
        while len(lender._nursery._zygotes) < 2 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert {kind[:2] for kind in lender._nursery._zygotes} == {("strong", ()), ("strong", ("imaplib",))}
    finally:
        lender.end()


@pytest.mark.parametrize("preload", [(), ("lightning",)], ids=["fewest", "grown"])
def test_lender_ends_while_a_zygote_still_starts(lender: Lender, preload: tuple[str, ...]) -> None:
    before = set(descendants(os.getpid()))
    with lender.connect() as worker:
        worker.send(json.dumps({"tier": "strong", "preload": preload}).encode())
        kind = GrownZygote if preload else Zygote
        while type(lender._nursery._starting) is not kind:
            pass
        started = set(descendants(os.getpid())) - before
        assert started
        lender.end()
        assert gone(started, within_s=2)
        with pytest.raises(OSError, match=r"reset|pipe"):
            worker.send(b"{}")
    other, lender._stop = socket.socketpair()
    other.close()
