"""What the instructor's page shows: what needs a person, who got what, and how each criterion went."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from statistics import median

from grader.model.exercise import Exercise
from grader.model.report import ClassReport, CriterionResult, GradeReport
from grader.model.shared_reason import shared_reason
from grader.model.submission import SetAside
from grader.model.text import Text
from grader.model.verdict import Verdict
from grader.reports.clusters import clusters
from grader.reports.distribution import discrimination, distribution
from grader.reports.index_parts import Aside, Column, IndexPage, Rate, Row, Waiting
from grader.reports.lacking import shared_reasons
from grader.reports.loss_plot import loss_plots
from grader.reports.similarity import Pair
from grader.reports.timings import slow

_BINS = 10
_HIGH = Decimal("0.8")
_LOW = Decimal("0.4")


def index_page(class_report: ClassReport, similar: Sequence[Pair] | None = None) -> IndexPage:
    """Gather the class report for the instructor; `similar` is None where nobody looked for similar notebooks."""
    reports = class_report.reports
    exercises = {exercise.id: exercise for exercise in class_report.exercises}
    order = dict.fromkeys([*exercises, *(report.exercise for report in reports)])
    used = [exercise for exercise in order if any(report.exercise == exercise for report in reports)]
    readable = [report for report in reports if report.problem is None]
    unsteady = set(class_report.unsteady)
    students = rows(reports)
    return IndexPage(
        class_report=class_report,
        broken=tuple(r for r in reports if r.verdict is Verdict.JUDGE_ERROR),
        unreadable=tuple(
            r for r in reports if r.problem is not None and r.verdict is not Verdict.JUDGE_ERROR
        ),
        set_aside=set_aside(class_report),
        superseded=tuple(file for file in class_report.intake_notes if file.is_superseded),
        shared=shared_reasons(class_report),
        waiting=_waiting([r for r in readable if r.verdict is not Verdict.JUDGE_ERROR], used),
        rows=students,
        columns=tuple(_column(e, exercises.get(e), [r for r in reports if r.exercise == e]) for e in used),
        distribution=distribution([tuple(row.reports.values()) for row in students]),
        clusters=clusters(reports),
        slow=slow(reports),
        similar=None if similar is None else tuple(similar),
        unsteady=tuple(r for r in reports if (r.student, r.exercise) in unsteady),
        damaged=tuple(r for r in reports if r.repairs),
        undecided=sum((report.undecided for report in reports), Decimal(0)),
        rubrics=tuple((e, Counter(r.rubric_version for r in reports if r.exercise == e)) for e in used),
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
            name=own[0].whose,
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
    decided = report.decided
    if report.verdict is Verdict.JUDGE_ERROR:
        return "broken"
    if report.points is None or not decided:
        return "waiting"
    if report.verdict is Verdict.NOT_ATTEMPTED:
        return "blank"
    share = report.points / decided
    if share >= 1:
        return "all"
    return "most" if share >= _HIGH else "half" if share >= _LOW else "little" if share else "nothing"


def _waiting(reports: Sequence[GradeReport], order: Sequence[str]) -> tuple[Waiting, ...]:
    groups: dict[tuple[str, str], list[tuple[GradeReport, CriterionResult]]] = defaultdict(list)
    for report in reports:
        for result in report.criteria:
            if result.judgement.verdict is Verdict.NEEDS_REVIEW and shared_reason(result.judgement) is None:
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
        rates=tuple(_rate(results, discrimination(reports, id_)) for id_, results in criteria.items()),
        plots=loss_plots(reports),
        heat=tuple(
            (report, _outcomes(report, criteria))
            for report in sorted(reports, key=lambda r: -(r.points or Decimal(-1)))
        ),
    )


def _outcomes(report: GradeReport, criteria: Iterable[str]) -> tuple[str | None, ...]:
    """None for a criterion that its rubric did not have."""
    found = {result.id: outcome(result) for result in report.criteria}
    return tuple(found.get(criterion) for criterion in criteria)


def _rate(results: Sequence[CriterionResult], tells: float | None) -> Rate:
    counts = Counter(outcome(result) for result in results)
    wrong = [r.judgement.summary for r in results if outcome(r) in ("wrong", "partly")]
    said = Counter(text.model_dump_json() for text in wrong)
    most, times = said.most_common(1)[0] if said else ("", 0)
    return Rate(
        criterion=results[0],
        counts={key: counts[key] for key in ("right", "partly", "wrong", "blank", "waiting")},
        total=len(results),
        mistake=Text.model_validate_json(most) if most else None,
        mistake_count=times,
        lost=sum((r.out_of - r.points for r in results if r.points is not None), Decimal(0)),
        discrimination=tells,
    )


def outcome(result: CriterionResult) -> str:
    """`right`, `partly`, `wrong`, `blank` or `waiting`."""
    verdict = result.judgement.verdict
    if not verdict.is_judged:
        return "waiting"
    if verdict is Verdict.ACCEPTED:
        return "right"
    if verdict is Verdict.PARTIALLY_ACCEPTED:
        return "partly"
    return "blank" if verdict in (Verdict.NOT_ATTEMPTED, Verdict.SKIPPED) else "wrong"
