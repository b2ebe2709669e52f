"""The Jupyter client of one kernel, in the process that exists for nothing else: connect, execute, ask, disconnect."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeVar

from grader.model.execution import CellRun, Execution
from grader.model.probe import Observation, Probe
from grader.model.rubric import Limits
from grader.sandbox.client import READY_S, CappedClient
from grader.sandbox.execution import Clock, Runner
from grader.sandbox.handle import Handle
from grader.sandbox.interface import LOCAL
from grader.sandbox.notebook import IOPUB_S, CappedNotebook
from grader.sandbox.probing import Prober
from grader.sandbox.provisioner import Manager
from grader.sandbox.sources import read
from grader.sandbox.watch import Growth

T = TypeVar("T")
ENDLESS_S = 10**6
"""Kernels behind walls drop no message: who replies before the end is not believed, and the limit on cells decides."""


class Listener:
    """Talks to one kernel; use from one thread, without a running event loop."""

    def __init__(self, handle: Handle, key: str, limits: Limits) -> None:
        self._handle, self._limits = handle, limits
        # Where the default loop is another one (Windows), ZeroMQ cannot wait for its sockets in it.
        self._loop = asyncio.Runner(loop_factory=asyncio.SelectorEventLoop)
        self._manager = Manager(handle, key)
        self._client: CappedClient | None = None
        self._clock = Clock(limits.total_s)
        self._growth = Growth()
        self._cells_by_count: Mapping[int, int] = {}

    def connect(self) -> None:
        """Wait until the kernel answers; raises KernelStartError when it does not."""
        self._run(self._connect())

    def execute(self, notebook: str, tell: Callable[[int | CellRun], None]) -> Execution:
        """Run all code cells of a notebook; `tell` hears each cell's index as it begins, and how it went."""
        return self._run(self._execute(notebook, tell))

    def ask(self, probes: Sequence[Probe]) -> list[Observation]:
        """Put probes in one request; as many answers as came, and what became of the first that did not."""
        return self._run(self._ask(probes))

    def disconnect(self) -> None:
        """Close all sockets to the kernel, and let go of it."""
        try:
            self._run(self._disconnect())
        finally:
            self._loop.close()
            self._handle.close()

    async def _connect(self) -> None:
        await self._manager.start_kernel()
        client: Any = self._manager.client()
        self._client = client
        client.start_channels()
        await client.wait_for_ready(READY_S)

    async def _execute(self, notebook: str, tell: Callable[[int | CellRun], None]) -> Execution:
        patience_s = IOPUB_S if self._handle.tier == LOCAL else ENDLESS_S
        capped = CappedNotebook(
            read(notebook), self._limits.output_bytes, km=self._manager, iopub_timeout=patience_s
        )
        assert self._client is not None
        capped.kc = self._client
        self._clock = Clock(self._limits.total_s)
        runner = Runner(self._handle, capped, self._limits, self._clock, self._growth, tell)
        execution = await runner.run()
        self._cells_by_count = runner.cells_by_count
        return execution

    async def _ask(self, probes: Sequence[Probe]) -> list[Observation]:
        assert self._client is not None
        prober = Prober(self._handle, self._client, self._clock, self._growth, self._cells_by_count)
        return await prober.ask(probes)

    async def _disconnect(self) -> None:
        if self._client is not None:
            self._client.stop_channels()
        self._manager.context.destroy(linger=0)

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        # Not the runner's own `run`: that minds SIGINT, which this process ignores, for a fifth of a question's cost.
        return self._loop.get_loop().run_until_complete(work)
