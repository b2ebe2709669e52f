"""One kernel for one notebook: opened, executed once, asked many times, closed without a trace.

Three processes work together: this one, which judges, starts the kernel and watches its memory; a client worker, which
alone reads what the kernel sends; the kernel. Whatever happens to the latter two is an outcome of the notebook.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any, Literal

from grader.errors import KernelStartError, MachineFullError
from grader.model.execution import CellRun, Execution
from grader.model.gpu_run import Shortening
from grader.model.probe import Observation, Probe
from grader.model.rubric import Limits
from grader.model.text import say
from grader.sandbox.breaches import OUTCOMES, Breach
from grader.sandbox.cgroups import Group
from grader.sandbox.clients import CLIENTS, MOST_REPLY_BYTES, Client, ClientDiedError
from grader.sandbox.endings import ended_otherwise, execution_of
from grader.sandbox.gpus import Gpu, find_gpu
from grader.sandbox.interface import LOCAL, LiveKernel, device_name, no_device
from grader.sandbox.messages import Ask, Connect, Execute
from grader.sandbox.nursery import NURSERY
from grader.sandbox.process import KernelProcess
from grader.sandbox.watch import TICK_S, KernelWatch
from grader.sandbox.zygote import KernelSource

START_S = 90.0
SLACK_S = 60.0
"""Seconds beyond all limits after which a client that does not answer is given up."""
OUTPUT_GROWTH = 8
"""Bytes of JSON that a byte of output can take, and some."""


class Kernel:
    """A live kernel behind walls; use from one thread."""

    def __init__(self, process: KernelProcess, client: Client, group: Group, limits: Limits) -> None:
        self._process, self._client, self._group, self._limits = process, client, group, limits
        self._watch = KernelWatch(process.pid, limits.memory_bytes)
        self._breach: Breach | None = None
        self._machine_full = False
        self.no_gpu = no_device(process.told_ready)
        self.gpu_name = device_name(process.told_ready)

    def connect(self, key: str) -> None:
        """Wait until the kernel answers; raises KernelStartError when it does not, ClientDiedError."""
        assert self._process.pidfd is not None
        request = Connect(self._process.address, key, self._process.tier, self._limits)
        self._client.ask(request, pidfd=self._process.pidfd, most_s=START_S)

    def execute(self, notebook: str, hear: Callable[[int | CellRun], None] = lambda _: None) -> Execution:
        """Run all code cells of a notebook (nbformat 4 JSON); the kernel stays alive for probes.

        `hear` gets each cell's index as it begins, and how it went.
        Raises MachineFullError when it had to be stopped because other programs need the memory, too.
        """
        began = time.monotonic()
        heard: list[int | CellRun] = []

        def note(of: int | CellRun) -> None:
            heard.append(of)
            hear(of)

        room = MOST_REPLY_BYTES + 4 * len(notebook) + OUTPUT_GROWTH * self._limits.output_bytes
        try:
            execution = self._ask(Execute(notebook), self._limits.total_s, hear=note, most_bytes=room)
        except ClientDiedError:
            return self._cut_short(notebook, heard, time.monotonic() - began)
        assert isinstance(execution, Execution)
        if any(run.ended == "output_limit_exceeded" for run in execution.cells):
            self._client.retire()
        if self._breach is not None and execution.cells and not self._process.alive():
            return ended_otherwise(execution, self._breach, self._limits)
        return execution

    def ask(self, probe: Probe) -> Observation:
        """Put one probe; a kernel that has ended answers `kernel_died`. Raises MachineFullError."""
        [observation] = self.ask_together((probe,))
        return observation

    def ask_together(self, probes: Sequence[Probe]) -> list[Observation]:
        """Put probes in one request; as many answers as came, and what became of the first that did not.

        Raises MachineFullError.
        """
        first = probes[0].id
        if not self._process.alive():
            self._check_not_orphaned()
            return [Observation(probe=first, outcome="kernel_died", detail="it had ended before")]
        try:
            observations = self._ask(Ask(tuple(probes)), sum(probe.timeout_s for probe in probes))
        except ClientDiedError as error:
            detail = f"too many, too large or malformed messages: of the process that listens, {error}"
            return [Observation(probe=first, outcome="refused", detail=detail)]
        assert isinstance(observations, list)
        last = observations[-1]
        if self._breach is not None and last.outcome == "kernel_died":
            detail = "the kernel was stopped"
            observations[-1] = last.model_copy(update={"outcome": OUTCOMES[self._breach], "detail": detail})
        return observations

    def _ask(
        self, request: Execute | Ask, most_s: float, **more: Any
    ) -> Execution | list[Observation] | None:
        try:
            return self._client.ask(request, most_s=most_s + SLACK_S, tick_s=TICK_S, look=self._look, **more)
        except ClientDiedError:
            self._process.kill()
            raise
        finally:
            if not self._process.alive():
                self._check_not_orphaned()
                if self._breach is None and self._group.ran_out_of_memory():
                    self._breach = "memory_limit_exceeded"
                if self._breach is None and self._process.exceeded() is not None:
                    self._breach = "disk_limit_exceeded"
                self._process.kill()  # what it has left behind
                self._client.retire()
            if self._machine_full:
                raise MachineFullError(
                    say(
                        "The machine ran out of memory, and the kernel was stopped: use fewer `--jobs`, or a "
                        "lower `memory_bytes` in the rubric's `[limits]`."
                    )
                )

    def _check_not_orphaned(self) -> None:
        if self._process.is_orphaned():
            raise KernelStartError(
                say("The process that kernels are forked from ended, and this one with it.")
            )

    def _cut_short(self, notebook: str, heard: list[int | CellRun], wall_s: float) -> Execution:
        """What is known of an execution whose client died: how the cells went, and none of their outputs."""
        from grader.sandbox.sources import unexecuted  # here: nbformat is slow to import and seldom needed

        runs = [run for run in heard if isinstance(run, CellRun)]
        begun = [index for index in heard if isinstance(index, int)]
        last = CellRun(index=begun[-1] if begun else 0, ended=self._breach or "output_limit_exceeded")
        return execution_of(
            [*(run for run in runs if run.index != last.index), last],
            self._limits,
            notebook=unexecuted(notebook),
            tier=self._process.tier,
            wall_s=wall_s,
        )

    def _look(self) -> None:
        """Stop a kernel that takes too much memory; the client sees it end."""
        if self._breach is None and self._watch.is_over():
            self._breach = "memory_limit_exceeded"
            self._process.kill()
        elif self._breach is None and self._watch.fills_the_machine():
            self._machine_full = True
            self._process.kill()


@contextmanager
def open_kernel(
    *,
    tier: str,
    limits: Limits,
    seed: int,
    preload: tuple[str, ...] = (),
    warm: bool = True,
    gpu: Literal["virtual", "real"] | None = None,
    shorten: Shortening | None = None,
    pictures: bool = True,
) -> Iterator[LiveKernel]:
    """A fresh kernel, ended when the context is left, however it is left.

    `tier`: as `choose_tier` returned it, or `LOCAL`. `seed` sets random, numpy and torch before the first cell.
    `preload`: modules that the exercise is going to need. `warm`: fork it from a process that has imported them
    already, where there are walls that allow it; results are the same. `gpu`: let the notebook see a CUDA device, a
    `virtual` one that computes on the CPU, or this machine's, for which the kernel starts cold, behind walls that let
    the driver in; where there can be none, `Kernel.no_gpu` says why. `shorten`: the most that arguments of the
    notebook's functions may be. `pictures`: draw the figures that cells show.
    Raises KernelStartError when the kernel does not come up, SandboxUnavailableError when there is no real GPU.
    """
    more = {"seed": seed, "gpu": gpu, "shorten": shorten, "pictures": pictures}
    with ExitStack() as stack:
        if tier == LOCAL:
            from grader.sandbox import local  # here: what it needs of Jupyter is not everywhere as new

            yield stack.enter_context(local.open_local_kernel(limits, more))
            return
        let_in = find_gpu() if gpu == "real" else None
        opened = partial(_opened, tier, limits, more, preload, warm=warm, gpu=let_in)
        try:
            kernel = stack.enter_context(opened())
        except ClientDiedError:  # no student's code ran yet: what ails the client came from elsewhere
            try:
                kernel = stack.enter_context(opened())
            except ClientDiedError as error:
                raise KernelStartError(
                    say("The process that listens to the kernel failed: {reason}.", reason=str(error))
                ) from error
        yield kernel


@contextmanager
def _opened(
    tier: str, limits: Limits, more: dict[str, Any], preload: tuple[str, ...], *, warm: bool, gpu: Gpu | None
) -> Iterator[Kernel]:
    with CLIENTS.lend() as client:  # first, because it starts while the zygote does
        zygote = NURSERY.get(preload, tier, limits) if warm and tier != "none" and gpu is None else None
        key = secrets.token_hex(32)
        with _started(tier, limits, {**more, "key": key}, zygote, gpu) as process:
            group = Group(process.pid, limits)
            try:
                kernel = Kernel(process, client, group, limits)
                kernel.connect(key)
                yield kernel
            finally:
                process.kill()
                group.close()


def _started(
    tier: str, limits: Limits, more: dict[str, Any], zygote: KernelSource | None, gpu: Gpu | None
) -> KernelProcess:
    """A kernel that is ready; a zygote that fails to bring one forth is replaced by a cold start."""
    try:
        process = KernelProcess(tier, limits, more=more, zygote=zygote, gpu=gpu)
        try:
            process.told_ready = process.wait_for("ready")
        except BaseException:
            process.close()
            raise
    except KernelStartError:
        if zygote is None:
            raise
        NURSERY.discard(zygote)
        return _started(tier, limits, more, None, gpu)
    return process
