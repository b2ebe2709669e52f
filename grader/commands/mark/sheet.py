"""A table of marks: written with what waits for a person, filled in with a spreadsheet, read again."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import reduce
from typing import NamedTuple

from grader.commands.mark.giving import find_criterion, held_mark, is_new, mark_of, points_of, waiting
from grader.commands.people import choose_reports, find_exactly
from grader.errors import ConfigError
from grader.export.people import can_be_one
from grader.i18n import render
from grader.model.mark import HandMark
from grader.model.report import GradeReport
from grader.model.text import Language, Text, exact, say
from grader.reports.numbers import points_text
from grader.spreadsheet import WORKBOOK, as_given, as_text, defused, is_workbook

COLUMNS = ("student", "name", "exercise", "criterion", "title", "out_of", "answer", "points", "reason")
_NEEDED = ("student", "exercise", "criterion", "points")
_MOST_FAULTS = 20


def sheet_of(reports: Iterable[GradeReport], language: Language) -> bytes:
    """A line for each criterion that waits, with empty `points` and `reason`.

    In French as a French spreadsheet opens it by itself: semicolons, decimal comma, byte order mark.
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=";" if language == "fr" else ",", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for report in reports:
        for result in waiting(report):
            cells = (
                *(report.exercise, result.id),
                *(render(result.title, language), points_text(result.out_of, language)),
                result.judgement.staff_note
                if result.kind == "manual"
                else render(result.judgement.summary, language),
            )
            whose = map(as_text, (report.student, report.name))
            writer.writerow([*whose, *map(defused, cells), "", ""])
    return b"\xef\xbb\xbf" + stream.getvalue().encode("utf-8", "replace")


class Filled(NamedTuple):
    """One line of a filled-in table."""

    mark: HandMark
    report: GradeReport
    """The grade that is marked."""
    before: HandMark | None
    """The mark that it replaces."""


def read_sheet(
    raw: bytes, reports: Sequence[GradeReport], *, reason: str, author: str, replaces: bool = False
) -> tuple[Filled, ...]:
    """The marks of the lines that have points, without those that hold already.

    `reason` is that of lines without one. Commas or semicolons, UTF-8 or Windows-1252, either decimal sign. A student
    is found by the identifier or the whole name, and where the line tells a name, it must be that student's. Another
    author's mark is replaced only with `replaces`.
    Raises: ConfigError naming each line at fault; then none of the file counts.
    """
    filled: dict[tuple[str, str, str], Filled] = {}
    faults: list[Text] = []
    for number, row in enumerate(_rows(raw), start=2):
        if not row["points"].strip():
            continue
        try:
            one = _filled(row, reports, reason, author)
            place = (one.mark.student, one.mark.exercise, one.mark.criterion)
            if place in filled and not _are_alike(one, filled[place]):
                raise ConfigError(
                    say(
                        "{name} · {criterion}: a line above marks this already.",
                        name=one.report.name,
                        criterion=one.mark.criterion,
                    )
                )
            if one.before is not None and one.before.author != author and not replaces and _is_new(one):
                raise ConfigError(_others(one, one.before))
        except ConfigError as error:
            faults.append(say("line {line}: {fault}", line=number, fault=error.text))
            continue
        filled.setdefault(place, one)
    if faults:
        more = len(faults) - _MOST_FAULTS
        shown = [say("Nothing was marked."), *faults[:_MOST_FAULTS]]
        shown += [say("… and {count} more.", count=more)] if more > 0 else []
        raise ConfigError(reduce(lambda before, one: say("{before}\n{one}", before=before, one=one), shown))
    return tuple(filter(_is_new, filled.values()))


def _filled(row: Mapping[str, str], reports: Sequence[GradeReport], reason: str, author: str) -> Filled:
    """What one line says; raises ConfigError."""
    name = as_given((row.get("name") or "").strip())
    told = _student(row["student"], reports) or name
    (report,) = choose_reports(reports, told, row["exercise"].strip(), find=find_exactly)
    if not any(can_be_one(name, known) for known in (report.name, *(m.name for m in report.members))):
        raise ConfigError(
            say(
                "'{word}' is {name} ({student}) in the grade book, and the line calls that student {told}.",
                word=told,
                name=report.whose,
                student=report.student,
                told=name,
            )
        )
    result = find_criterion(report, row["criterion"].strip())
    points = points_of(row["points"], result)
    mark = mark_of(report, result, points, as_given(row.get("reason") or "") or reason, author)
    return Filled(mark, report, held_mark(result))


def _are_alike(one: Filled, other: Filled) -> bool:
    """Whether two lines say the same, as those of a group's members may."""
    return (one.mark.points, one.mark.reason) == (other.mark.points, other.mark.reason)


def _is_new(one: Filled) -> bool:
    return is_new(one.mark, next(r for r in one.report.criteria if r.id == one.mark.criterion))


def _others(one: Filled, before: HandMark) -> Text:
    return say(
        "{name} · {criterion}: {author} gave {points} of {out_of} on {when} ({reason}); `--replace` replaces it.",
        name=one.report.name,
        criterion=before.criterion,
        author=before.author,
        points=exact(before.points or Decimal(0)),
        out_of=exact(before.out_of),
        when=f"{before.given_at:%F %R} UTC",
        reason=before.reason,
    )


def _rows(raw: bytes) -> list[dict[str, str]]:
    if is_workbook(raw):
        raise ConfigError(WORKBOOK)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    head = text.partition("\n")[0]
    separator = max(",;\t", key=head.count)
    try:
        rows = list(
            csv.DictReader(io.StringIO(text, newline=""), delimiter=separator, restkey="more", strict=True)
        )
    except csv.Error as error:
        raise ConfigError(say("This is no table of marks: {reason}.", reason=str(error))) from error
    missing = [name for name in _NEEDED if not rows or name not in rows[0]]
    if missing:
        raise ConfigError(
            say(
                "A table of marks has a line of titles with {needed}, and lines below it; `grade mark --list-needed"
                " --out marks.csv` writes one. Missing: {missing}.",
                needed=", ".join(_NEEDED),
                missing=", ".join(missing),
            )
        )
    return [{str(key): value or "" for key, value in row.items()} for row in rows]


def _student(cell: str, reports: Sequence[GradeReport]) -> str:
    known = {report.student for report in reports}
    return next(
        (word for word in (cell, as_given(cell), cell.strip()) if word in known), as_given(cell.strip())
    )
