"""What one student's page shows about one exercise: what was right first, then what to look at, then what waits."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from grader.model.execution import CellRun
from grader.model.exercise import Exercise
from grader.model.report import CriterionResult, GradeReport
from grader.model.text import Bilingual, Text, say
from grader.model.verdict import Verdict
from grader.reports.cell_views import CellView, cell_views
from grader.reports.numbers import grade
from grader.reports.plain_text import cut, fit


@dataclass(frozen=True)
class StudentPage:
    """All that the template needs; nothing for the staff, and nobody else's."""

    title: Bilingual | None
    report: GradeReport
    right: tuple[CriterionResult, ...]
    carried: tuple[CriterionResult, ...]
    """Judged again with right names in the place of the student's: follow-through marks."""
    improve: tuple[CriterionResult, ...]
    consequences: tuple[CriterionResult, ...]
    """Skipped, since something they need failed: they count as 0."""
    blank: tuple[CriterionResult, ...]
    waiting: tuple[CriterionResult, ...]
    """Empty where the notebook could not be read: nobody can look at anything in it."""
    task_titles: dict[str, Bilingual]
    share: float
    """Of the points that could be had, 0 to 1."""
    grade: Decimal | None
    stop: CriterionResult | None
    """The criterion that says where and why the notebook stops when it is run from the top."""
    first_failure: CellRun | None
    failure: str
    """What the first cell that failed said."""
    cells: tuple[CellView, ...]


def student_page(report: GradeReport, exercise: Exercise | None) -> StudentPage:
    """Sort a report's criteria into the page's parts; the rubric's order is kept in each."""
    parts: dict[str, list[CriterionResult]] = {
        "right": [],
        "carried": [],
        "improve": [],
        "skipped": [],
        "blank": [],
        "waiting": [],
    }
    stop = next((r for r in report.criteria if r.kind == "runs" and _part(r) in ("improve", "blank")), None)
    for result in report.criteria:
        if result is not stop:
            parts[_part(result)].append(result)
    failure = report.execution.first_failure if report.execution else None
    return StudentPage(
        title=exercise.rubric.title if exercise else None,
        report=report,
        right=tuple(parts["right"]),
        carried=tuple(parts["carried"]),
        improve=tuple(parts["improve"]),
        consequences=tuple(parts["skipped"]),
        blank=tuple(parts["blank"]),
        waiting=() if report.problem is not None else tuple(parts["waiting"]),
        task_titles={task.id: task.title for task in exercise.rubric.tasks} if exercise else {},
        share=min(float(report.points / report.out_of), 1.0)
        if report.points is not None and report.out_of
        else 0.0,
        grade=grade(report),
        stop=stop,
        first_failure=failure,
        failure=_said(failure),
        cells=cell_views(report, exercise),
    )


def _said(failure: CellRun | None) -> str:
    if failure is None or failure.error is None:
        return ""
    told = f": {failure.error.message}" if failure.error.message else ""
    return cut(fit(failure.error.name + told), 600)[0]


def _part(result: CriterionResult) -> str:
    judgement = result.judgement
    if result.follow_through is not None:
        return "carried"
    if not judgement.verdict.is_judged:
        return "waiting"
    if judgement.score == 1:
        return "right"
    if judgement.verdict is Verdict.SKIPPED:
        return "skipped"
    return "blank" if judgement.verdict is Verdict.NOT_ATTEMPTED else "improve"


def details(result: CriterionResult) -> tuple[tuple[Text, Text], ...]:
    """Pairs of label and words: expected, got, where, what to look at; those that are there.

    Before them, where there are follow-through marks, what was judged without.
    """
    judgement, carried = result.judgement, result.follow_through
    pairs = (
        (say("With your own"), carried.judgement.summary if carried else None),
        (say("Expected"), judgement.expected),
        (say("Got"), judgement.got),
        (say("Where"), judgement.where),
        (say("Look at"), judgement.look_at),
    )
    return tuple((label, words) for label, words in pairs if words is not None)
