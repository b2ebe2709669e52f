"""Runs all attacks in one tier, as the user that runs it: `python -m tests.sandbox.attacks.driver TIER`.

Prints as JSON what each attack reached, and what was left. In tier `none` limits are wide, and attacks that are shown
elsewhere run there (see `elsewhere.py`).
"""

import contextlib
import json
import os
import secrets
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from typing import Any

from grader.model.execution import Execution
from grader.model.probe import Leaf, Probe
from grader.model.rubric import Limits
from grader.sandbox import Kernel, open_kernel
from grader.sandbox.nursery import NURSERY
from tests.sandbox.attacks import answers, elsewhere, leftovers, siblings
from tests.sandbox.attacks.attack import Attack, preamble, told
from tests.sandbox.attacks.bare import condition
from tests.sandbox.attacks.catalogue import ATTACKS
from tests.sandbox.attacks.targets import SECRET, Leaks, Targets
from tests.sandbox.notebooks import descendants, notebook, text_of

USUAL = Limits(cell_s=10, total_s=180, memory_bytes=3 << 30, output_bytes=1 << 20)
WIDE = Limits(
    cell_s=60,
    total_s=300,
    memory_bytes=8 << 30,
    output_bytes=300 << 20,
    disk_bytes=1 << 41,
    files=1_000_000,
    processes=1000,
)
PATIENCE_S = 5.0
MARKING = """
import ctypes, os
ctypes.CDLL(None).prctl(15, {name!r}.encode(), 0, 0, 0)
return os.getuid()
"""


class Driver:
    """The attacks of one tier."""

    def __init__(self, tier: str) -> None:
        self.tier = tier
        self.word = secrets.token_hex(3)
        self.names = 0
        self.outcomes: dict[str, dict[str, Any]] = {}
        self.leaks = Leaks()
        self.signalled = 0
        signal.signal(signal.SIGUSR1, self._count)

    def run(self) -> dict[str, Any]:
        """All attacks, and a look at what is left."""
        mounts = leftovers.mounts()
        temporary = Path(tempfile.gettempdir())
        before = set(temporary.iterdir())
        tried = [a for a in ATTACKS if self.tier != "none" or a.proof in ("none", "root")]
        limited = [a for a in tried if a.limits]
        outliving = [a for a in tried if a.family == "outlive"]
        with self._sibling() as sibling:
            self._try([a for a in tried if a not in (*limited, *outliving)], USUAL, sibling)
        with ThreadPoolExecutor(1) as aside:  # while attacks wait
            others = [a for a in ATTACKS if a not in tried] if self.tier == "none" else []
            shown = aside.submit(elsewhere.shown, others, self.leaks) if others else None
            for group in self._kernels(limited):
                self._try(
                    group, WIDE if self.tier == "none" else USUAL.model_copy(update=dict(group[0].limits))
                )
            self._try(outliving, USUAL)
            answered = self._forge()
            self.outcomes |= shown.result() if shown else {}
        NURSERY.close()
        left = [f"process {pid}" for pid in leftovers.still_there(self.word)]
        left += [f"file {path}" for path in leftovers.files(self.word)]
        left += [f"temporary file {path}" for path in set(temporary.iterdir()) - before]
        left += [f"mount {path}" for path in leftovers.mounts() - mounts]
        return {
            "uid": os.geteuid(),
            "outcomes": self.outcomes,
            "answers": answered,
            "megabytes": _most_megabytes(),
            "left": left,
            "word": self.word,
        }

    def _forge(self) -> dict[str, Any]:
        """Ask for forged answers."""
        found: dict[str, Any] = {}
        for forgeries, cells in (
            (answers.LIES, (answers.LIARS, answers.PATCHES)),
            (answers.SHOTS, (answers.FORGERS,)),
        ):
            with open_kernel(tier=self.tier, limits=USUAL, seed=1) as kernel:
                found |= answers.forged(kernel, forgeries, *cells)
        return found

    def _kernels(self, limited: list[Attack]) -> list[list[Attack]]:
        """Attacks that can share a kernel; in tier `none` nothing ends it, so all can."""
        if self.tier == "none":
            return [limited]
        return [list(group) for _, group in groupby(limited, lambda a: a.key if a.alone else str(a.limits))]

    def _try(self, attacks: list[Attack], limits: Limits, sibling: Mapping[str, Any] | None = None) -> None:
        """Try attacks one after the other in one kernel, and see what they reached."""
        name = self._name()
        names = {a.key: self._name() for a in attacks if a.seen == "left"}
        with contextlib.ExitStack() as stack:
            with open_kernel(tier=self.tier, limits=limits, seed=1) as kernel:
                uid = self._mark(kernel, name)
                assert leftovers.marked(name), "the look for what is left would find nothing"
                targets = stack.enter_context(Targets(uid, self.tier, self.leaks))
                graders = self._graders(targets)
                cells = []
                for one in attacks:
                    planted = targets.plant(one.key, victim=one.seen == "victim")
                    stand_in = [planted["victim"]] if self.tier == "none" and "victim" in planted else None
                    planted |= {
                        "graders": stand_in or [os.getpid(), os.getppid()],
                        "zygotes": stand_in or graders,
                    }
                    planted |= {"name": names.get(one.key), "mark": name, "sibling": sibling}
                    planted["channels"] = _channels()
                    cells.append(one.cell(planted))
                execution = kernel.execute(notebook(preamble(name), *cells))
                ended = [pid for pid in graders if condition(pid) is None]
            for number, one in enumerate(attacks):
                found = _found(execution, number + 1, one)
                self.outcomes[one.key] = found
                match one.seen:
                    case "folder":
                        found["reached"] = targets.changed(one.key)
                    case "heard":
                        found["reached"] = targets.heard(one.key)
                    case "victim":
                        found["reached"] = targets.harmed(one.key) or self._harm(one, ended, sibling)
                    case "left":
                        found["reached"] = self._left(names[one.key], name)

    def _mark(self, kernel: Kernel, name: str) -> int:
        """Give the kernel's process a name that its forks inherit; returns the uid that it has."""
        observation = kernel.ask(Probe(id="a.b/0", code=MARKING.format(name=name)))
        assert isinstance(observation.value, Leaf), observation
        return int(observation.value.array)

    def _graders(self, targets: Targets) -> list[int]:
        """What the grader runs beside kernels: its zygotes, and whatever watches over kernels."""
        others = {*leftovers.marked(self.word), *targets.pids}
        return [pid for pid in descendants(os.getpid()) if pid not in others]

    def _harm(self, one: Attack, ended: list[int], sibling: Mapping[str, Any] | None) -> str:
        """What an attack did to others than the victim that it was given."""
        if one.key == "kill_the_grader" and self.signalled:
            return "the grader got a signal"
        if one.key in ("kill_the_zygote", "kill_its_parents") and ended:
            return f"processes of the grader ended: {ended}"
        if one.family == "siblings" and sibling is not None:
            gone = [pid for pid in sibling["pids"] if condition(pid) is None]
            return f"processes of the sibling ended: {gone}" if gone else ""
        return ""

    def _left(self, name: str, kernels: str) -> str:
        """What runs on by this name, or by the name of the kernel; it is ended."""
        found = leftovers.still_there(name, patience_s=PATIENCE_S if self.tier != "none" else 0)
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(os.getpgid(pid), signal.SIGKILL)
        found += leftovers.still_there(kernels)
        return f"processes {found}" if found else ""

    @contextlib.contextmanager
    def _sibling(self) -> Iterator[dict[str, Any]]:
        """A kernel that runs beside, with all that it may have."""
        name = self._name()
        with open_kernel(tier=self.tier, limits=USUAL, seed=2) as kernel:
            self._mark(kernel, name)
            execution = kernel.execute(notebook(preamble(name) + siblings.PLANT))
            planted = json.loads(text_of(execution, 0))
            yield planted | {"pids": sorted(leftovers.marked(name), reverse=True)}
        if self.tier == "none":
            for path in leftovers.files(name):
                Path(path).unlink()
            for pid in leftovers.marked(name):
                os.kill(pid, signal.SIGKILL)

    def _name(self) -> str:
        self.names += 1
        return f"ga{self.word}-{self.names}-"

    def _count(self, *_: object) -> None:
        self.signalled += 1


def _found(execution: Execution, cell: int, one: Attack) -> dict[str, Any]:
    """What the attack told, and how its cell ended."""
    run = next((run for run in execution.cells if run.index == cell), None)
    if run is None:
        return {"untried": f"the notebook ended before, in {execution.detail}", "reached": ""}
    ended = {"reached": "", "ended": run.ended, "took_s": round(run.wall_s, 1)}
    if run.ended in one.holds:
        return ended | {"held": run.ended}
    if one.seen == "grader" and run.ended == "completed":
        return ended | {"held": "the grader went on"}
    found = told(text_of(execution, cell)).get(one.key)
    if found is None:
        return ended | {"untried": f"nothing was told; the cell ended with {run.ended}, {run.error}"}
    return ended | found


def _channels() -> list[str]:
    """The paths of the sockets that kernels listen on."""
    return [str(path) for path in Path(tempfile.gettempdir()).glob("grade-kernel-*/k-*")]


def _most_megabytes() -> int:
    """Of this program; `ru_maxrss` would count what the process was before it became this program."""
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")) >> 10


def main() -> None:
    """Attack one tier; the environment that this process was started with has a secret."""
    if SECRET not in os.environ:
        line = [sys.executable, *sys.orig_argv[1:]]
        os.execve(sys.executable, line, os.environ | {SECRET: secrets.token_hex(8)})
    print(json.dumps(Driver(sys.argv[1]).run()))


if __name__ == "__main__":
    main()
