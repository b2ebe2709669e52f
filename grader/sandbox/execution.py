"""Runs a notebook's cells one by one through nbclient, within limits, and tells how it went."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from nbformat.v4 import writes_json

from grader.model.execution import CellError, CellRun, Ending, Execution
from grader.model.rubric import Limits
from grader.model.run_order import run_order
from grader.sandbox.breaches import limit_met
from grader.sandbox.endings import execution_of
from grader.sandbox.handle import Handle
from grader.sandbox.notebook import CappedNotebook
from grader.sandbox.outputs import printable, without_colours
from grader.sandbox.watch import Growth

TICK_S = 0.1
GRACE_S = 2.0
AGAIN_S = 1.0
TRACEBACK_LENGTH = 20_000
MESSAGE_LENGTH = 2_000


@dataclass
class Clock:
    """The seconds that are left of the limit on everything."""

    total_s: float
    started: float = field(default_factory=time.monotonic)

    @property
    def left_s(self) -> float:
        """Not below 0."""
        return max(0.0, self.total_s - self.since())

    def since(self) -> float:
        """Seconds since the first cell."""
        return time.monotonic() - self.started


class Runner:
    """One notebook in one kernel."""

    def __init__(
        self,
        process: Handle,
        client: CappedNotebook,
        limits: Limits,
        clock: Clock,
        growth: Growth,
        tell: Callable[[int | CellRun], None],
    ) -> None:
        self.process, self.client, self.limits, self.clock = process, client, limits, clock
        self.growth, self.tell = growth, tell
        self.runs: list[CellRun] = []
        self.cells_by_count: dict[int, int] = {}
        """The kernel's execution count to the cell's index."""
        self._requests: dict[int, str] = {}
        """The cell's index to the request that executed it."""

    async def run(self) -> Execution:
        """Run all code cells; an error in one does not stop the others."""
        for index in run_order(self.client.nb.cells):
            cell = self.client.nb.cells[index]
            if cell.cell_type != "code":
                continue
            self.tell(index)
            run = await self._run_cell(cell, index)
            self.runs.append(run)
            self.tell(run)
            if not self.process.alive() or not self.clock.left_s:
                break
        await self.client.kc.hear_out()
        return execution_of(
            [self._with_failure(run) for run in self.runs],
            self.limits,
            notebook=printable(writes_json(self.client.nb)),
            tier=self.process.tier,
            wall_s=self.clock.since(),
        )

    async def _run_cell(self, cell: NotebookNode, index: int) -> CellRun:
        began = time.monotonic()
        limit_s = min(self.limits.cell_s, self.clock.left_s)
        self.client.begin_cell()
        breach = await self._supervised(self.client.async_execute_cell(cell, index), limit_s)
        self.client.end_cell(cell)
        self.cells_by_count.setdefault(self.client.code_cells_executed, index)
        self._requests[index] = self.client.kc.asked
        wall_s = time.monotonic() - began
        return self._with_failure(CellRun(index=index, ended=breach or "completed", wall_s=wall_s))

    def _with_failure(self, run: CellRun) -> CellRun:
        """The same with the error that the kernel replied, now or when it had said that all went well."""
        error = _error_of(self.client.kc.shell_channel.failures.get(self._requests[run.index]))
        if error is None:
            return run
        ended = run.ended
        if ended == "completed":
            ended = limit_met(error.name, error.message, error.traceback) or "raised"
        tags = self.client.nb.cells[run.index].metadata.get("tags", [])
        intended = ended == "raised" and "raises-exception" in tags
        return run.model_copy(update={"ended": ended, "error": error, "intended": intended})

    async def _supervised(self, work: Awaitable[Any], limit_s: float) -> Ending | None:
        """Wait for a cell; interrupt it when it breaks a limit, and kill the kernel when that does not help."""
        task = asyncio.ensure_future(work)
        deadline = time.monotonic() + limit_s
        breach: Ending | None = None
        interrupted = [0.0, 0.0]
        try:
            while not (await asyncio.wait({task}, timeout=TICK_S))[0]:
                if not self.process.alive():
                    await asyncio.wait({task}, timeout=TICK_S)
                    break
                breach = breach or await self._breach(deadline)
                if breach is not None and self._insist(interrupted):
                    self.process.kill()
        finally:
            gone = not task.done()
            await _ended(task)
        if breach is None and self.client.is_over():
            breach = "output_limit_exceeded"
        if breach is None and (gone or not self.process.alive() or _failed(task)):
            self.process.kill()
            return "kernel_died"
        return breach

    async def _breach(self, deadline: float) -> Ending | None:
        if self.client.is_over():
            return "output_limit_exceeded"
        if self.client.kc.disconnected:
            await asyncio.sleep(TICK_S)  # an ending process closes its sockets first
            if not self.process.alive():
                return None
        if self.client.kc.disconnected or self.client.kc.broken() or self.growth.is_flood():
            self.process.kill()
            return "output_limit_exceeded"
        if time.monotonic() >= deadline:
            return "time_limit_exceeded"
        return None

    def _insist(self, interrupted: list[float]) -> bool:
        """Interrupt now and once more later; True when it is time to kill."""
        now = time.monotonic()
        if not interrupted[0]:
            interrupted[0] = now
            self.process.interrupt()
        elif not interrupted[1] and now - interrupted[0] > AGAIN_S:
            interrupted[1] = now
            self.process.interrupt()
        return now - interrupted[0] > GRACE_S


async def _ended(task: asyncio.Future[Any]) -> None:
    if not task.done():
        task.cancel()
    await asyncio.wait({task}, timeout=GRACE_S)
    if task.done() and not task.cancelled():
        task.exception()


def _failed(task: asyncio.Future[Any]) -> bool:
    """Whether nbclient gave up on the cell for another reason than the student's exception."""
    if not task.done() or task.cancelled():
        return True
    error = task.exception()
    return error is not None and not isinstance(error, CellExecutionError)


def _error_of(reply: dict[str, Any] | None) -> CellError | None:
    if reply is None:
        return None
    lines = reply.get("traceback")
    text = "\n".join(str(line) for line in lines) if isinstance(lines, list) else ""
    return CellError(
        name=printable(str(reply.get("ename", "")))[:200],
        message=printable(str(reply.get("evalue", "")))[:MESSAGE_LENGTH],
        traceback=printable(without_colours(text))[-TRACEBACK_LENGTH:],
    )
