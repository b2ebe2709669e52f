"""A plain table of grades: one line a student, one column an exercise, the sum, and how it was rounded."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from decimal import Decimal

from grader.export.marks import Mark
from grader.export.rounding import Scale, fixed, shown
from grader.i18n import render
from grader.model.text import Language, say
from grader.spreadsheet import as_text, defused


def render_table(marks: Sequence[Mark], scale: Scale, language: Language, *, excel: bool = False) -> str:
    """The file's text. A grade that is open, or was never given, is an empty cell, and `open` says why.

    Titles are English, for programs; those of a file that is for people (`excel`) are in their language.
    """
    separator, sign = (";", ",") if excel else (",", ".")
    titles = language if excel else "en"
    as_identifier = as_text if excel else defused
    exercises = sorted({r.exercise for m in marks for r in m.reports} | {e for m in marks for e in m.missing})
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=separator, lineterminator="\n")
    before = (say("student"), say("name"))
    after = (
        *(say("points"), say("out_of"), say("grade /{top}", top=shown(scale.top, sign)), say("unrounded")),
        *(say("late"), say("taken_off"), say("open")),
    )
    writer.writerow(
        [*(render(t, titles) for t in before), *map(defused, exercises), *(render(t, titles) for t in after)]
    )
    for mark in marks:
        rounded = None if mark.points is None else scale.of(mark.points, mark.out_of)
        own = {
            r.exercise: shown(r.points, sign) for r in mark.reports if r.is_complete and r.points is not None
        }
        writer.writerow(
            [
                as_identifier(mark.student),
                as_identifier(mark.name),
                *(own.get(exercise, "") for exercise in exercises),
                _or_nothing(mark.points, sign),
                shown(mark.out_of, sign),
                "" if rounded is None else fixed(rounded.grade, sign, 2),
                "" if rounded is None else shown(rounded.exact, sign),
                "true" if mark.is_late else "false",
                shown(mark.taken_off, sign),
                "" if mark.open is None else render(mark.open, language),
            ]
        )
    return stream.getvalue()


def _or_nothing(points: Decimal | None, sign: str) -> str:
    return "" if points is None else shown(points, sign)
