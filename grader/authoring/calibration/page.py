"""The distributions as a page: one strip of dots for each notebook on a log axis of the loss, thresholds drawn."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from grader.authoring.calibration.chances import Finding
from grader.authoring.calibration.report import Calibration, promise_lines, proposal_of, warnings
from grader.authoring.calibration.starts import Start, Thresholds
from grader.authoring.calibration.words import ROLE_WORDS, counts, interval, of_grading, told
from grader.i18n import render
from grader.model.text import Bilingual, Language, Text, say

WIDTH, ROW = 640.0, 26.0
"""Of a strip, in the units of the drawing."""
LOWEST, HIGHEST = 1e-16, 1e3
"""Losses beyond are drawn at the edge."""
_LANES = 9
"""Dots beside each other go up and down by as many steps, so that they can be counted."""


@dataclass(frozen=True)
class Mark:
    """A line down across all strips."""

    x: float
    label: Text | str
    kind: str


@dataclass(frozen=True)
class Strip:
    """One notebook's starts: paths of dots by what each start earns alone."""

    finding: Finding
    full: str
    part: str
    none: str
    without: int
    """Starts that diverged, or gave no loss: they are nowhere on the axis."""


@dataclass(frozen=True)
class Axis:
    """Powers of ten, over all losses and thresholds that are to be shown."""

    low: float
    high: float

    @classmethod
    def over(cls, values: Sequence[float]) -> Axis:
        """The axis on which all of these lie."""
        exponents = [math.log10(min(max(value, LOWEST), HIGHEST)) for value in values]
        return cls(math.floor(min(exponents)), math.ceil(max(exponents)) or 1)

    def x(self, loss: float) -> float:
        """Where a loss lies, 0 to `WIDTH`."""
        at = math.log10(min(max(loss, 10.0**self.low), 10.0**self.high))
        return round(WIDTH * (at - self.low) / max(self.high - self.low, 1), 1)

    def ticks(self) -> Iterator[Mark]:
        """Some powers of ten."""
        step = max(1, round((self.high - self.low) / 8))
        for power in range(int(self.low), int(self.high) + 1, step):
            yield Mark(self.x(10.0**power), f"1e{power}", "tick")


def render_page(calibrations: Sequence[Calibration], language: Language) -> str:
    """One exercise's calibrated criteria, as one self-contained HTML file."""
    return (
        _environment(language)
        .get_template("calibration.html")
        .render(
            exercise=calibrations[0].exercise,
            pictures=[_picture(calibration) for calibration in calibrations],
            width=WIDTH,
            row=ROW,
        )
    )


def _picture(calibration: Calibration) -> dict[str, object]:
    proposal = calibration.proposal
    now = calibration.thresholds
    marks = [("now", now)]
    if proposal is not None and proposal.is_change:
        marks.append(("proposed", proposal.proposed))
    values = [loss for found in calibration.findings for loss in found.losses]
    axis = Axis.over([*values, *(v for _, t in marks for v in (t.full_marks, t.no_marks))])
    return {
        "calibration": calibration,
        "groups": [
            (ROLE_WORDS[role], [_strip(found, axis, now) for found in group])
            for role, group in calibration.groups
        ],
        "ticks": list(axis.ticks()),
        "marks": [
            mark
            for kind, t in marks
            for mark in (
                Mark(axis.x(t.full_marks), say("full marks {loss}", loss=f"{t.full_marks:g}"), kind),
                Mark(axis.x(t.no_marks), say("no marks {loss}", loss=f"{t.no_marks:g}"), kind),
            )
        ],
        "promise": list(promise_lines(calibration)),
        "warnings": list(warnings(calibration)),
        "proposal": proposal_of(calibration),
    }


def _strip(found: Finding, axis: Axis, thresholds: Thresholds) -> Strip:
    dots: dict[str, list[str]] = {"full": [], "part": [], "none": []}
    shown = [s for s in found.starts if s.loss is not None and math.isfinite(s.loss)]
    for place, start in enumerate(shown):
        lane = (place * 4) % _LANES
        y = round(4 + lane * (ROW - 8) / (_LANES - 1), 1)
        dots[_earned(start, thresholds)].append(f"M{axis.x(start.loss or 0.0):g} {y:g}h0")
    return Strip(
        finding=found,
        full="".join(dots["full"]),
        part="".join(dots["part"]),
        none="".join(dots["none"]),
        without=len(found.starts) - len(shown),
    )


def _earned(start: Start, thresholds: Thresholds) -> str:
    if start.passes(thresholds.full_marks):
        return "full"
    paid = start.reaches(math.nextafter(thresholds.no_marks, 0))
    return "part" if paid and not start.is_ready_made(thresholds.full_marks) else "none"


@cache
def _environment(language: Language) -> Environment:
    environment = Environment(
        loader=ChoiceLoader([PackageLoader("grader.authoring.calibration"), PackageLoader("grader.reports")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def translate(msgid: str, **args: int | float | str | Text | Bilingual) -> str:
        return render(Text(msgid=msgid, args=args), language)

    environment.globals.update({"lang": language, "_": translate})
    environment.filters.update(
        {
            "words": partial(told, language=language),
            "interval": interval,
            "counts": counts,
            "of_grading": of_grading,
        }
    )
    return environment
