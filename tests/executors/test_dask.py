"""Grading on a real Dask cluster, each worker a process of its own; without walls but for one test."""

from __future__ import annotations

import json
import os
import platform
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

pytest.importorskip("distributed", reason="the extra `dask` is not installed")

from grader.cli import main
from grader.config import load_settings
from grader.errors import CatalogError, ClusterError, WorkerDiedError
from grader.executors import dask_connection
from grader.executors.capacity import job_bytes
from grader.executors.dask import DaskExecutor
from grader.i18n import render
from grader.model.text import Text
from grader.pipeline import carry_out, plan
from grader.sandbox import choose_tier
from tests.course import ENDLESS, ID, RIGHT, RUBRIC, WRONG, hand_in, make_course, write
from tests.executors.cluster import SmallCluster, wait_until
from tests.executors.test_local import is_alive
from tests.pipeline.test_run import without_times


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[SmallCluster]:
    with SmallCluster(tmp_path / "cluster") as cluster:
        yield cluster


def executor_of(cluster: SmallCluster, **more: Any) -> DaskExecutor:
    options: dict[str, Any] = {"sandbox": "none", "libraries": ("grade", "torch"), **more}
    return DaskExecutor(cluster.address, job_bytes=job_bytes(1), **options)


def grade(
    course: Path, where: str, cluster: SmallCluster | None = None, **more: str
) -> tuple[dict[str, Any], list[str]]:
    """The results of a class, graded here or on a cluster, and what was told meanwhile."""
    dask = None if cluster is None else str(cluster.file)
    flags = {"out": course / where, "db": str(course / f"{where}.db"), "dask": dask, "jobs": 2, **more}
    settings = load_settings(flags, folder=course, environment={})
    told: list[Text] = []
    carry_out(plan(settings, [course / "submissions"]), lambda _: None, told.append)
    results = json.loads((course / where / "results.json").read_text())
    return without_times(results), [render(text, "en") for text in told]


def double_most(number: int) -> int:
    if number < 0:
        raise CatalogError("a number that cannot be doubled")
    if number == 13:
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * number


def kill_dask_worker_at_thirteen(number: int) -> int:
    if number == 13:
        os.kill(os.getppid(), signal.SIGKILL)
        threading.Event().wait()
    return 2 * number


def worker_of(_: int) -> int:
    return os.getppid()


WAITS = """
import pathlib, time
folder = pathlib.Path({folder!r})
(folder / {name!r}).touch()
while not (folder / "go").exists():
    time.sleep(0.05)
"""


def test_class_is_graded_as_it_is_here_though_a_worker_is_killed(
    tmp_path: Path, cluster: SmallCluster
) -> None:
    course = make_course(tmp_path / "course")
    for name, code in (("ada", RIGHT), ("bob", WRONG)):
        hand_in(course, name, WAITS.format(folder=str(tmp_path), name=name) + code)
    write(course / "submissions" / "carl" / f"{ID}.ipynb", "{")
    doomed = cluster.worker()
    cluster.worker(nanny=True)
    cluster.wait_for(2)

    def kill() -> None:
        wait_until(lambda: (tmp_path / "ada").exists() and (tmp_path / "bob").exists())
        doomed.kill()
        doomed.wait()
        (tmp_path / "go").touch()

    killing = threading.Thread(target=kill)
    killing.start()
    there, told = grade(course, "there", cluster)
    killing.join()
    assert any("was lost; jobs to be done again: 1." in line for line in told)
    verdicts = [report["verdict"] for report in there["reports"]]
    assert verdicts == ["accepted", "wrong_answer", "needs_review"]
    here, _ = grade(course, "here")
    assert there == here
    wait_until(lambda: cluster.busy() == set())


WARM = "import sys\ndef double(x):\n    return (2 if 'imaplib' in sys.modules else 3) * x"
"""Right in a kernel that comes from a zygote which imported what the rubric names, and in no other."""


def test_class_is_graded_behind_walls_by_a_warm_zygote_of_the_worker(
    tmp_path: Path, cluster: SmallCluster
) -> None:
    preload = 'exercise = "01_doubles"\npreload = ["imaplib"]'
    course = make_course(tmp_path / "course", rubric=RUBRIC.replace('exercise = "01_doubles"', preload))
    for name, code in (("ada", WARM), ("bob", f"import imaplib\n{WRONG}")):
        hand_in(course, name, code)
    cluster.worker()
    cluster.wait_for(1)
    results, _ = grade(course, "there", cluster, sandbox="auto")
    found = [(report["verdict"], report["tier"]) for report in results["reports"]]
    tier = choose_tier("auto")
    assert found == [("accepted", tier), ("wrong_answer", tier)]
    wait_until(lambda: cluster.busy() == set())
    wait_until(lambda: cluster.leftovers() == [])


def test_items_are_drawn_as_places_get_free_and_errors_come_back(cluster: SmallCluster) -> None:
    cluster.worker(threads=2)
    cluster.wait_for(1)
    drawn: list[int] = []

    def items() -> Iterator[int]:
        for number in (*range(10), -1, 13):
            drawn.append(number)
            yield number

    outcomes = {}
    with executor_of(cluster) as executor:
        assert executor.size == (1, 2)
        for finished, outcome in enumerate(executor.run(double_most, items())):
            assert len(drawn) <= finished + 2
            outcomes[outcome.item] = outcome
        assert list(executor.run(double_most, [])) == []
    assert cluster.busy() == set()
    assert {n: o.result for n, o in outcomes.items() if o.error is None} == {n: 2 * n for n in range(10)}
    assert isinstance(outcomes[-1].error, CatalogError)
    assert "in double_most" in str(outcomes[-1].error.__cause__)
    assert isinstance(outcomes[13].error, WorkerDiedError)


@pytest.mark.nightly
def test_job_that_takes_its_worker_with_it_is_blamed_and_no_other(cluster: SmallCluster) -> None:
    cluster.worker(threads=2, nanny=True)
    cluster.wait_for(1)
    told: list[Text] = []
    with executor_of(cluster, notify=told.append) as executor:
        outcomes = {o.item: o for o in executor.run(kill_dask_worker_at_thirteen, range(11, 17))}
    assert {n: o.result for n, o in outcomes.items() if n != 13} == {n: 2 * n for n in (11, 12, 14, 15, 16)}
    assert isinstance(outcomes[13].error, WorkerDiedError)
    assert "3 Dask workers were lost" in str(outcomes[13].error)
    assert len(told) == 3


def as_installed(folder: Path, **versions: str) -> dict[str, str]:
    """The environment of a process that believes to have these versions."""
    for name, number in versions.items():
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {number}\n"
        write(folder / f"{name}-{number}.dist-info" / "METADATA", metadata)
    return {"PYTHONPATH": str(folder)}


OLD_PYTHON = "import platform\nplatform.python_version = lambda: '3.9.1'\n"
NO_GRADE = """
import importlib.metadata as metadata
known = metadata.version
def version(name):
    if name == "grade":
        raise metadata.PackageNotFoundError(name)
    return known(name)
metadata.version = version
"""


def test_workers_that_do_not_suit_are_refused_by_name_and_reason(
    tmp_path: Path, cluster: SmallCluster
) -> None:
    cluster.worker(environment=as_installed(tmp_path / "one", grade="0.0.9"))
    cluster.worker(environment=as_installed(tmp_path / "two", torch="9.9"))
    write(tmp_path / "three" / "sitecustomize.py", OLD_PYTHON)
    cluster.worker(environment={"PYTHONPATH": str(tmp_path / "three")})
    write(tmp_path / "four" / "sitecustomize.py", NO_GRADE)
    cluster.worker(environment={"PYTHONPATH": str(tmp_path / "four")})
    cluster.wait_for(4)
    with pytest.raises(ClusterError, match="None of the Dask workers") as refused, executor_of(cluster):
        pass
    assert f"it has grade 0.0.9, not {version('grade')}" in str(refused.value)
    assert f"it has torch 9.9, not {version('torch')}." in str(refused.value)
    assert f"it has Python 3.9.1, not {platform.python_version()}." in str(refused.value)
    assert "grade is not installed there." in str(refused.value)
    assert str(refused.value).count("tcp://127.0.0.1:") == 5, "the scheduler and the workers"


def test_worker_without_the_walls_wanted_is_refused(tmp_path: Path, cluster: SmallCluster) -> None:
    cluster.worker(environment={"PATH": str(tmp_path)})
    cluster.wait_for(1)
    with pytest.raises(ClusterError, match="bubblewrap"), executor_of(cluster, sandbox="strong"):
        pass
    with executor_of(cluster, sandbox="none") as executor:
        assert executor.tier == "none"


@pytest.mark.nightly
def test_workers_that_come_later_are_examined_and_get_jobs(tmp_path: Path, cluster: SmallCluster) -> None:
    told: list[Text] = []
    cluster.worker()
    seen: set[int | None] = set()

    def until_two_were_seen() -> Iterator[int]:
        while len(seen) < 2 or len(told) < 1:
            yield 0

    with executor_of(cluster, notify=told.append) as executor:
        for outcome in executor.run(worker_of, until_two_were_seen()):
            if not seen:
                cluster.worker()
                cluster.worker(environment=as_installed(tmp_path, torch="9.9"))
            seen.add(outcome.result)
    (refusal,) = (render(text, "en") for text in told)
    assert "gets no jobs: it has torch 9.9, not" in refusal


def test_scheduler_that_ends_ends_the_run_with_a_clear_error(
    cluster: SmallCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_connection, "CONNECT_S", 2.0)
    cluster.worker()

    def ends_the_scheduler() -> Iterator[int]:
        yield from range(2)
        cluster.scheduler.kill()
        cluster.scheduler.wait()
        yield from range(1000)

    with (
        pytest.raises(ClusterError, match=r"is gone\. What was graded is kept"),
        executor_of(cluster) as executor,
    ):
        list(executor.run(double_most, ends_the_scheduler()))


def test_cluster_without_workers_is_waited_for_and_then_named(cluster: SmallCluster) -> None:
    with (
        pytest.raises(ClusterError, match=r"No Dask worker at tcp://.* in 1 s"),
        executor_of(cluster, patience_s=1),
    ):
        pass


def test_scheduler_that_does_not_answer_is_named_without_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_connection, "CONNECT_S", 1.0)
    monkeypatch.chdir(make_course(tmp_path))
    hand_in(tmp_path, "ada", RIGHT)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        write(tmp_path / "broken.json", "{")
        for address, words in (
            ("tcp://127.0.0.1:1", "No Dask scheduler answers at tcp://127.0.0.1:1"),
            (f"127.0.0.1:{port}", "No Dask scheduler answers at tcp://127.0.0.1"),
            ("tls://127.0.0.1:1", "Dask's configuration names no certificates"),
            ("missing.json", "missing.json: No such file"),
            ("broken.json", "broken.json: is no scheduler's file"),
            ("head", "--dask: expected tcp://HOST:PORT"),
        ):
            result = CliRunner().invoke(main, ["run", "submissions", "--dask", address])
            output = " ".join(result.output.split())
            assert (result.exit_code, words in output, "Traceback" in output) == (2, True, False), output


@pytest.mark.nightly
def test_ended_run_leaves_nothing_on_the_workers_and_keeps_what_was_graded(
    tmp_path: Path, cluster: SmallCluster
) -> None:
    make_course(tmp_path)
    running = tmp_path / "running"
    hand_in(tmp_path, "zoe", f"open({str(running)!r}, 'w').close()\n{ENDLESS}")
    write(tmp_path / "submissions" / "ada" / f"{ID}.ipynb", "{")
    cluster.worker()
    cluster.wait_for(1)
    command = [sys.executable, "-m", "grader.cli", "submissions", "--dask", str(cluster.file)]
    for number in (signal.SIGKILL, signal.SIGINT):
        run = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
        wait_until(lambda run=run: running.exists() or run.poll() is not None)
        busy = cluster.busy()
        assert len(busy) >= 2, "a process for the job, and a kernel"
        run.send_signal(number)
        _, errors = run.communicate()
        if number is signal.SIGINT:
            assert run.returncode == 130
            assert "Interrupted: 0 of 1 graded, and kept." in errors
            assert "Traceback" not in errors
            assert not any(is_alive(pid) for pid in busy)
            assert cluster.leftovers() == []
        wait_until(lambda busy=busy: not any(is_alive(pid) for pid in busy))
        wait_until(lambda: cluster.leftovers() == [])
        running.unlink()
