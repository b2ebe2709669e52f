"""Gradescope's `results.json`: one for each submission, as its autograders write it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from grader.export.rounding import shown
from grader.i18n import render
from grader.model.adjustment import Adjustment
from grader.model.report import CriterionResult, GradeReport
from grader.model.text import Language, say
from grader.model.verdict import Verdict


def results_of(reports: Sequence[GradeReport], language: Language) -> dict[str, Any]:
    """The file's content, for one submission: all that one student handed in with it, one exercise or several.

    While a point is open there is no score anywhere in it: Gradescope would add up the rest, and show it as the grade.
    Hidden criteria show when the grades are published, public ones at once.
    """
    is_known = all(report.is_complete and not report.has_judge_error for report in reports)
    results: dict[str, Any] = {
        "output": "\n".join(line for report in reports for line in _lines(report, language)),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "execution_time": round(sum(report.wall_s for report in reports), 3),
        "extra_data": {"grades": [_data(report) for report in reports]},
        "tests": [],
    }
    for report in reports:
        for result in report.criteria:
            number = str(len(results["tests"]) + 1)
            results["tests"].append(_test(result, number, language, is_scored=is_known))
        for adjustment in report.adjustments:
            results["tests"].append(_line(adjustment, language, is_scored=is_known))
    if is_known and reports:
        results["score"] = float(sum((report.points or Decimal(0) for report in reports), Decimal(0)))
    return results


def _lines(report: GradeReport, language: Language) -> list[str]:
    sign = "," if language == "fr" else "."
    words = say(
        "{exercise}: {points} points of {out_of}",
        exercise=report.exercise,
        points="–" if report.points is None else shown(report.points, sign),
        out_of=shown(report.out_of, sign),
    )
    open_ = say("{points}; waiting for a person: {open}", points=words, open=shown(report.undecided, sign))
    is_known = report.is_complete and not report.has_judge_error
    lines = [render(words if is_known else open_, language)]
    return lines if report.problem is None else [*lines, render(report.problem, language)]


def _data(report: GradeReport) -> dict[str, Any]:
    return {
        "student": report.student,
        "exercise": report.exercise,
        "verdict": report.verdict.value,
        "late": report.late,
        "rubric_version": report.rubric_version,
        "notebook_sha256": report.notebook_sha256,
    }


def _line(adjustment: Adjustment, language: Language, *, is_scored: bool) -> dict[str, Any]:
    line: dict[str, Any] = {
        "name": render(adjustment.title, language),
        "output": render(adjustment.words, language),
        "output_format": "text",
        "visibility": "visible",
    }
    return line | ({"score": float(adjustment.points), "max_score": 0.0} if is_scored else {})


def _test(result: CriterionResult, number: str, language: Language, *, is_scored: bool) -> dict[str, Any]:
    judgement = result.judgement
    lines = [render(judgement.summary, language)]
    labels = {
        "expected": say("Expected"),
        "got": say("Got"),
        "where": say("Where"),
        "look_at": say("Look at"),
    }
    colon = "\N{NARROW NO-BREAK SPACE}:" if language == "fr" else ":"
    for field, label in labels.items():
        words = getattr(judgement, field)
        if words is not None and judgement.verdict is not Verdict.ACCEPTED:
            lines.append(f"{render(label, language)}{colon} {render(words, language)}")
    test: dict[str, Any] = {
        "name": render(result.title, language),
        "number": number,
        "output": "\n".join(lines),
        "output_format": "text",
        "tags": [result.task, result.kind],
        "visibility": "visible" if result.public else "after_published",
        "extra_data": {"id": result.id, "verdict": judgement.verdict.value},
    }
    if is_scored and result.points is not None:
        test["score"] = float(result.points)
        test["max_score"] = float(result.out_of)
        test["status"] = "passed" if judgement.verdict is Verdict.ACCEPTED else "failed"
    return test
