"""Another name under a known number is told apart from another spelling of the same name."""

from __future__ import annotations

import pytest

from grader.model.submission import Intake, Member, SetAside, Submission
from grader.model.text import say
from grader.pipeline.names import other_names


def handed_in(student: str, name: str, path: str = "a.ipynb") -> Submission:
    return Submission(
        student=student, name=name, exercise="02_autograd", path=path, sha256="0" * 64, notebook=None
    )


def found(known: set[str], *files: Submission | SetAside) -> list[tuple[str, str, str]]:
    intake = Intake(
        layout="moodle",
        submissions=tuple(file for file in files if isinstance(file, Submission)),
        set_aside=tuple(file for file in files if isinstance(file, SetAside)),
    )
    return [(one.student, one.known, one.found) for one in other_names(intake, {"12": known})]


@pytest.mark.parametrize(
    ("known", "name"),
    [
        ("Marie Martineau", "Marie Martin"),
        ("Zoé Lefèvre", "Jean Martin"),
        ("Jean Martin", "Jeanne Martin"),
        ("Jean Martin", "Jean Martins"),
        ("Jean Martin", "Jane Martin"),
        ("Nguyễn Thị Ánh", "Nguyễn Văn Ánh"),
        ("张伟", "王伟"),
    ],
)
def test_another_name_is_told(known: str, name: str) -> None:
    assert found({known}, handed_in("12", name)) == [("12", known, name)]


@pytest.mark.parametrize(
    ("known", "name"),
    [
        ("Zoé Lefèvre", "LEFEVRE Zoe"),
        ("Zoé Lefèvre", "lefevrezoe"),
        ("Chloé D'Arc", "Chloé DArc"),
        ("Jean Martin", "Jean-Paul Martin"),
        ("Jean Martin", "12"),
        ("12", "Jean Martin"),
        ("Jean Martin", "Participant 12"),
        ("Participant 12", "Jean Martin"),
    ],
)
def test_another_spelling_or_no_name_is_the_same(known: str, name: str) -> None:
    assert found({known}, handed_in("12", name)) == []


def test_any_known_name_will_do_and_new_numbers_are_nobodys_yet() -> None:
    assert found({"Marie Martin", "Marie Durand"}, handed_in("12", "Marie Durand")) == []
    assert found({"Marie Martin"}, handed_in("13", "Jean")) == []


def test_a_members_other_name_is_told_with_the_group() -> None:
    pair = (Member(student="12", name="Eve"), Member(student="16", name="Carl"))
    group = handed_in("G1", "Group 1").model_copy(update={"members": pair})
    (one,) = other_names(
        Intake(layout="plain", submissions=(group,)), {"12": {"Ada Lovelace"}, "16": {"Carl Gauss"}}
    )
    assert (one.student, one.unit, one.known, one.found) == ("12", "G1", "Ada Lovelace", "Eve")


def test_two_names_under_one_new_number_are_told_also_where_one_file_is_superseded() -> None:
    older = SetAside(path="b.ipynb", reason=say("older"), student="14", name="Bob Noyce", is_superseded=True)
    refused = SetAside(path="c.ipynb", reason=say("no notebook"), student="15", name="Eve")
    files = (handed_in("14", "Ada Lovelace"), older, handed_in("15", "Carl"), refused)
    assert found(set(), *files) == [("14", "Ada Lovelace", "Bob Noyce")]
