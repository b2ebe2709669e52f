from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import ExportError
from grader.export.grid import read_grid

TEXT = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\0\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")
)
TABLES = st.lists(st.lists(TEXT, min_size=2, max_size=4), min_size=1, max_size=5)
DIALECTS = st.tuples(st.sampled_from(",;\t"), st.sampled_from(["\r\n", "\n", "\r"]), st.sampled_from([0, 1]))
MARKS = {"utf-8": b"", "utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}


def written(rows: list[list[str]], dialect: tuple[str, str, int]) -> str:
    """As spreadsheets write it: quoted where need be, or throughout."""
    separator, end, quoting = dialect

    def cell(value: str) -> str:
        is_quoted = quoting or any(sign in value for sign in (separator, '"', "\r", "\n"))
        return '"' + value.replace('"', '""') + '"' if is_quoted else value

    return "".join(separator.join(map(cell, row)) + end for row in rows)


@given(TABLES, DIALECTS, st.sampled_from(list(MARKS)))
def test_cells_are_read_as_they_were_written_and_nothing_changes_by_itself(
    rows: list[list[str]], dialect: tuple[str, str, int], encoding: str
) -> None:
    rows[0][0] = rows[0][0].lstrip("\ufeff")
    raw = MARKS[encoding] + written(rows, dialect).encode(encoding)
    grid = read_grid(raw, dialect[0])
    assert [[cell.value for cell in row] for row in grid.rows] == rows
    assert grid.changed({}) == raw


@given(TABLES, DIALECTS, TEXT, st.data())
def test_one_cell_changes_and_no_other_byte(
    rows: list[list[str]], dialect: tuple[str, str, int], value: str, data: st.DataObject
) -> None:
    rows[0][0] = rows[0][0].lstrip("\ufeff")
    text = written(rows, dialect)
    grid = read_grid(text.encode(), dialect[0])
    row = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.integers(0, len(rows[row]) - 1))
    changed = grid.changed({(row, column): value}).decode()
    cell = grid.rows[row][column]
    tail = len(text) - cell.end
    assert changed[: cell.start] == text[: cell.start]
    assert changed[len(changed) - tail :] == text[cell.end :]
    rows[row][column] = value
    assert [[c.value for c in r] for r in read_grid(changed.encode(), dialect[0]).rows] == rows


@pytest.mark.parametrize(
    "raw", ["é;à\r\n1;2\r\n".encode("cp1252"), b"a;\x81\n1;2\n", b"a;b\n1;2", b"", b"\n\na;b"]
)
def test_old_encodings_and_odd_ends_stay(raw: bytes) -> None:
    grid = read_grid(raw, ";")
    assert grid.changed({}) == raw
    if raw[:1] == b"\xe9":
        assert grid.rows[0][0].value == "é"
        assert grid.changed({(1, 1): "è"}) == "é;à\r\n1;è\r\n".encode("cp1252")


def test_what_the_encoding_lacks_becomes_a_question_mark() -> None:
    assert read_grid("é;a\n".encode("cp1252"), ";").changed({(0, 1): "张"}) == "é;?\n".encode("cp1252")


def test_a_short_row_is_made_longer() -> None:
    grid = read_grid(b"a\tb\tc\td\n1\n2\tx\n", "\t", has_quotes=False)
    assert grid.changed({(1, 2): "12", (1, 3): "y", (2, 3): "z"}) == b"a\tb\tc\td\n1\t\t12\ty\n2\tx\t\tz\n"


@pytest.mark.parametrize(("raw", "line"), [(b'a,b\n1,"2', "Line 2"), (b'a\n\n"x"y\n', "Line 3")])
def test_broken_quotes_are_named_by_their_line(raw: bytes, line: str) -> None:
    with pytest.raises(ExportError, match=line):
        read_grid(raw, ",")
