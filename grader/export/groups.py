"""A group's grade is each member's: what every export to people begins with."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from grader.model.report import GradeReport


def for_each_member(
    reports: Iterable[GradeReport], stays_whole: Callable[[GradeReport], bool] = lambda _: False
) -> list[GradeReport]:
    """The same grades, those of groups once for each member, under the member's identifier and name.

    A group's grade goes before one of the member alone for the same exercise; of two groups' the later one counts.
    A group of which nobody knows who is in it, and one that `stays_whole`, stays as it is.
    """
    kept = list(reports)
    shared = [report for report in kept if report.members and not stays_whole(report)]
    names = {member.student: member.name for report in shared for member in report.members}
    alone = (report for report in kept if not report.members or stays_whole(report))
    found = {(report.student, report.exercise): report for report in alone}
    for (student, exercise), report in of_groups(shared).items():
        told = {"student": student, "name": names[student], "members": ()}
        found[student, exercise] = report.model_copy(update=told)
    return [found[place] for place in sorted(found)]


def of_groups(reports: Iterable[GradeReport]) -> dict[tuple[str, str], GradeReport]:
    """The groups' grades by member and exercise, the latest of each."""
    found: dict[tuple[str, str], GradeReport] = {}
    for report in sorted(reports, key=lambda report: report.graded_at):
        for member in report.members:
            found[member.student, report.exercise] = report
    return found
