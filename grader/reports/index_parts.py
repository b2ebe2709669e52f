"""The parts of the instructor's page, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from grader.model.report import ClassReport, CriterionResult, GradeReport
from grader.model.submission import SetAside
from grader.model.text import Bilingual, Text
from grader.reports.clusters import Cluster
from grader.reports.distribution import Distribution
from grader.reports.loss_plot import LossPlot
from grader.reports.similarity import Pair
from grader.reports.timings import Slow


@dataclass(frozen=True)
class Waiting:
    """One criterion that a person must mark, and for whom."""

    exercise: str
    criterion: CriterionResult
    places: tuple[tuple[GradeReport, int | None], ...]
    """Each notebook, and the cell that the answer stands in."""
    points: Decimal


@dataclass(frozen=True)
class Shared:
    """One reason why points of any criteria wait, and in which notebooks."""

    reason: Text
    help: Text
    """How many notebooks it touches, and what would help."""
    places: tuple[tuple[GradeReport, int | None], ...]
    """Each notebook once, and the cell that it shows in."""
    points: Decimal


@dataclass(frozen=True)
class Aside:
    """Files and folders that were not graded for one reason."""

    reason: Text
    files: tuple[tuple[SetAside, bool], ...]
    """Each with whether nothing at all was graded for its student."""


@dataclass(frozen=True)
class Row:
    """One student."""

    student: str
    name: str
    reports: dict[str, GradeReport]
    points: Decimal
    undecided: Decimal
    out_of: Decimal


@dataclass(frozen=True)
class Rate:
    """How one criterion went over the class."""

    criterion: CriterionResult
    counts: dict[str, int]
    """`right`, `partly`, `wrong`, `blank`, `waiting`: how many notebooks."""
    total: int
    mistake: Text | None
    """What was said most often to those who did not have it right."""
    mistake_count: int
    lost: Decimal
    """Points that the class did not get, all together."""
    discrimination: float | None
    """See `distribution.discrimination`."""


@dataclass(frozen=True)
class Column:
    """One exercise."""

    id: str
    title: Bilingual | None
    reports: tuple[GradeReport, ...]
    bins: tuple[int, ...]
    """How many notebooks by tenth of the points that could be had."""
    median_share: float
    rates: tuple[Rate, ...]
    plots: tuple[LossPlot, ...]
    heat: tuple[tuple[GradeReport, tuple[str | None, ...]], ...]
    """The same notebooks, most points first, each with its outcomes in the order of `rates`."""

    @property
    def tells_apart(self) -> bool:
        """Whether there are enough notebooks to say how well any criterion tells strong work from weak."""
        return any(rate.discrimination is not None for rate in self.rates)


@dataclass(frozen=True)
class IndexPage:
    """All that the template needs."""

    class_report: ClassReport
    broken: tuple[GradeReport, ...]
    """Where the grader itself could not tell."""
    unreadable: tuple[GradeReport, ...]
    set_aside: tuple[Aside, ...]
    """What nobody graded, and no newer file stands for."""
    superseded: tuple[SetAside, ...]
    shared: tuple[Shared, ...]
    waiting: tuple[Waiting, ...]
    """What waits for other reasons."""
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    distribution: Distribution
    clusters: tuple[Cluster, ...]
    slow: tuple[Slow, ...]
    unsteady: tuple[GradeReport, ...]
    damaged: tuple[GradeReport, ...]
    """Where something was found that was repaired, or would have been."""
    similar: tuple[Pair, ...] | None
    """None where nobody looked for them."""
    undecided: Decimal
    rubrics: tuple[tuple[str, dict[str, int]], ...]
    """Of each exercise the versions that its grades were given by, each with how many."""
    graded_at: datetime | None
    """When the last of them was graded."""
