"""Moodle's offline grading worksheet: the teacher's own file, in which only grades and feedback change.

Moodle reads its columns letter by letter in the language of who uploads it, and the number in `Participant 123` by
position: so nothing else in the file may change. Rows are joined by that number; the name is compared besides, since
each assignment has numbers of its own, and a group's number could be another assignment's student's.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from grader.errors import ExportError
from grader.export.filling import Filling
from grader.export.grid import Grid, read_separated
from grader.export.marks import Mark
from grader.export.people import can_be_one, moodle_name
from grader.export.rounding import Rounded, Scale, fixed, shown
from grader.i18n import render
from grader.model.text import Language, say
from grader.spreadsheet import defused

HEADERS: dict[str, tuple[str, ...]] = {
    "id": ("identifier", "identifiant"),
    "name": ("full name", "nom complet"),
    "group": ("group", "groupe"),
    "number": ("id number", "numéro d'identification"),
    "grade": ("grade", "note"),
    "maximum": ("maximum grade", "note maximale"),
    "changeable": ("grade can be changed", "la note peut être modifiée"),
    "graded": ("last modified (grade)", "dernière modification (note)"),
    "feedback": ("feedback comments", "feedback par commentaires"),
}
"""Source: lang/en and lang/fr of mod/assign and of its feedback plugins offline and comments."""
_NEEDED = ("id", "grade", "maximum")
_PID = re.compile(r"^\D*?(\d+)$")
_NO = ("no", "non")


@dataclass(frozen=True)
class Row:
    """One line of the worksheet."""

    index: int
    pid: str
    name: str
    group: str


@dataclass(frozen=True)
class Worksheet:
    """The teacher's file, and where its columns are."""

    grid: Grid
    columns: Mapping[str, int]
    rows: tuple[Row, ...]

    @property
    def decimal_sign(self) -> str:
        """As the file writes numbers; where none has decimals, as its language does."""
        values = [
            self.grid.value(row.index, self.columns[role])
            for row in self.rows
            for role in ("maximum", "grade")
        ]
        counts = Counter(sign for value in values for sign in ",." if sign in value)
        french = self.grid.value(0, self.columns["grade"]).casefold() == "note"
        return counts.most_common(1)[0][0] if counts else "," if french else "."


def read_worksheet(raw: bytes) -> Worksheet:
    """Find the columns and rows.

    Raises:
        ExportError: it is no worksheet, or in a language that is not known here.
    """
    grid = read_separated(raw, lambda table: len(_columns(table)))
    columns = _columns(grid)
    missing = [HEADERS[role][0] for role in _NEEDED if role not in columns]
    if missing:
        found = ", ".join(cell.value.strip() for cell in grid.rows[0])[:300]
        raise ExportError(
            say(
                "This is no grading worksheet of Moodle in English or French: no column '{missing}' in: {found}.",
                missing=", ".join(missing),
                found=found,
            )
        )
    rows = []
    for index in range(1, len(grid.rows)):
        match = _PID.match(grid.value(index, columns["id"]))
        if match:
            name, group = (grid.value(index, columns.get(role)) for role in ("name", "group"))
            rows.append(Row(index, match[1], name, group))
    return Worksheet(grid, columns, tuple(rows))


def _columns(grid: Grid) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, cell in enumerate(grid.rows[0] if grid.rows else ()):
        header = unicodedata.normalize("NFC", cell.value).strip().casefold().replace("’", "'")
        for role, names in HEADERS.items():
            if header in names:
                found.setdefault(role, place)
    return found


def joined(sheet: Worksheet, marks: Sequence[Mark], filling: Filling) -> dict[Row, Mark]:
    """Whose mark each row gets; a group's goes to each of its members. What fits nobody is remarked."""
    found: dict[Row, Mark] = {}
    count = Counter(row.pid for row in sheet.rows)
    for mark in marks:
        own = [row for row in sheet.rows if row.pid == mark.student]
        named = [row for row in own if can_be_one(mark.name, row.name)]
        group = [row for row in sheet.rows if row.group and moodle_name(row.group) == moodle_name(mark.name)]
        whose = f"{mark.name} ({mark.student})"
        if named and group:
            reason = say(
                "it may be a student of the worksheet, or a group of that name; nothing was filled in"
            )
        elif own and not named and not group:
            reason = say("the worksheet calls number {number} {name}: is it another assignment's?",
                         number=mark.student, name=own[0].name)  # fmt: skip
        elif any(count[row.pid] > 1 for row in own):
            reason = say(
                "the worksheet has number {number} twice; nothing was filled in", number=mark.student
            )
        elif not named and not group:
            reason = say("is not in the worksheet")
        else:
            for row in named or group:
                if row in found:
                    filling.remarks.append(
                        (row.name, say("is in two groups; the mark of the first was taken"))
                    )
                found.setdefault(row, mark)
            continue
        filling.remarks.append((whose, reason))
    return found


def fill_worksheet(
    sheet: Worksheet, marks: Sequence[Mark], step: Decimal, language: Language, *, replaces: bool
) -> tuple[Filling, dict[Row, Mark]]:
    """Fill in grades and feedback; also tells whose mark each row got, for the feedback's archive.

    Grades are out of the maximum that each row tells. Who has no mark, or none that is decided, is left as he is.
    """
    filling = Filling(sheet.grid, replaces)
    graded: dict[Row, Mark] = {}
    found = joined(sheet, marks, filling)
    for row in sheet.rows:
        whose = f"{row.name} ({row.pid})" if row.name else row.pid
        mark = found.get(row)
        if mark is None:
            filling.untouched.append(whose)
        elif mark.points is None and mark.open is not None:
            filling.remarks.append((whose, say("no grade: {reason}", reason=mark.open)))
        elif sheet.grid.value(row.index, sheet.columns.get("changeable")).casefold() in _NO:
            filling.remarks.append((whose, say("Moodle says that this grade cannot be changed; it was left")))
        elif _fill_row(sheet, row, mark, whose, step, language, filling):
            graded[row] = mark
    return filling, graded


def _fill_row(
    sheet: Worksheet, row: Row, mark: Mark, whose: str, step: Decimal, language: Language, filling: Filling
) -> bool:
    maximum = sheet.grid.value(row.index, sheet.columns["maximum"])
    try:
        scale = Scale(Decimal(maximum.replace(",", ".")), step)
    except InvalidOperation:
        filling.remarks.append(
            (whose, say("is graded by a scale ({scale}), and not by points", scale=maximum))
        )
        return False
    assert mark.points is not None
    rounded = scale.of(mark.points, mark.out_of)
    places = len(maximum.replace(",", ".").partition(".")[2]) or 2
    grade = fixed(rounded.grade, sheet.decimal_sign, places)
    headers = [cell.value.strip() for cell in sheet.grid.rows[0]]
    column = sheet.columns["grade"]
    if not filling.put((row.index, column), grade, whose, headers[column], rounded):
        return False
    feedback = sheet.columns.get("feedback")
    if feedback is not None:
        words = defused(comment(mark, scale, rounded, language))
        filling.put((row.index, feedback), words, whose, headers[feedback])
    return True


def comment(mark: Mark, scale: Scale, rounded: Rounded, language: Language) -> str:
    """One line: the grade, the points that it comes from, and how it was rounded. Nothing that a student wrote."""
    sign = "," if language == "fr" else "."
    pieces = [
        f"{r.exercise} {shown(r.points or Decimal(0), sign)}/{shown(r.out_of, sign)}" for r in mark.reports
    ]
    pieces += [f"{exercise} –" for exercise in mark.missing]
    if mark.taken_off:
        pieces.append(render(say("−{points} taken off", points=shown(mark.taken_off, sign)), language))
    assert mark.points is not None
    words = say(
        "{grade}/{top}: {points} points of {out_of} ({exercises}); rounded half up to {step}.",
        grade=shown(rounded.grade, sign),
        top=shown(scale.top, sign),
        points=shown(mark.points, sign),
        out_of=shown(mark.out_of, sign),
        exercises=", ".join(pieces),
        step=shown(scale.step, sign),
    )
    return render(words, language)
