"""The worksheet: whose grade each row gets, and that nothing else changes."""

from __future__ import annotations

import csv
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import ExportError
from grader.export.marks import marks_of
from grader.export.moodle import fill_worksheet, read_worksheet
from grader.i18n import render
from grader.model.report import GradeReport
from grader.model.verdict import Verdict
from tests.export.worksheets import Line, cells, worksheet
from tests.reports.builders import criterion, report

CLASS = (
    Line(40211, "Zoé Lefèvre"),
    Line(40212, "Chloé D'Arc", grade="12,00", feedback="déjà lu"),
    Line(40213, "de La Tour Jean-Baptiste"),
    Line(40214, "Nguyễn Thị Ánh"),
    Line(40215, "Ольга Иванова"),
    Line(40218, "Jean Martin"),
    Line(40219, "Jean Martin"),
    Line(40220, "=HYPERLINK(1)"),
)
HALF = criterion(Verdict.PARTIALLY_ACCEPTED, points="7", share="0.6")
NAMES = {40212: "Chloé DArc", 40213: "Jean-Baptiste de La Tour", 40220: "=HYPERLINK(1)"}


def graded(*pids: int) -> list[GradeReport]:
    return [
        report(HALF, student=str(line.pid), name=NAMES.get(line.pid, line.name))
        for line in CLASS
        if line.pid in pids
    ]


def fill(raw: bytes, *reports: GradeReport, replaces: bool = False, step: str = "0.01", language: str = "fr"):
    sheet = read_worksheet(raw)
    return fill_worksheet(
        sheet, marks_of(reports), Decimal(step), "fr" if language == "fr" else "en", replaces=replaces
    )


def remarks(filling) -> dict[str, str]:
    return {whose: render(text, "en") for whose, text in filling.remarks}


def column(raw: bytes, place: int, separator: str = ",", encoding: str = "utf-8-sig") -> list[str]:
    return [row[place] for row in cells(raw, separator, encoding)[1:]]


DIALECTS = [
    {},
    {"french": True},
    {"french": True, "separator": ";", "mark": b"\xef\xbb\xbf"},
    {"french": True, "separator": ";", "end": "\n", "quoting": csv.QUOTE_ALL},
    {"separator": "\t", "encoding": "utf-16-le", "mark": b"\xff\xfe"},
]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_only_grades_and_feedback_change_in_every_dialect(dialect) -> None:
    raw = worksheet([line._replace(grade="") for line in CLASS], **dialect)
    filling, _ = fill(raw, *graded(40211, 40212, 40213, 40214, 40215, 40218, 40220))
    filled = filling.content()
    separator, encoding = dialect.get("separator", ","), "utf-16" if "encoding" in dialect else "utf-8-sig"
    before, after = (cells(data, separator, encoding) for data in (raw, filled))
    grade = "12,00" if dialect.get("french") else "12.00"
    assert [row[6] for row in after[1:]] == [grade] * 6 + ["", grade]
    assert [[*r[:6], *r[7:12]] for r in after] == [[*r[:6], *r[7:12]] for r in before]
    assert filled.startswith(dialect.get("mark", b""))
    assert filling.grid.changed({}) == raw
    assert after[2][12] == "déjà lu"
    assert filling.untouched == ["Jean Martin (40219)"]


def test_old_windows_text_stays_what_it_is() -> None:
    raw = worksheet(CLASS[:3], french=True, separator=";", encoding="cp1252")
    filled = fill(raw, *graded(40211))[0].content()
    assert column(filled, 6, ";", "cp1252") == ["12,00", "12,00", ""]
    assert filled.replace(b"12,00", b"").startswith(raw[:200].replace(b"12,00", b""))


def test_grades_are_out_of_the_files_maximum_with_its_decimal_sign() -> None:
    lines = [Line(40211, "Zoé Lefèvre", maximum="100,00"), Line(40214, "Nguyễn Thị Ánh", maximum="20")]
    filled = fill(worksheet(lines), *graded(40211, 40214))[0].content()
    assert column(filled, 6) == ["60,00", "12,00"]
    assert b'"60,00"' in filled
    thirds = report(criterion(Verdict.PARTIALLY_ACCEPTED, points="7", share="0.3333"), student="40211")
    filling, _ = fill(worksheet([Line(40211, "Zoé Lefèvre")]), thirds, step="0.25")
    (change, _) = filling.changes
    assert (change.after, change.rounded.is_exact) == ("6.75", False)


def test_feedback_tells_points_and_rounding_and_nothing_a_student_wrote() -> None:
    filled = fill(worksheet(CLASS[:1], french=True), *graded(40211))[0].content()
    assert column(filled, 12) == [
        "12/20\u202f: 4,2 points sur 7 (03_XOR_pytorch 4,2/7)\u202f; arrondi à 0,01 près, la moitié vers le haut."
    ]


def test_absent_is_not_zero_and_open_is_not_graded() -> None:
    open_ = report(HALF, criterion(Verdict.NEEDS_REVIEW, id_="b.b"), student="40211", name="Zoé Lefèvre")
    broken = report(HALF, criterion(Verdict.JUDGE_ERROR, id_="b.c"), student="40214", name="Nguyễn Thị Ánh")
    raw = worksheet(CLASS)
    filling, graded_rows = fill(raw, open_, broken)
    assert filling.content() == raw
    assert graded_rows == {}
    assert remarks(filling) == {
        "Zoé Lefèvre (40211)": "no grade: points that wait for a person: 2",
        "Nguyễn Thị Ánh (40214)": "no grade: the grader could not tell",
    }
    assert len(filling.untouched) == 6


def test_what_stands_in_a_cell_is_replaced_only_on_request() -> None:
    raw = worksheet([Line(40212, "Chloé D'Arc", grade="14.00", feedback="Bien !")])
    filling, _ = fill(raw, *graded(40212))
    assert filling.content() == raw
    assert "Grade holds 14.00 already, and not 12.00" in remarks(filling)["Chloé D'Arc (40212)"]
    filled = fill(raw, *graded(40212), replaces=True)[0].content()
    assert column(filled, 6) == ["12.00"]
    same = worksheet([Line(40212, "Chloé D'Arc", grade="12", feedback="x")])
    assert fill(same, *graded(40212), replaces=False)[0].cells == {}


def test_filling_twice_changes_nothing_more() -> None:
    once = fill(worksheet(CLASS), *graded(40211, 40213))[0].content()
    assert fill(once, *graded(40211, 40213))[0].cells == {}


def test_another_assignments_worksheet_is_not_filled() -> None:
    raw = worksheet([Line(40211, "Jean Martin"), Line(99, "Paul")])
    filling, _ = fill(raw, *graded(40211, 40214))
    assert filling.cells == {}
    assert "calls number 40211 Jean Martin" in remarks(filling)["Zoé Lefèvre (40211)"]
    assert remarks(filling)["Nguyễn Thị Ánh (40214)"] == "is not in the worksheet"


def test_two_of_one_name_are_told_apart_by_their_numbers() -> None:
    filled = fill(worksheet(CLASS), *graded(40219))[0].content()
    assert column(filled, 6) == ["", "12,00", "", "", "", "", "12.00", ""]


def test_a_groups_grade_goes_to_each_member_and_to_no_stranger() -> None:
    lines = [
        Line(1, "Zoé Lefèvre", group="Groupe d'été / A"),
        Line(2, "Jean Martin", group="Groupe d'été / A"),
        Line(31, "Ольга Иванова", group="Groupe B"),
    ]
    group = report(HALF, student="31", name="Groupe dété A")
    filling, graded_rows = fill(worksheet(lines), group)
    assert column(filling.content(), 6) == ["12.00", "12.00", ""]
    assert {row.pid for row in graded_rows} == {"1", "2"}


def test_a_student_called_like_a_group_is_left_to_a_person() -> None:
    lines = [Line(31, "Martin Groupe", group="x"), Line(2, "Zoé", group="Martin")]
    filling, _ = fill(worksheet(lines), report(HALF, student="31", name="Martin"))
    assert filling.cells == {}
    assert "or a group of that name" in remarks(filling)["Martin (31)"]


def test_rows_that_moodle_locks_or_grades_by_a_scale_are_left() -> None:
    lines = [
        Line(40211, "Zoé Lefèvre", changeable="Non"),
        Line(40214, "Nguyễn Thị Ánh", maximum="Non acquis"),
    ]
    filling, _ = fill(worksheet(lines), *graded(40211, 40214))
    assert filling.cells == {}
    assert "cannot be changed" in remarks(filling)["Zoé Lefèvre (40211)"]
    assert "by a scale (Non acquis)" in remarks(filling)["Nguyễn Thị Ánh (40214)"]


def test_a_number_that_stands_twice_is_left_to_a_person() -> None:
    filling, _ = fill(worksheet([CLASS[0], CLASS[0]]), *graded(40211))
    assert filling.cells == {}
    assert "twice" in remarks(filling)["Zoé Lefèvre (40211)"]


@pytest.mark.parametrize(
    "raw", [b"", b"a,b\n1,2\n", b"Kennung,Bewertung\n", b"Grade,Note\n", b"\xff\xfe\xd8"]
)
def test_what_is_no_worksheet_is_refused(raw: bytes) -> None:
    with pytest.raises(ExportError):
        read_worksheet(raw)


@given(st.lists(st.tuples(st.integers(1, 10**6), st.text(max_size=20)), max_size=5, unique_by=lambda p: p[0]))
def test_ids_and_names_stay_to_the_byte_whatever_they_are(people: list[tuple[int, str]]) -> None:
    usable = [(n, "".join(c for c in name if c.isprintable())) for n, name in people]
    raw = worksheet([Line(*person) for person in usable])
    filled = fill(raw, *(report(HALF, student=str(n), name=name) for n, name in usable))[0].content()
    assert [row[:6] for row in cells(filled)] == [row[:6] for row in cells(raw)]
