"""A class's loss curves over the reference's, as the points of an SVG picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from grader.model.curve import Curve
from grader.model.report import GradeReport
from grader.model.text import Bilingual

WIDTH, HEIGHT = 640.0, 260.0
MOST = 120
"""Curves drawn; of more, evenly chosen ones."""
_FALLS = 20.0
"""From so great a ratio of first to last on, the scale is logarithmic."""
_DEEPEST = 1e-16
"""Of the highest loss shown: what is less, or 0, lies on the lowest line of a logarithmic scale."""


@dataclass(frozen=True)
class Tick:
    """A line across, with its loss."""

    y: float
    label: Bilingual


@dataclass(frozen=True)
class LossPlot:
    """One criterion's curves; x is the share of the training, y the loss."""

    criterion: str
    lines: tuple[str, ...]
    """Points of polylines: `0,10 5,12`; who diverged has no line."""
    reference: str
    ticks: tuple[Tick, ...]
    logarithmic: bool
    count: int
    diverged: int
    """Curves that end in no number, or above where they began."""
    last: float | None
    """Median of the last losses that are numbers; None where none is."""
    reference_last: float | None


def loss_plots(reports: Sequence[GradeReport]) -> tuple[LossPlot, ...]:
    """One for each criterion that looks at a history, in the order in which they come."""
    groups: dict[str, list[Curve]] = {}
    for report in reports:
        for curve in report.curves:
            groups.setdefault(curve.criterion, []).append(curve)
    return tuple(_plot(criterion, curves) for criterion, curves in groups.items())


def _plot(criterion: str, curves: Sequence[Curve]) -> LossPlot:
    reference = next((curve.reference for curve in curves if curve.reference), ())
    chosen = [curves[len(curves) * k // MOST] for k in range(MOST)] if len(curves) > MOST else curves
    shown = [curve.values for curve in chosen if all(map(math.isfinite, curve.values))]
    everything = [value for values in (*shown, reference) for value in values if math.isfinite(value)]
    positive = [value for value in everything if value > 0]
    lasts = [curve.values[-1] for curve in curves if math.isfinite(curve.values[-1])]
    starts = [values[0] for values in (*shown, reference) if values]
    top = min(max(everything, default=1.0), 3 * max(starts, default=1.0))
    low, lowest = min(everything, default=0.0), max(min(positive, default=top), top * _DEEPEST)
    logarithmic = low >= 0 and 0 < lowest * _FALLS < top
    scale = _Scale(lowest if logarithmic else low, top, logarithmic)
    return LossPlot(
        criterion=criterion,
        lines=tuple(_points(values, scale) for values in shown),
        reference=_points(reference, scale) if reference else "",
        ticks=scale.ticks(),
        logarithmic=logarithmic,
        count=len(curves),
        diverged=sum(not math.isfinite(c.values[-1]) or c.values[-1] > c.values[0] for c in curves),
        last=median(lasts) if lasts else None,
        reference_last=reference[-1] if reference else None,
    )


@dataclass(frozen=True)
class _Scale:
    low: float
    top: float
    logarithmic: bool

    def y(self, value: float) -> float:
        low, top, at = (
            math.log10(max(v, self.low)) if self.logarithmic else v for v in (self.low, self.top, value)
        )
        share = (at - low) / (top - low) if top > low else 0.5
        return HEIGHT * (1 - min(max(share, 0.0), 1.0))

    def ticks(self) -> tuple[Tick, ...]:
        if not self.logarithmic:
            values = [self.low + (self.top - self.low) * k / 4 for k in range(5)]
        else:
            first, last = math.ceil(math.log10(self.low)), math.floor(math.log10(self.top))
            values = [10.0**k for k in range(first, last + 1, max(1, (last - first) // 5))]
        return tuple(Tick(round(self.y(value), 1), _label(value)) for value in values)


def _label(value: float) -> Bilingual:
    shown = f"{value:.0f}" if 100 <= abs(value) < 100_000 else f"{value:.2g}"
    return Bilingual(fr=shown.replace(".", ","), en=shown)


def _points(values: Sequence[float], scale: _Scale) -> str:
    step = WIDTH / max(len(values) - 1, 1)
    return " ".join(f"{k * step:.0f},{scale.y(v):.0f}" for k, v in enumerate(values) if math.isfinite(v))
