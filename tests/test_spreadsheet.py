"""Identifiers survive spreadsheets, and come back as they were."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.spreadsheet import as_given, as_text


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
