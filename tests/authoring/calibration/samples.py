"""Starts and cases made up, with losses that a test chooses."""

from __future__ import annotations

from collections.abc import Iterable

from grader.authoring.calibration.cases import Case, Role
from grader.authoring.calibration.starts import Start, Thresholds
from grader.model.verdict import Verdict

NOW = Thresholds(full_marks=0.01, no_marks=0.05, starts=12)


def start(loss: float | None, number: int = 0, **more: object) -> Start:
    """One start; its weights are like no other's unless they are given."""
    fault = Verdict.RUN_TIME_ERROR if loss is None else None
    given = {"weights": None if loss is None else f"w{number}", "fault": fault, "wall_s": 0.1}
    return Start.model_validate(
        {"key": "k", "sitting": number // 12, "number": number % 12, "loss": loss, **given, **more}
    )


def starts(losses: Iterable[float | None]) -> list[Start]:
    """In sittings of twelve."""
    return [start(loss, number) for number, loss in enumerate(losses)]


def case(name: str, role: Role) -> Case:
    """A case whose notebook nobody reads."""
    return Case("ex", "learns.loss", name, "About it.", role, "{}")


def mixed(learned: int, stuck: int, *, low: float = 1e-6, high: float = 0.125) -> list[Start]:
    """So many that learned, spread evenly among so many that did not."""
    total = learned + stuck
    return starts(
        low if (k + 1) * learned // total > k * learned // total else high * (1 + k / 1e6)
        for k in range(total)
    )
