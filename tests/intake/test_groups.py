"""Work in groups: who hands in together, from a table or from the layout, is one student with members."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.errors import IntakeError
from grader.i18n import render
from grader.intake import read_submissions
from grader.model.exercise import Exercise
from grader.model.submission import Intake
from tests.intake import downloads
from tests.intake.conftest import notebook
from tests.intake.downloads import NOTEBOOK, as_folder

Exercises = tuple[Exercise, ...]
DAY_NS = 24 * 3600 * 10**9


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """Ada and Bob both handed in, Bob later; Carl alone; Dora of Carl's group did not."""
    root = as_folder(
        {f"{name}/{NOTEBOOK}": notebook(f"who = '{name}'") for name in ("ada", "bob", "carl", "emil")},
        tmp_path / "class",
    )
    for day, name in enumerate(("ada", "bob", "carl", "emil"), start=20_000):
        os.utime(root / name / NOTEBOOK, ns=(day * DAY_NS, day * DAY_NS))
    return root


def read(course: Path, exercises: Exercises, table: str) -> Intake:
    path = course.parent / "groups.csv"
    path.write_text(table, encoding="utf-8")
    return read_submissions([course], exercises, None, path)


def units(intake: Intake) -> dict[str, tuple[str, ...]]:
    return {s.student: tuple(m.student for m in s.members) for s in intake.submissions}


GROUPS = "group,student,name\nG1,ada,Ada Lovelace\nG1,bob,\nG2,carl,\nG2,dora,Dora\n"


def test_a_group_is_one_student_and_its_newest_notebook_counts(course: Path, exercises: Exercises) -> None:
    intake = read(course, exercises, GROUPS)
    assert units(intake) == {"emil": (), "G1": ("ada", "bob"), "G2": ("carl", "dora")}
    (first,) = (s for s in intake.submissions if s.student == "G1")
    assert first.path == f"bob/{NOTEBOOK}"
    assert [m.name for m in first.members] == ["Ada Lovelace", "bob"]
    (older,) = intake.set_aside
    assert (older.path, older.is_superseded) == (f"ada/{NOTEBOOK}", True)


@pytest.mark.parametrize(
    "table",
    [
        "Groupe;Identifiant;Nom complet\r\nG1;ada;\r\nG1;bob;\r\n",
        "group\tname\nG1\tADA\nG1\tBob\n",
        "\ufeffgroup,student\nG1,ada\nG1,bob\n,carl\n-,emil\n",
        "student,group,email\nada,G1,a@b\nbob,G1,b@c\n",
    ],
)
def test_tables_are_read_as_spreadsheets_and_people_write_them(
    course: Path, exercises: Exercises, table: str
) -> None:
    assert units(read(course, exercises, table))["G1"] == ("ada", "bob")


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("group,student\nG1,ada\nG1,bob\nG2,ada\n", "line 4: ada is in G2, and in G1 above"),
        ("group,student\nG1,nobody\n", "none of its lines is of a student who handed in"),
        ("student\nada\n", "a line of titles with 'group'"),
        ("group\nG1\n", "a line of titles with 'group'"),
        ("", "a line of titles with 'group'"),
        ("group,student\nada,ada\nada,bob\n", "'ada' is a group there, and a student who handed in"),
        ("group,student\nemil,ada\nemil,emil\n", "'emil' is a group there, and a student who handed in"),
    ],
)
def test_a_table_at_fault_is_refused(course: Path, exercises: Exercises, table: str, words: str) -> None:
    with pytest.raises(IntakeError) as refused:
        read(course, exercises, table)
    assert words in render(refused.value.text, "en")
    assert "groups.csv" in render(refused.value.text, "en")


def test_a_table_that_is_not_there_is_named(course: Path, exercises: Exercises) -> None:
    with pytest.raises(IntakeError, match=r"none\.csv"):
        read_submissions([course], exercises, None, course / "none.csv")


def test_groups_of_which_nothing_was_handed_in_are_named(course: Path, exercises: Exercises) -> None:
    intake = read(course, exercises, f"{GROUPS}G3,zoe,\n")
    assert "Groups of which nothing was handed in: G3" in [render(note, "en") for note in intake.notes]


def test_a_name_that_two_have_needs_the_identifier(tmp_path: Path, exercises: Exercises) -> None:
    root = as_folder(downloads.moodle_folders(), tmp_path / "class")
    with pytest.raises(IntakeError, match="several students are called Jean Martin: 40218, 40219"):
        read(root, exercises, "group,name\nG1,Jean Martin\nG1,Zoé Lefèvre\n")
    intake = read(root, exercises, "group,student,name\nG1,40218,Jean Martin\nG1,,Zoé Lefèvre\n")
    assert units(intake)["G1"] == ("40218", "40211")


def test_moodles_worksheet_tells_the_groups(tmp_path: Path, exercises: Exercises) -> None:
    root = as_folder(downloads.moodle_folders(), tmp_path / "class")
    table = "Identifiant,Nom complet,Groupe\nParticipant40211,Zoé Lefèvre,A\nParticipant40212,Chloé D'Arc,A\n"
    table += "Participant40213,Jean-Baptiste de La Tour,Groupe par défaut\n"
    found = units(read(root, exercises, table))
    assert found["A"] == ("40211", "40212")
    assert found["40213"] == ()
    assert len(found) == 8


def test_moodles_own_groups_get_their_members(tmp_path: Path, exercises: Exercises) -> None:
    root = as_folder(downloads.moodle_groups(), tmp_path / "class")
    intake = read(root, exercises, "group,student\nGroupe 31,ada\nGroupe 31,bob\n32,carl\n")
    assert units(intake) == {"31": ("ada", "bob"), "32": ("carl",)}
    assert {s.name for s in intake.submissions} == {"Groupe 31", "Groupe 32"}


def test_a_gradescope_groups_table_gives_it_a_name(tmp_path: Path, exercises: Exercises) -> None:
    root = as_folder(downloads.gradescope(), tmp_path / "class")
    found = units(read(root, exercises, "group,student\nG1,0022\nG1,jm@univ.fr\n"))
    assert found["G1"] == ("0022", "jm@univ.fr")
    assert len(found) == 3
