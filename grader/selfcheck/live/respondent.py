"""Puts probes to the notebook's own namespace, in its own process, by the agent that answers them in grading.

No fresh run and no wall: this is the student's kernel, and nothing hidden is in it. An answer passes the same checks as
one that came over the wire.
"""

from __future__ import annotations

import _thread
import threading
import time
from collections.abc import Sequence
from typing import Any

from grader.inkernel import agent
from grader.model.probe import Observation, Probe, RaisedError
from grader.sandbox import wire

TOO_LONG_S = 20.0
"""Seconds for all questions of one check; a criterion that needs more is left to `grade check`."""


class LiveRespondent:
    """Answers from an IPython shell."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._deadline = time.monotonic() + TOO_LONG_S
        self.unanswered: set[str] = set()
        """Probes that there was no time for."""

    def ask_together(self, probes: Sequence[Probe]) -> list[Observation]:
        """The first of them: in this process nothing is saved by asking more at once."""
        return [self.ask(probes[0])]

    def ask(self, probe: Probe) -> Observation:
        """One question; raises KeyboardInterrupt when the user, and not the time limit, interrupts it."""
        limit_s = min(probe.timeout_s, self._deadline - time.monotonic())
        if limit_s <= 0:
            self.unanswered.add(probe.id)
            return Observation(probe=probe.id, outcome="timed_out")
        question, *raw = wire.questions({"": probe})
        alarm = _Alarm(limit_s)
        began = time.monotonic()
        try:
            with alarm:
                header, buffers = agent.answer_here(self._shell, question, raw)
        except KeyboardInterrupt:
            if not alarm.rang:
                raise
            header, buffers = {"outcome": "raised", "error": {"name": "KeyboardInterrupt"}}, []
        wall_s = time.monotonic() - began
        if _name(header) == "KeyboardInterrupt":
            if not alarm.rang:
                raise KeyboardInterrupt
            self.unanswered |= {probe.id} if limit_s < probe.timeout_s else set()
            return Observation(probe=probe.id, outcome="timed_out", wall_s=wall_s)
        try:
            found = _observation(probe, header, buffers)
        except (wire.RefusedError, ValueError) as error:
            found = Observation(probe=probe.id, outcome="refused", detail=str(error)[:500])
        return found.model_copy(update={"wall_s": wall_s})


class _Alarm:
    """Interrupts the main thread after a time, as Ctrl-C would, on any system."""

    def __init__(self, seconds: float) -> None:
        self.rang = False
        self._over = False
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._ring)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._over = True
        self._timer.cancel()

    def _ring(self) -> None:
        with self._lock:
            if not self._over:
                self.rang = True
                _thread.interrupt_main()


def _name(header: dict[str, Any]) -> str | None:
    error = header.get("error")
    return error.get("name") if isinstance(error, dict) else None


def _observation(probe: Probe, header: dict[str, Any], buffers: Any) -> Observation:
    warnings = tuple(wire.words(w) for w in header.get("warnings", ()))
    match header["outcome"]:
        case "answered":
            value = wire.value(header["tree"], list(buffers), header_bytes=0)
            return Observation(probe=probe.id, outcome="answered", value=value, warnings=warnings)
        case "missing":
            defined = tuple(wire.words(name) for name in header["defined"])
            return Observation(probe=probe.id, outcome="missing", missing=header["missing"], defined=defined)
        case "raised":
            told = header["error"]
            count = told.get("run")
            error = RaisedError(
                name=wire.words(told["name"], 200),
                message=wire.words(told["message"], 2000),
                cell=count - 1 if isinstance(count, int) else None,
                line=told.get("line"),
                source_line=wire.words(told.get("source_line", ""), 300),
                traceback=wire.words(told.get("traceback", ""), 8000),
            )
            return Observation(probe=probe.id, outcome="raised", error=error, warnings=warnings)
    raise wire.RefusedError(str(header.get("detail", "")))
