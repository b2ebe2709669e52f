from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grader.model.packed import Packed
from tests.conftest import EXERCISES, ROOT


@given(st.text(st.characters()))
def test_any_text_comes_back_as_it_was(text: str) -> None:
    assert Packed.of(text).text == text


@given(st.text())
def test_it_travels_as_json(text: str) -> None:
    assert Packed.model_validate_json(Packed.of(text).model_dump_json()).text == text


def test_a_notebook_takes_less_than_a_third() -> None:
    path = ROOT / "reference" / EXERCISES[0] / f"{EXERCISES[0]}.ipynb"
    text = path.read_text("utf-8")
    assert len(Packed.of(text).body) < len(text) / 3
