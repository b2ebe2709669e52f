"""From results to a report in the words of one language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

from grader.i18n import render
from grader.model.check_report import CheckedCriterion, CheckedTask, CheckReport
from grader.model.finding import Finding
from grader.model.report import CriterionResult
from grader.model.text import Bilingual, Language, Text, say
from grader.model.verdict import Verdict
from grader.reports.numbers import points_text
from grader.reports.plain_text import fit
from grader.selfcheck.public import PublicExercise

_FINE = (Verdict.ACCEPTED, Verdict.NEEDS_REVIEW)


def report_of(
    public: PublicExercise,
    results: Sequence[CriterionResult],
    *,
    mode: Literal["fresh", "live"],
    language: Language,
    remarks: Iterable[Text] = (),
    notebook: str = "",
    notebook_sha256: str = "",
    tier: str,
    versions: dict[str, str],
) -> CheckReport:
    """The report on the criteria that were judged; tasks without any are left out."""
    judged = [result for result in results if result.points is not None]
    return CheckReport(
        schema=1,
        mode=mode,
        language=language,
        exercise=public.exercise.id,
        title=render(public.exercise.rubric.title, language),
        notebook=notebook,
        notebook_sha256=notebook_sha256,
        passed=all(result.judgement.verdict in _FINE for result in results if not result.bonus),
        points=sum((result.points or Decimal(0) for result in judged), Decimal(0)),
        out_of=sum((result.out_of for result in judged if not result.bonus), Decimal(0)),
        tasks=tuple(
            CheckedTask(
                id=task.id,
                title=render(task.title, language),
                criteria=tuple(_criterion(r, language) for r in results if r.task == task.id),
            )
            for task in public.exercise.rubric.tasks
            if any(result.task == task.id for result in results)
        ),
        remarks=tuple(fit(render(remark, language)) for remark in remarks),
        hidden_criteria=public.bundle.hidden_criteria,
        hidden_points=public.bundle.hidden_points,
        rubric_version=public.bundle.rubric_version,
        tier=tier,
        checked_at=datetime.now(UTC),
        versions=versions,
    )


def told(finding: Finding) -> Text:
    """What was found damaged in the notebook, and what was done."""
    return say("{found} {done}", found=finding.found, done=finding.done)


def score_words(report: CheckReport) -> str:
    """What was reached of the public points."""
    return render(
        say(
            "Public criteria: {points} of {out_of} points.",
            points=points_text(report.points, report.language),
            out_of=points_text(report.out_of, report.language),
        ),
        report.language,
    )


def hidden_words(report: CheckReport) -> str:
    """That the grade will be given by more than what was shown."""
    if report.hidden_criteria == 0:
        text = say("There are no hidden criteria; grading asks with other inputs, though.")
    else:
        text = say(
            "Hidden criteria remain: {count} (points: {points}). The grade depends on them, too.",
            count=report.hidden_criteria,
            points=points_text(report.hidden_points, report.language),
        )
    return render(text, report.language)


def details(criterion: CheckedCriterion, language: Language) -> list[tuple[str, str]]:
    """Labels and words of what there is to tell besides the summary."""
    told = (
        (say("Expected"), criterion.expected),
        (say("Got"), criterion.got),
        (say("Where"), criterion.where),
        (say("Look at"), criterion.look_at),
    )
    return [(render(label, language), words) for label, words in told if words]


def _criterion(result: CriterionResult, language: Language) -> CheckedCriterion:
    judgement = result.judgement

    def words(text: Text | Bilingual | None) -> str | None:
        return None if text is None else fit(render(text, language))

    return CheckedCriterion(
        id=result.id,
        title=render(result.title, language),
        kind=result.kind,
        verdict=judgement.verdict,
        points=result.points,
        out_of=result.out_of,
        summary=fit(render(judgement.summary, language)),
        expected=words(judgement.expected),
        got=words(judgement.got),
        where=words(judgement.where),
        look_at=words(judgement.look_at),
    )
