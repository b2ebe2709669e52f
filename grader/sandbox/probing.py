"""Puts one probe to a live kernel, and makes an observation of what comes back."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from queue import Empty
from typing import Any, Literal

from grader.model.probe import Observation, Probe, RaisedError
from grader.sandbox import wire
from grader.sandbox.breaches import OUTCOMES, limit_met
from grader.sandbox.client import CappedClient
from grader.sandbox.execution import GRACE_S, Clock
from grader.sandbox.handle import Handle
from grader.sandbox.watch import Growth

REQUEST = "probe_request"
"""The agent's own message type; it is answered on iopub, and not on the channel that it goes out on."""
POLL_S = 0.1
STRAGGLERS_S = 0.01
MOST_MESSAGES = 5_000
MOST_NAMES = 300

Stopped = Literal["timed_out", "kernel_died", "flooded"]


@dataclass
class Heard:
    """What came while a probe was being answered."""

    answers: list[dict[str, Any]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    messages: int = 0
    idle: bool = False
    stopped: Stopped | None = None


class Prober:
    """Asks one kernel."""

    def __init__(
        self,
        process: Handle,
        client: CappedClient,
        clock: Clock,
        growth: Growth,
        cells_by_count: Mapping[int, int],
    ) -> None:
        self.process, self.client, self.clock, self.growth = process, client, clock, growth
        self.cells_by_count = cells_by_count

    async def ask(self, probe: Probe) -> Observation:
        """One question, one answer; whatever goes wrong is an outcome."""
        began = time.monotonic()
        if not self.process.alive():
            return Observation(probe=probe.id, outcome="kernel_died", detail="it had ended before")
        limit_s = min(probe.timeout_s, self.clock.left_s)
        if not limit_s:
            return Observation(probe=probe.id, outcome="timed_out", detail="no time was left of the total")
        nonce = secrets.token_hex(16)
        heard = await self._hear(self._send(probe, nonce), nonce, began + limit_s)
        try:
            observation = self._observation(probe, heard)
        except (wire.RefusedError, ValueError) as error:
            observation = Observation(probe=probe.id, outcome="refused", detail=str(error)[:500])
        return observation.model_copy(update={"wall_s": time.monotonic() - began})

    def _send(self, probe: Probe, nonce: str) -> str:
        session = self.client.session
        message = session.msg(REQUEST, {})
        session.send(self.client.shell_channel.socket, message, buffers=wire.question(probe, nonce))
        return str(message["header"]["msg_id"])

    async def _hear(self, asked: str, nonce: str, deadline: float) -> Heard:
        heard = Heard()
        interrupted = 0.0
        while not heard.idle:
            await self._take(heard, asked, nonce, POLL_S)
            now = time.monotonic()
            if not self.process.alive():
                heard.stopped = heard.stopped or "kernel_died"
                break
            if await self._is_flooded(heard):
                heard.stopped = "flooded" if self.process.alive() else "kernel_died"
                self.process.kill()
                break
            if now >= deadline and not interrupted:
                heard.stopped, interrupted = "timed_out", now
                self.process.interrupt()
            if interrupted and now - interrupted > GRACE_S:
                self.process.kill()
                break
        if heard.idle:
            await self._take_stragglers(heard, asked, nonce)
        return heard

    async def _is_flooded(self, heard: Heard) -> bool:
        if self.client.disconnected:
            await asyncio.sleep(POLL_S)  # an ending process closes its sockets first
            return True
        return self.client.broken() or heard.messages > MOST_MESSAGES or self.growth.is_flood()

    async def _take_stragglers(self, heard: Heard, asked: str, nonce: str) -> None:
        """A second answer would come right behind the first."""
        until = time.monotonic() + STRAGGLERS_S
        while (left := until - time.monotonic()) > 0 and heard.messages <= MOST_MESSAGES:
            await self._take(heard, asked, nonce, left)

    async def _take(self, heard: Heard, asked: str, nonce: str, timeout_s: float) -> None:
        try:
            message = await self.client.iopub_channel.get_msg(timeout=timeout_s)
        except Empty:
            return
        heard.messages += 1
        kind, content = message["msg_type"], message["content"]
        metadata = content.get("metadata")
        if kind == "display_data" and isinstance(metadata, dict) and metadata.get("nonce") == nonce:
            heard.answers.append(message)
        if message["parent_header"].get("msg_id") != asked:
            return
        if kind == "error":
            heard.failures.append(f"{content.get('ename')}: {content.get('evalue')}"[:500])
        if kind == "status" and content.get("execution_state") == "idle":
            heard.idle = True

    def _observation(self, probe: Probe, heard: Heard) -> Observation:
        if heard.stopped == "timed_out":
            return Observation(probe=probe.id, outcome="timed_out")
        if heard.stopped == "kernel_died":
            return Observation(probe=probe.id, outcome="kernel_died", detail="it ended while answering")
        if heard.stopped == "flooded":
            raise wire.RefusedError("too many, too large or malformed messages; the kernel was stopped")
        if len(heard.answers) != 1:
            raise wire.RefusedError(f"{len(heard.answers)} answers {'; '.join(heard.failures)}")
        [answer] = heard.answers
        return self._read(probe, answer["content"]["metadata"], answer["buffers"], answer["content_bytes"])

    def _read(
        self, probe: Probe, header: dict[str, Any], buffers: list[Any], header_bytes: int
    ) -> Observation:
        warnings = tuple(wire.words(w) for w in _list(header, "warnings")[:5])
        match header.get("outcome"):
            case "answered":
                found = wire.value(header.get("tree"), buffers, header_bytes=header_bytes)
                return Observation(probe=probe.id, outcome="answered", value=found, warnings=warnings)
            case "missing":
                defined = tuple(wire.words(n) for n in _list(header, "defined")[:MOST_NAMES])
                name = wire.words(header.get("missing"))
                if name not in probe.requires:
                    raise wire.RefusedError("a missing name that was not required")
                return Observation(probe=probe.id, outcome="missing", missing=name, defined=defined)
            case "raised":
                error = self._error(header.get("error"))
                outcome = OUTCOMES[limit_met(error.name, error.message, error.traceback) or "raised"]
                return Observation(probe=probe.id, outcome=outcome, error=error, warnings=warnings)
            case "refused":
                raise wire.RefusedError(wire.words(header.get("detail")))
        raise wire.RefusedError("an unknown outcome")

    def _error(self, told: Any) -> RaisedError:
        if not isinstance(told, dict):
            raise wire.RefusedError("an error without a description")
        count, line = told.get("run"), told.get("line")
        return RaisedError(
            name=wire.words(told.get("name"), 200),
            message=wire.words(told.get("message"), 2000),
            cell=self.cells_by_count.get(count) if type(count) is int else None,
            line=line if type(line) is int and 0 < line < 1_000_000 else None,
            source_line=wire.words(told.get("source_line", ""), 300),
            traceback=wire.words(told.get("traceback", ""), 8000),
        )


def _list(header: dict[str, Any], key: str) -> list[Any]:
    found = header.get(key, [])
    if not isinstance(found, list):
        raise wire.RefusedError(f"{key} is no list")
    return found
