from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.errors import CatalogError, GraderError, WorkerDiedError
from grader.executors import LocalExecutor


def double(number: int) -> int:
    return 2 * number


def double_unless_thirteen(number: int) -> int:
    if number == 13:
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * number


def end_in_order_on_thirteen(number: int) -> int:
    if number == 13:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(60)
    return 2 * number


class NeedsTwoWords(Exception):
    def __init__(self, one: str, two: str) -> None:
        super().__init__(f"{one} {two}")


def fail(number: int) -> int:
    if number == 1:
        raise CatalogError("a reference that does not run")
    if number == 2:
        raise NeedsTwoWords("cannot", "travel")
    if number == 3:
        sys.exit(3)
    return number


def where(_: int) -> tuple[int, int, bool]:
    ignores = signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    return os.getpid(), os.getsid(0), ignores and signal.pthread_sigmask(signal.SIG_BLOCK, []) == set()


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def wait_until(true: Callable[[], bool]) -> None:
    """Waits as long as a slow machine needs; the test's own time limit ends it."""
    while not true():
        time.sleep(0.02)


def test_every_item_comes_back_with_its_result() -> None:
    with LocalExecutor(2) as executor:
        outcomes = list(executor.run(double, range(20)))
    assert sorted((o.item, o.result) for o in outcomes) == [(n, 2 * n) for n in range(20)]


def has_command_line(_: int) -> bool:
    return any(name.startswith("grader.commands") for name in sys.modules)


def test_worker_does_not_import_the_program_that_its_grader_was_started_with() -> None:
    script = (
        "from grader.cli import main\n"
        "from grader.executors import LocalExecutor\n"
        "from tests.executors.test_local import has_command_line\n"
        "if __name__ == '__main__':\n"
        "    with LocalExecutor(1) as executor:\n"
        "        print([outcome.result for outcome in executor.run(has_command_line, [0])])\n"
    )
    with tempfile.NamedTemporaryFile("w", suffix=".py") as program:
        program.write(script)
        program.flush()
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        told = subprocess.run(
            [sys.executable, program.name], env=env, capture_output=True, text=True, check=False
        )
    assert (told.stdout, told.returncode) == ("[False]\n", 0), told.stderr


def test_no_items_start_no_process() -> None:
    with LocalExecutor(2) as executor:
        assert list(executor.run(double, [])) == []


def test_items_are_drawn_only_when_a_place_is_free() -> None:
    drawn: list[int] = []

    def items() -> Iterator[int]:
        for number in range(10):
            drawn.append(number)
            yield number

    with LocalExecutor(2) as executor:
        for finished, _ in enumerate(executor.run(double, items())):
            assert len(drawn) <= finished + 2


@pytest.mark.parametrize("work", [double_unless_thirteen, end_in_order_on_thirteen])
def test_death_of_a_worker_is_the_outcome_of_its_own_job_only(work: Callable[[int], int]) -> None:
    with LocalExecutor(2) as executor:
        outcomes = {o.item: o for o in executor.run(work, range(10, 17))}
    assert isinstance(outcomes[13].error, WorkerDiedError)
    assert {n: o.result for n, o in outcomes.items() if n != 13} == {
        n: 2 * n for n in range(10, 17) if n != 13
    }


def test_worker_killed_between_two_jobs_costs_nothing() -> None:
    with LocalExecutor(1) as executor:
        (first,) = executor.run(where, [0])
        assert first.result is not None
        os.kill(first.result[0], signal.SIGKILL)
        wait_until(lambda: not is_alive(first.result[0]) if first.result else True)
        (second,) = executor.run(where, [0])
    if second.error is None:
        assert second.result is not None
        assert second.result[0] != first.result[0]
    else:  # the pool had not noticed yet
        assert isinstance(second.error, WorkerDiedError)


def test_errors_of_jobs_come_back_as_outcomes_even_when_they_cannot_be_pickled() -> None:
    with LocalExecutor(1) as executor:
        outcomes = {o.item: o for o in executor.run(fail, range(5))}
    assert isinstance(outcomes[1].error, CatalogError)
    assert "a reference that does not run" in str(outcomes[1].error)
    assert isinstance(outcomes[2].error, GraderError)
    assert "NeedsTwoWords: cannot travel" in str(outcomes[2].error)
    assert isinstance(outcomes[3].error, WorkerDiedError)
    assert [outcomes[0].result, outcomes[4].result] == [0, 4]


def test_ctrl_c_reaches_no_worker() -> None:
    with LocalExecutor(1) as executor:
        (outcome,) = executor.run(where, [0])
    assert outcome.result is not None
    pid, session, ignores = outcome.result
    assert session == pid
    assert ignores


def write_and_die(_: int) -> str:
    folder = tempfile.mkdtemp()
    (Path(folder) / "file").write_text("")
    if _ == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return folder


def test_no_worker_and_no_temporary_file_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with LocalExecutor(2) as executor:
        pids = {o.result[0] for o in executor.run(where, range(4)) if o.result}
        folders = [o.result for o in executor.run(write_and_die, range(3)) if o.result]
        assert all(Path(folder).is_relative_to(tmp_path) for folder in folders)
        assert len(folders) == 2
    assert pids
    assert not any(is_alive(pid) for pid in pids)
    assert list(tmp_path.iterdir()) == []


SLEEPS = """
import os, subprocess, sys, time
from pathlib import Path
from grader.executors import LocalExecutor

def sleep(folder):
    child = subprocess.Popen(["sleep", "1000"])
    try:
        (Path(folder) / f"{os.getpid()}.part").write_text(str(child.pid))
        (Path(folder) / f"{os.getpid()}.part").rename(Path(folder) / f"{os.getpid()}.started")
        time.sleep(1000)
    finally:
        if sys.argv[2] == "orderly":
            child.kill()
            child.wait()
            (Path(folder) / "in order").touch()

def main():
    with LocalExecutor(2) as executor:
        try:
            list(executor.run(sleep, [sys.argv[1]] * 5))
        except KeyboardInterrupt:
            print("interrupted")
"""


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 0), (signal.SIGKILL, -9), (signal.SIGTERM, -15)]
)
def test_end_of_the_grader_ends_workers_and_what_they_started(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    (tmp_path / "sleeps.py").write_text(SLEEPS)
    start = "import sys; sys.path.insert(0, sys.argv[1]); import sleeps; sleeps.main()"
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    environment = {**os.environ, "TMPDIR": str(scratch)}
    grader = subprocess.Popen([sys.executable, "-c", start, str(tmp_path), "orderly"], env=environment)
    wait_until(lambda: len(list(tmp_path.glob("*.started"))) == 2)
    pids = [pid for path in tmp_path.glob("*.started") for pid in (int(path.stem), int(path.read_text()))]
    assert all(is_alive(pid) for pid in pids)
    grader.send_signal(number)
    assert grader.wait() == code
    wait_until(lambda: not any(is_alive(pid) for pid in pids))
    assert (tmp_path / "in order").exists()
    assert list(scratch.iterdir()) == []
