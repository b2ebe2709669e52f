"""Prints what waits for a person, what was marked, and the history."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from rich.console import Console
from rich.table import Table

from grader.commands.mark.giving import left_behind, people_of, waiting
from grader.commands.telling import tell
from grader.i18n import render
from grader.model.mark import TAKEN_OFF, HandMark
from grader.model.report import CriterionResult, GradeReport
from grader.model.shared_reason import shared_reason
from grader.model.text import Language, Text, say
from grader.reports.numbers import points_text
from grader.reports.plain_text import fit
from grader.reports.words import VERDICT_WORDS


def print_needed(
    reports: Sequence[GradeReport], standing: Sequence[HandMark], language: Language, console: Console
) -> None:
    """Each criterion that waits, and each mark that counts nowhere."""
    found = [(report, result) for report in reports for result in waiting(report)]
    if found:
        table = _table(
            (say("Student"), say("Exercise"), say("Criterion"), say("Points"), say("Why")), language
        )
        for report, results in _lines(found):
            points = points_text(sum((result.out_of for result in results), Decimal(0)), language)
            why = render(_why(results[0]), language)
            told = (
                results[0].id
                if len(results) == 1
                else render(say("criteria: {count}", count=len(results)), language)
            )
            table.add_row(*map(fit, (_who(report), report.exercise, told, points, why)))
        console.print(table, markup=False)
        total = sum(result.out_of for _, result in found)
        tell(say("Waiting for a person: criteria {count}, points {points}", count=len(found),
                 points=points_text(total or None, language)), language, console)  # fmt: skip
    else:
        tell(say("Nothing waits for a person."), language, console)
    names = {(student, r.exercise): r for r in reports for student in people_of(r)}
    for mark in left_behind(reports, standing):
        report = names[mark.student, mark.exercise]
        is_gone = mark.criterion not in {TAKEN_OFF, *(result.id for result in report.criteria)}
        reason = (
            say("its rubric has no such criterion any more")
            if is_gone
            else say("it was given for an earlier notebook")
        )
        tell(say("This mark does not count any more: {reason}.", reason=reason), language, console)
        tell(history_line(mark, language, who=report.name), language, console)


def print_filled(
    report: GradeReport, mark: HandMark, before: HandMark | None, language: Language, console: Console
) -> None:
    """Who was marked, and the mark that stood there before."""
    tell(history_line(mark, language, who=_who(report)), language, console)
    if before is not None:
        stood = history_line(before, language, who=report.name)
        tell(say("  Before: {mark}", mark=stood), language, console)


def print_marked(
    report: GradeReport, mark: HandMark, before: HandMark | None, language: Language, console: Console
) -> None:
    """One mark, the one before it, and what the exercise comes to with it; `report` has the mark over it."""
    print_filled(report, mark, before, language, console)
    for result in report.criteria:
        if result.id == mark.criterion:
            machine = result.marked.judgement if result.marked else result.judgement
            points = result.marked.points if result.marked else result.points
            said = say(
                "The machine said: {verdict}, {points}/{out_of}.",
                verdict=VERDICT_WORDS[machine.verdict],
                points=points_text(points, language),
                out_of=points_text(result.out_of, language),
            )
            tell(said, language, console)
    waits = points_text(report.undecided, language) if report.undecided else ""
    total = say(
        "{exercise}: {points}/{out_of}",
        exercise=report.exercise,
        points=points_text(report.points, language),
        out_of=points_text(report.out_of, language),
    )
    tell(total, language, console)
    if waits:
        tell(say("still to be marked: {points}", points=waits), language, console)


def history_line(mark: HandMark, language: Language, *, who: str) -> Text:
    """One entry of the history."""
    place = fit(f"{who} · {mark.exercise} · {mark.criterion}")
    rest = {
        "place": place,
        "author": fit(mark.author),
        "when": f"{mark.given_at:%F %R} UTC",
        "reason": fit(mark.reason),
    }
    if mark.points is None:
        return say("{place}: taken back by {author}, {when}: {reason}", **rest)
    points, out_of = points_text(mark.points, language), points_text(mark.out_of, language)
    if mark.criterion == TAKEN_OFF:
        return say("{place}: −{points} by {author}, {when}: {reason}", points=points, **rest)
    return say(
        "{place}: {points}/{out_of} by {author}, {when}: {reason}", points=points, out_of=out_of, **rest
    )


def mark_lines(result: CriterionResult, notebook_sha256: str, language: Language) -> tuple[str, ...]:
    """For `grade show`, where a mark outranks the machine: by whom it was given, and what the machine said."""
    if result.marked is None:
        return ()
    mark = result.marked.mark
    is_carried = mark.notebook_sha256 != notebook_sha256
    carried = say("It was given for an earlier file, whose cells say the same.")
    by = say("Marked by {author}, {when}", author=fit(mark.author), when=f"{mark.given_at:%F %R} UTC")
    machine = result.marked.judgement
    points = f"{points_text(result.marked.points, language)}/{points_text(result.out_of, language)}"
    said = (
        f"{render(VERDICT_WORDS[machine.verdict], language)}, {points}. {render(machine.summary, language)}"
    )
    machine_s = say("The machine said: {words}", words=said)
    told = (by, carried, machine_s) if is_carried else (by, machine_s)
    return tuple(render(text, language) for text in told)


def _who(report: GradeReport) -> str:
    name = report.whose
    return name if name == report.student else f"{name} ({report.student})"


def _lines(
    found: Sequence[tuple[GradeReport, CriterionResult]],
) -> list[tuple[GradeReport, list[CriterionResult]]]:
    """One for each criterion; those of one notebook that wait for the same reason are one line."""
    lines: dict[tuple[int, str], tuple[GradeReport, list[CriterionResult]]] = {}
    for report, result in found:
        reason = shared_reason(result.judgement)
        key = result.id if reason is None else reason.model_dump_json()
        lines.setdefault((id(report), key), (report, []))[1].append(result)
    return list(lines.values())


def _why(result: CriterionResult) -> Text:
    if result.kind == "manual":
        return say("to be read")
    return shared_reason(result.judgement) or result.judgement.summary


def _table(titles: Sequence[Text], language: Language) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in titles:
        table.add_column(render(title, language), overflow="fold")
    return table
