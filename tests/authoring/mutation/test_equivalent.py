"""`equivalent.toml`: mutants that nobody need find, each with the reason; and none that is not there any more."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.authoring.mutation import mutants_of
from grader.authoring.mutation.equivalent import read_equivalents
from grader.errors import CatalogError
from tests.authoring.mutation.test_mutants import BODY, real, reference
from tests.conftest import EXERCISES, ROOT

ENTRY = """
[[mutants]]
cell = "f"
rule = "arithmetic.operator"
line = "return a - b - c"
nth = 2
why = "c is always 0."
"""
MUTANTS = mutants_of(reference(("f", BODY, True)), "01_demo")


def read(folder: Path, text: str) -> dict[object, str]:
    (folder / "equivalent.toml").write_text(text, encoding="utf-8")
    return read_equivalents(folder, MUTANTS)


def test_an_entry_names_one_mutant_and_says_why(tmp_path: Path) -> None:
    ((key, why),) = read(tmp_path, ENTRY).items()
    assert [m.name for m in MUTANTS if m.key == key] == ["f:4 arithmetic.operator#2"]
    assert why == "c is always 0."


def test_no_file_means_no_equivalent(tmp_path: Path) -> None:
    assert read_equivalents(tmp_path, MUTANTS) == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (ENTRY.replace("- c", "- d"), "there is no mutant 'f · arithmetic.operator · return a - b - d · no. 2'"),
        (ENTRY.replace("- c", "- d"), "nearest is 'f · arithmetic.operator · return a - b - c · no. 2'"),
        (ENTRY.replace("nth = 2", "nth = 3"), "there is no mutant"),
        (ENTRY + ENTRY, "number 2: 'f · arithmetic.operator · return a - b - c · no. 2' stands there twice"),
        (ENTRY.replace("why = ", "wyh = "), "mutants.1.wyh: unknown key (did you mean 'why'?)"),
        (ENTRY.replace('"c is always 0."', '""'), "mutants.1.why: String should have at least 1 character"),
        ("[[mutants]", "not a readable TOML file"),
    ],
)  # fmt: skip
def test_a_stale_or_broken_entry_is_refused_by_name(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(CatalogError) as caught:
        read(tmp_path, text)
    assert "equivalent.toml" in str(caught.value)
    assert words in str(caught.value)


@pytest.mark.parametrize("exercise_id", EXERCISES)
def test_the_repositorys_own_entries_are_not_stale(exercise_id: str) -> None:
    mutants = mutants_of(real(exercise_id), exercise_id)
    found = read_equivalents(ROOT / "reference" / exercise_id, mutants)
    assert len(found) < len(mutants) / 3, "so many equivalents would hide what the rules are for"
