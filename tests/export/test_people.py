from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.export.people import can_be_one, moodle_name

NAMES = st.text(
    st.characters(categories=("Lu", "Ll", "Lo", "Mn"), include_characters=" '’-._&/"), max_size=30
)


@pytest.mark.parametrize(
    ("folder", "worksheet"),
    [
        ("Chloé DArc", "Chloé D'Arc"),
        ("Chloé DArc", "D’ARC Chloé"),
        ("Jean-Baptiste de La Tour", "de La Tour Jean-Baptiste"),
        ("Nguyễn Thị Ánh", "NGUYEN Thi Anh"),
        ("张伟", "张伟"),
        ("Groupe A-Zoé Lefèvre", "Zoé Lefèvre"),
        ("Participant 40211", "Zoé Lefèvre"),
        ("anon Ab3xZ", "Zoé"),
        ("Zoé Lefèvre", ""),
        ("Zoé", "Zoé Lefèvre"),
    ],
)
def test_spellings_of_one_name(folder: str, worksheet: str) -> None:
    assert can_be_one(folder, worksheet)
    assert can_be_one(worksheet, folder)


@pytest.mark.parametrize(
    ("name", "other"), [("Zoé Lefèvre", "Jean Martin"), ("Jean Martin", "Jean Dupont"), ("张伟", "李伟"),
                        ("Ольга Иванова", "Анна Иванова")]
)  # fmt: skip
def test_different_names(name: str, other: str) -> None:
    assert not can_be_one(name, other)


@given(NAMES)
def test_a_name_stays_itself_in_moodles_spelling_and_holds_nothing_that_splits_it(name: str) -> None:
    shown = moodle_name(name)
    assert shown
    assert not set(shown) & set("_/\\:&<>\"'`|")
    assert can_be_one(shown, name)
