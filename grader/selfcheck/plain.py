"""A report as lines of text: for terminals, and for notebooks in which no HTML can be shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from grader.i18n import render
from grader.model.check_report import CheckedCriterion, CheckReport
from grader.model.text import say
from grader.model.verdict import Verdict
from grader.reports.numbers import points_text
from grader.reports.words import VERDICT_MARKS, VERDICT_WORDS, colon
from grader.selfcheck.reporting import details, hidden_words, score_words


class Line(NamedTuple):
    """One line, and how a terminal that can do so shows it."""

    text: str
    style: str = ""
    indent: int = 0


def style_of(verdict: Verdict) -> str:
    """Of the sign and the words of a verdict."""
    styles = {Verdict.ACCEPTED: "green", Verdict.NEEDS_REVIEW: "blue", Verdict.JUDGE_ERROR: "magenta"}
    return styles.get(verdict, "yellow" if verdict is Verdict.PARTIALLY_ACCEPTED else "red")


def lines(report: CheckReport) -> Iterator[Line]:
    """All that there is to tell, task by task; what is hidden comes last."""
    for remark in report.remarks:
        yield Line(remark, "yellow")
    for task in report.tasks:
        yield Line(f"{task.title} ({task.id})", "bold")
        for criterion in task.criteria:
            yield from _criterion(criterion, report)
    yield Line(verdict_words(report), "bold green" if report.passed else "bold yellow")
    yield Line(hidden_words(report))


def text(report: CheckReport) -> str:
    """The same as one text."""
    return "\n".join(" " * line.indent + line.text for line in lines(report))


def verdict_words(report: CheckReport) -> str:
    """The outcome in one sentence, and the score."""
    if not report.tasks:
        return render(say("Nothing could be checked here."), report.language)
    right, not_yet = say("All that was checked is right."), say("Something is not right yet.")
    return f"{render(right if report.passed else not_yet, report.language)} {score_words(report)}"


def _criterion(criterion: CheckedCriterion, report: CheckReport) -> Iterator[Line]:
    language = report.language
    points = f"{points_text(criterion.points, language)}/{points_text(criterion.out_of, language)}"
    verdict = render(VERDICT_WORDS[criterion.verdict], language)
    head = f"{VERDICT_MARKS[criterion.verdict]} {criterion.title}{colon(language)} {verdict} ({points})"
    yield Line(head, style_of(criterion.verdict), 2)
    if criterion.verdict is Verdict.ACCEPTED:
        return
    yield Line(criterion.summary, "", 4)
    for label, words in details(criterion, language):
        yield Line(f"{label}{colon(language)} {words}", "", 4)
