"""Puts probes to a live kernel, and makes an observation of each answer that comes back."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from queue import Empty
from typing import Any, Literal

import numpy as np

from grader.model.probe import Entries, Items, Leaf, Observation, Probe, RaisedError, Value
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
    """What came while probes were being answered."""

    answers: dict[str, list[dict[str, Any]]]
    """By nonce, in the order of the questions."""
    ended: list[float]
    """When the request went out, and when each answer came, on the monotonic clock."""
    failures: list[str] = field(default_factory=list)
    messages: int = 0
    idle: bool = False
    stopped: Stopped | None = None
    place: int = 0
    """Of the question that is under way, or was when the kernel was stopped."""

    def note(self, nonce: str, message: dict[str, Any]) -> None:
        """Keep an answer, if that was asked; the first to a question says that the next is under way."""
        if nonce in self.answers:
            self.answers[nonce].append(message)
            if len(self.answers[nonce]) == 1:
                self.ended.append(time.monotonic())
                self.place += self.stopped is None


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

    async def ask(self, probes: Sequence[Probe]) -> list[Observation]:
        """In one request: an answer to each, as far as the first that did not come, which is an outcome, too."""
        first = probes[0]
        if not self.process.alive():
            return [Observation(probe=first.id, outcome="kernel_died", detail="it had ended before")]
        if not self.clock.left_s:
            return [Observation(probe=first.id, outcome="timed_out", detail="no time was left of the total")]
        asked = {secrets.token_hex(16): probe for probe in probes}
        heard = await self._hear(asked)
        return self._observations(asked, heard)

    def _observations(self, asked: Mapping[str, Probe], heard: Heard) -> list[Observation]:
        """Of those that were answered, and of the one that was under way when the kernel was stopped; at least one."""
        seen = []
        count = max(1, heard.place + (heard.stopped is not None))
        for place, (nonce, probe) in enumerate(islice(asked.items(), count)):
            stopped = heard.stopped if place == heard.place else None
            try:
                found = self._observation(probe, heard, nonce, stopped)
            except (wire.RefusedError, ValueError) as error:
                found = Observation(probe=probe.id, outcome="refused", detail=str(error)[:500])
            ended = heard.ended[place + 1] if place < heard.place else time.monotonic()
            seen.append(found.model_copy(update={"wall_s": ended - heard.ended[place]}))
        return seen

    def _send(self, asked: Mapping[str, Probe]) -> str:
        session = self.client.session
        message = session.msg(REQUEST, {})
        session.send(self.client.shell_channel.socket, message, buffers=wire.questions(asked))
        return str(message["header"]["msg_id"])

    async def _hear(self, questions: Mapping[str, Probe]) -> Heard:
        heard = Heard({nonce: [] for nonce in questions}, [time.monotonic()])
        limits_s = [probe.timeout_s for probe in questions.values()]
        latest = heard.ended[0] + self.clock.left_s
        asked = self._send(questions)
        interrupted = 0.0
        while not heard.idle:
            await self._take(heard, asked, POLL_S)
            now = time.monotonic()
            limit_s = limits_s[min(heard.place, len(limits_s) - 1)]
            deadline = min(heard.ended[-1] + limit_s, latest)
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
            await self._take_stragglers(heard, asked)
        return heard

    async def _is_flooded(self, heard: Heard) -> bool:
        if self.client.disconnected:
            await asyncio.sleep(POLL_S)  # an ending process closes its sockets first
            return True
        return self.client.broken() or heard.messages > MOST_MESSAGES or self.growth.is_flood()

    async def _take_stragglers(self, heard: Heard, asked: str) -> None:
        """A second answer would come right behind the first."""
        until = time.monotonic() + STRAGGLERS_S
        while (left := until - time.monotonic()) > 0 and heard.messages <= MOST_MESSAGES:
            await self._take(heard, asked, left)

    async def _take(self, heard: Heard, asked: str, timeout_s: float) -> None:
        try:
            message = await self.client.iopub_channel.get_msg(timeout=timeout_s)
        except Empty:
            return
        heard.messages += 1
        kind, content = message["msg_type"], message["content"]
        metadata = content.get("metadata")
        if kind == "display_data" and isinstance(metadata, dict) and isinstance(metadata.get("nonce"), str):
            heard.note(metadata["nonce"], message)
        if message["parent_header"].get("msg_id") != asked:
            return
        if kind == "error":
            heard.failures.append(f"{content.get('ename')}: {content.get('evalue')}"[:500])
        if kind == "status" and content.get("execution_state") == "idle":
            heard.idle = True

    def _observation(self, probe: Probe, heard: Heard, nonce: str, stopped: Stopped | None) -> Observation:
        if stopped == "timed_out":
            return Observation(probe=probe.id, outcome="timed_out")
        if stopped == "kernel_died":
            return Observation(probe=probe.id, outcome="kernel_died", detail="it ended while answering")
        if stopped == "flooded":
            raise wire.RefusedError("too many, too large or malformed messages; the kernel was stopped")
        answers = heard.answers[nonce]
        if len(answers) != 1:
            raise wire.RefusedError(f"{len(answers)} answers {'; '.join(heard.failures)}")
        [answer] = answers
        return self._read(probe, answer["content"]["metadata"], answer["buffers"], answer["content_bytes"])

    def _read(
        self, probe: Probe, header: dict[str, Any], buffers: list[Any], header_bytes: int
    ) -> Observation:
        default_dtype = wire.words(header.get("default_dtype", ""), 40)
        warnings = tuple(wire.words(w) for w in _list(header, "warnings")[:5])
        match header.get("outcome"):
            case "answered":
                found = wire.value(header.get("tree"), buffers, header_bytes=header_bytes)
                if default_dtype == "float64" and probe.leaves_dtype_open:
                    found = narrowed(found)
                return Observation(
                    probe=probe.id,
                    outcome="answered",
                    value=found,
                    warnings=warnings,
                    default_dtype=default_dtype,
                )
            case "missing":
                defined = tuple(wire.words(n) for n in _list(header, "defined")[:MOST_NAMES])
                name = wire.words(header.get("missing"))
                if name not in probe.requires:
                    raise wire.RefusedError("a missing name that was not required")
                return Observation(probe=probe.id, outcome="missing", missing=name, defined=defined)
            case "raised":
                error = self._error(header.get("error"))
                outcome = OUTCOMES[limit_met(error.name, error.message, error.traceback) or "raised"]
                return Observation(
                    probe=probe.id,
                    outcome=outcome,
                    error=error,
                    warnings=warnings,
                    default_dtype=default_dtype,
                )
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


def narrowed(value: Value) -> Value:
    """With tensors of float64 as those of float32: a notebook that computes in float64 was asked in float64."""
    match value:
        case Leaf(made_of=made_of, array=array) if array.dtype == np.float64 and _is_of_tensors(made_of):
            return value.model_copy(update={"array": array.astype(np.float32)})
        case Items(items=items):
            return value.model_copy(update={"items": tuple(map(narrowed, items))})
        case Entries(entries=entries):
            return value.model_copy(update={"entries": {k: narrowed(v) for k, v in entries.items()}})
        case _:
            return value


def _is_of_tensors(made_of: str) -> bool:
    return "Tensor" in made_of or "Parameter" in made_of


def _list(header: dict[str, Any], key: str) -> list[Any]:
    found = header.get(key, [])
    if not isinstance(found, list):
        raise wire.RefusedError(f"{key} is no list")
    return found
