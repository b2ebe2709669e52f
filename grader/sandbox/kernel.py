"""One kernel for one notebook: opened, executed once, asked many times, closed without a trace."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from grader.errors import KernelStartError
from grader.model.execution import Execution
from grader.model.probe import Observation, Probe
from grader.model.rubric import Limits
from grader.sandbox.client import READY_S, CappedClient
from grader.sandbox.execution import Clock, Runner, read
from grader.sandbox.notebook import CappedNotebook
from grader.sandbox.probing import Prober
from grader.sandbox.process import KernelProcess
from grader.sandbox.provisioner import Manager
from grader.sandbox.watch import MemoryWatch
from grader.sandbox.zygote import NURSERY, Zygote

T = TypeVar("T")


class Kernel:
    """A live kernel behind walls; use from one thread, without a running event loop."""

    def __init__(self, process: KernelProcess, key: str, limits: Limits, loop: asyncio.Runner) -> None:
        self._process, self._limits, self._loop = process, limits, loop
        self._manager = Manager(process, key)
        self._client: CappedClient | None = None
        self._clock = Clock(limits.total_s)
        self._watch = MemoryWatch(process.pid, limits.memory_bytes)
        self._cells_by_count: Mapping[int, int] = {}

    def connect(self) -> None:
        """Wait until the kernel answers; raises KernelStartError when it does not."""
        self._run(self._connect())

    def execute(self, notebook: str) -> Execution:
        """Run all code cells of a notebook (nbformat 4 JSON); the kernel stays alive for probes."""
        return self._run(self._execute(notebook))

    def ask(self, probe: Probe) -> Observation:
        """Put one probe; a kernel that has ended answers `kernel_died`."""
        return self._run(self._ask(probe))

    def disconnect(self) -> None:
        """Close all sockets to the kernel."""
        self._run(self._disconnect())

    async def _connect(self) -> None:
        await self._manager.start_kernel()
        client: Any = self._manager.client()
        self._client = client
        client.start_channels()
        await client.wait_for_ready(READY_S)

    async def _execute(self, notebook: str) -> Execution:
        capped = CappedNotebook(read(notebook), self._limits.output_bytes, km=self._manager)
        assert self._client is not None
        capped.kc = self._client
        self._clock = Clock(self._limits.total_s)
        runner = Runner(self._process, capped, self._limits, self._clock, self._watch)
        execution = await runner.run()
        self._cells_by_count = runner.cells_by_count
        return execution

    async def _ask(self, probe: Probe) -> Observation:
        assert self._client is not None
        prober = Prober(self._process, self._client, self._clock, self._watch, self._cells_by_count)
        return await prober.ask(probe)

    async def _disconnect(self) -> None:
        if self._client is not None:
            self._client.stop_channels()
        self._manager.context.destroy(linger=0)

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run(work)


@contextmanager
def open_kernel(
    *, tier: str, limits: Limits, seed: int, preload: tuple[str, ...] = (), warm: bool = True
) -> Iterator[Kernel]:
    """A fresh kernel, ended when the context is left, however it is left.

    `tier`: as `choose_tier` returned it. `seed` sets random, numpy and torch before the first cell.
    `preload`: modules that the exercise is going to need. `warm`: fork it from a process that has imported them
    already, where there are walls that allow it; results are the same.
    Raises KernelStartError when the kernel does not come up.
    """
    zygote = NURSERY.get(preload, tier, limits) if warm and tier != "none" else None
    key = secrets.token_hex(32)
    with (
        _started(tier, limits, {"seed": seed, "key": key}, zygote) as process,
        asyncio.Runner() as loop,
    ):
        kernel = Kernel(process, key, limits, loop)
        try:
            kernel.connect()
            yield kernel
        finally:
            process.kill()
            kernel.disconnect()


def _started(tier: str, limits: Limits, more: dict[str, Any], zygote: Zygote | None) -> KernelProcess:
    """A kernel that is ready; a zygote that fails to bring one forth is replaced by a cold start."""
    try:
        process = KernelProcess(tier, limits, more=more, zygote=zygote)
        try:
            process.wait_for("ready")
        except BaseException:
            process.close()
            raise
    except KernelStartError:
        if zygote is None:
            raise
        NURSERY.discard(zygote)
        return _started(tier, limits, more, None)
    return process
