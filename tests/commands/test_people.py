from __future__ import annotations

import pytest

from grader.commands.people import find_student
from grader.errors import ConfigError

STUDENTS = {
    "40211": "Amélie Lefèvre",
    "40212": "Zoé Lefèvre",
    "40213": "Jean-Baptiste Roux",
    "40214": "Jean Morel",
    "40215": "Anne Dupont",
    "40216": "Anne-Lise Dupont",
    "40217": "Léa Zhāng",
    "ada": "李明",
}


@pytest.mark.parametrize(
    ("word", "student"),
    [
        ("40213", "40213"),
        ("ADA", "ada"),
        ("李明", "ada"),
        ("Amélie Lefèvre", "40211"),
        ("amelie lefevre", "40211"),
        ("lefevre zoe", "40212"),
        ("AMELIE", "40211"),
        ("roux", "40213"),
        ("morel", "40214"),
        ("bapt", "40213"),
        ("anne dupont", "40215"),
        ("anne-lise", "40216"),
        ("zhang", "40217"),
        ("hān", "40217"),
        ("0217", "40217"),
    ],
)
def test_anything_that_only_one_student_has_finds_him(word: str, student: str) -> None:
    assert find_student(word, STUDENTS) == student


@pytest.mark.parametrize(
    ("word", "people"),
    [
        ("lefevre", r"Amélie Lefèvre \(40211\); Zoé Lefèvre \(40212\)"),
        ("jean", r"Jean Morel \(40214\); Jean-Baptiste Roux \(40213\)"),
    ],
)
def test_what_several_have_lists_them_with_their_identifiers(word: str, people: str) -> None:
    with pytest.raises(ConfigError, match=people):
        find_student(word, STUDENTS)


def test_two_of_one_name_are_told_apart_by_identifier_only() -> None:
    twins = {"1": "Zoé Lefèvre", "2": "Zoé Lefèvre", "3": "Zoe Lefevre"}
    assert find_student("2", twins) == "2"
    assert find_student("Zoe Lefevre", twins) == "3"
    with pytest.raises(ConfigError, match=r"\(1\); Zoé Lefèvre \(2\)"):
        find_student("Zoé Lefèvre", twins)


@pytest.mark.parametrize(
    ("word", "hint"), [("lefevbre", "did you mean 'Amélie Lefèvre'"), ("qqqqqq", r"book\."), ("", r"book\.")]
)
def test_nobody_is_said_with_the_nearest_where_one_is_near(word: str, hint: str) -> None:
    with pytest.raises(ConfigError, match=hint):
        find_student(word, STUDENTS)
