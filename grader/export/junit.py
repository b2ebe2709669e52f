"""JUnit's XML, which CI servers show: a suite for each student and exercise, a case for each criterion.

A student's fault is a `failure`, the grader's an `error`; what was skipped, or waits for a person, is `skipped`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from grader.export.junit_document import Case, Outcome, Suite, render_suites
from grader.i18n import render
from grader.model.report import CriterionResult, GradeReport
from grader.model.text import Language
from grader.model.verdict import Verdict

_SKIPPED = (Verdict.SKIPPED, Verdict.NEEDS_REVIEW)


def render_junit(reports: Iterable[GradeReport], language: Language) -> bytes:
    """The whole file, UTF-8."""
    return render_suites((_suite(report, language) for report in reports), "grade")


def _suite(report: GradeReport, language: Language) -> Suite:
    properties = {
        "student": report.student,
        "exercise": report.exercise,
        "verdict": report.verdict.value,
        "points": "" if report.points is None or not report.is_complete else str(report.points),
        "out_of": str(report.out_of),
        "rubric_version": report.rubric_version,
        "notebook_sha256": report.notebook_sha256,
        "late": "true" if report.late else "false",
        "taken_off": str(report.taken_off),
    }
    return Suite(
        name=f"{report.name} ({report.student}) · {report.exercise}",
        cases=tuple(_case(result, report, language) for result in report.criteria),
        wall_s=report.wall_s,
        timestamp=report.graded_at.isoformat(timespec="seconds"),
        properties=properties,
        out=None if report.problem is None else render(report.problem, language),
    )


def _case(result: CriterionResult, report: GradeReport, language: Language) -> Case:
    score = "" if result.judgement.score is None else str(result.judgement.score)
    points = "" if result.points is None else str(result.points)
    return Case(
        name=result.id,
        classname=f"{report.exercise}.{result.task}",
        properties={"score": score, "points": points, "out_of": str(result.out_of)},
        outcome=_outcome(result, language),
    )


def _outcome(result: CriterionResult, language: Language) -> Outcome | None:
    judgement = result.judgement
    if judgement.verdict is Verdict.ACCEPTED:
        return None
    kind: Literal["failure", "error", "skipped"] = "skipped" if judgement.verdict in _SKIPPED else "failure"
    kind = "error" if judgement.verdict is Verdict.JUDGE_ERROR else kind
    more = (judgement.expected, judgement.got, judgement.where, judgement.look_at)
    return Outcome(
        kind=kind,
        message=render(judgement.summary, language),
        type=None if kind == "skipped" else judgement.verdict.value,
        text="\n".join(render(words, language) for words in more if words),
    )
