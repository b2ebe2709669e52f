"""What the instructor's page shows: what needs a person, who got what, and how each criterion went."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from statistics import median

from grader.model.exercise import Exercise
from grader.model.report import ClassReport, CriterionResult, GradeReport
from grader.model.submission import SetAside
from grader.model.text import Bilingual, Text
from grader.model.verdict import Verdict

_BINS = 10
_HIGH = Decimal("0.8")
_LOW = Decimal("0.4")


@dataclass(frozen=True)
class Waiting:
    """One criterion that a person must mark, and for whom."""

    exercise: str
    criterion: CriterionResult
    places: tuple[tuple[GradeReport, int | None], ...]
    """Each notebook, and the cell that the answer stands in."""
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
    waiting: tuple[Waiting, ...]
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    undecided: Decimal
    graded_at: datetime | None
    """When the last of them was graded."""


def index_page(class_report: ClassReport) -> IndexPage:
    """Gather the class report for the instructor."""
    reports = class_report.reports
    exercises = {exercise.id: exercise for exercise in class_report.exercises}
    order = dict.fromkeys([*exercises, *(report.exercise for report in reports)])
    used = [exercise for exercise in order if any(report.exercise == exercise for report in reports)]
    readable = [report for report in reports if report.problem is None]
    return IndexPage(
        class_report=class_report,
        broken=tuple(r for r in reports if r.verdict is Verdict.JUDGE_ERROR),
        unreadable=tuple(
            r for r in reports if r.problem is not None and r.verdict is not Verdict.JUDGE_ERROR
        ),
        set_aside=set_aside(class_report),
        superseded=tuple(file for file in class_report.intake_notes if file.is_superseded),
        waiting=_waiting([r for r in readable if r.verdict is not Verdict.JUDGE_ERROR], used),
        rows=rows(reports),
        columns=tuple(_column(e, exercises.get(e), [r for r in reports if r.exercise == e]) for e in used),
        undecided=sum((report.undecided for report in reports), Decimal(0)),
        graded_at=max((report.graded_at for report in reports), default=None),
    )


def rows(reports: Sequence[GradeReport]) -> tuple[Row, ...]:
    """Students in the order of the reports, each with what was judged so far."""
    students: dict[str, list[GradeReport]] = defaultdict(list)
    for report in reports:
        students[report.student].append(report)
    return tuple(
        Row(
            student=student,
            name=own[0].name,
            reports={report.exercise: report for report in own},
            points=sum((r.points for r in own if r.points is not None), Decimal(0)),
            undecided=sum((r.undecided for r in own), Decimal(0)),
            out_of=sum((r.out_of for r in own), Decimal(0)),
        )
        for student, own in students.items()
    )


def set_aside(class_report: ClassReport) -> tuple[Aside, ...]:
    """What was set aside and needs a person, by reason; first what leaves a student without any grade."""
    graded = {report.student for report in class_report.reports}
    groups: dict[str, list[tuple[SetAside, bool]]] = defaultdict(list)
    for file in class_report.intake_notes:
        if not file.is_superseded:
            is_alone = bool(file.student) and file.student not in graded
            groups[file.reason.model_dump_json()].append((file, is_alone))
    found = [
        Aside(group[0][0].reason, tuple(sorted(group, key=lambda pair: not pair[1])))
        for group in groups.values()
    ]
    return tuple(sorted(found, key=lambda aside: not aside.files[0][1]))


def standing(report: GradeReport) -> str:
    """A notebook's place in the key of the matrix, by the share of the points that were decided.

    One of `all`, `most`, `half`, `little`, `nothing`, `blank`, `waiting`, `broken`; colour and sign both follow it.
    """
    decided = report.out_of - report.undecided
    if report.verdict is Verdict.JUDGE_ERROR:
        return "broken"
    if report.points is None or not decided:
        return "waiting"
    if report.verdict is Verdict.NOT_ATTEMPTED:
        return "blank"
    share = report.points / decided
    if share == 1:
        return "all"
    return "most" if share >= _HIGH else "half" if share >= _LOW else "little" if share else "nothing"


def _waiting(reports: Sequence[GradeReport], order: Sequence[str]) -> tuple[Waiting, ...]:
    groups: dict[tuple[str, str], list[tuple[GradeReport, CriterionResult]]] = defaultdict(list)
    for report in reports:
        for result in report.criteria:
            if result.judgement.verdict is Verdict.NEEDS_REVIEW:
                groups[report.exercise, result.id].append((report, result))
    found = [
        Waiting(
            exercise,
            group[0][1],
            tuple((report, result.judgement.cell if report.execution else None) for report, result in group),
            sum((result.out_of for _, result in group), Decimal(0)),
        )
        for (exercise, _), group in groups.items()
    ]
    return tuple(sorted(found, key=lambda w: (order.index(w.exercise), w.criterion.kind == "manual")))


def _column(exercise_id: str, exercise: Exercise | None, reports: Sequence[GradeReport]) -> Column:
    shares = [float(r.points / r.out_of) for r in reports if r.points is not None and r.out_of]
    bins = Counter(min(int(share * _BINS), _BINS - 1) for share in shares)
    criteria: dict[str, list[CriterionResult]] = defaultdict(list)
    for report in reports:
        for result in report.criteria:
            criteria[result.id].append(result)
    return Column(
        id=exercise_id,
        title=exercise.rubric.title if exercise else None,
        reports=tuple(reports),
        bins=tuple(bins[i] for i in range(_BINS)),
        median_share=median(shares) if shares else 0.0,
        rates=tuple(_rate(results) for results in criteria.values()),
    )


def _rate(results: Sequence[CriterionResult]) -> Rate:
    counts = Counter(_outcome(result) for result in results)
    wrong = [r.judgement.summary for r in results if _outcome(r) in ("wrong", "partly")]
    said = Counter(text.model_dump_json() for text in wrong)
    most, times = said.most_common(1)[0] if said else ("", 0)
    return Rate(
        criterion=results[0],
        counts={key: counts[key] for key in ("right", "partly", "wrong", "blank", "waiting")},
        total=len(results),
        mistake=Text.model_validate_json(most) if most else None,
        mistake_count=times,
    )


def _outcome(result: CriterionResult) -> str:
    verdict = result.judgement.verdict
    if not verdict.is_judged:
        return "waiting"
    if verdict is Verdict.ACCEPTED:
        return "right"
    if verdict is Verdict.PARTIALLY_ACCEPTED:
        return "partly"
    return "blank" if verdict in (Verdict.NOT_ATTEMPTED, Verdict.SKIPPED) else "wrong"
