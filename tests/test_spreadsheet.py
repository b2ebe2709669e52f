"""Identifiers survive spreadsheets and come back as they were, and no text becomes a formula."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.spreadsheet import as_given, as_text, defused


@pytest.mark.parametrize(
    "identifier",
    [
        "0021",
        "00",
        "20231117000",
        "123456789012",
        "12E5",
        "3-12",
        "3/12",
        "1.5",
        "1,5",
        "mar1",
        "zoe12",
        '1"2',
    ],
)
def test_what_a_spreadsheet_would_change_is_kept_as_text(identifier: str) -> None:
    kept = as_text(identifier)
    changes = not (identifier.isdecimal() and not identifier.startswith("0") and len(identifier) <= 11)
    assert kept.startswith('="') == changes
    assert as_given(kept) == identifier


@pytest.mark.parametrize("identifier", ["0", "21", "40211", "20231117", "zlefevre", "Zoé Lefèvre", ""])
def test_what_it_leaves_alone_stays_plain(identifier: str) -> None:
    assert as_text(identifier) == identifier


@pytest.mark.parametrize("cell", ["=1+1", '="0021"&cmd', "+33 1", "-5", "@a1", " =1"])
def test_no_formula_gets_through(cell: str) -> None:
    assert as_text(cell) == f"'{cell}"


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])))
def test_any_identifier_comes_back(identifier: str) -> None:
    kept = as_text(identifier)
    inner = kept[2:-1].replace('""', "")
    assert not kept.startswith("=") or (kept.startswith('="') and kept.endswith('"') and '"' not in inner)
    if not identifier.startswith("'"):
        assert as_given(kept) == identifier


HOSTILE = (
    "Ma réponse,=1+1;=2+2",
    "a;=1",
    "a, =1",
    'a,"=1',
    'a;""=1',
    "a,b;@SUM(A1)",
    "a;+1,-1",
    "a,\t=1",
    "a,＝1",
    ",=1",
    ";;=1",
)


@pytest.mark.parametrize("cell", HOSTILE)
@pytest.mark.parametrize("written", [",", ";", "\t"])
@pytest.mark.parametrize("read", [",", ";", "\t"])
def test_no_cell_begins_like_a_formula_with_whichever_separator_it_is_read(
    cell: str, written: str, read: str
) -> None:
    stream = io.StringIO()
    csv.writer(stream, delimiter=written).writerow(["1", defused(cell), "2"])
    [row] = csv.reader(io.StringIO(stream.getvalue()), delimiter=read)
    assert not any(found.strip(' "').startswith(("=", "+", "-", "@", "＝")) for found in row), row
    assert as_given(defused(cell)) == cell.replace("\t", " ")


@pytest.mark.parametrize("cell", ["x = 1, y = 2", "a - b; c", "l'école, d'été", "1,5", "a,b;c"])
def test_ordinary_text_stays_as_it_is(cell: str) -> None:
    assert defused(cell) == cell
