"""Every layout, as a folder and as a zip, with the names that a class has."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.errors import IntakeError
from grader.i18n import render
from grader.intake import read_submissions
from grader.intake.pattern import pattern_layout
from grader.model.exercise import Exercise
from grader.model.submission import Intake
from tests.intake import downloads
from tests.intake.conftest import notebook
from tests.intake.downloads import CLASS, NOTEBOOK, Files, as_folder, as_zip, canvas_name, zipped

Exercises = tuple[Exercise, ...]
Make = Callable[[Files, Path], Path]
AS = {"folder": as_folder, "zip": lambda files, place: as_zip(files, place.with_suffix(".zip"))}
EACH = pytest.mark.parametrize("make", AS.values(), ids=AS)

BY_NUMBER = {(str(s.number), s.name) for s in CLASS}
BY_USER = {(s.user, s.user) for s in CLASS}
WHOLE = {
    "moodle": (downloads.moodle_folders(), "moodle", BY_NUMBER),
    "moodle before 4.1": (downloads.moodle_folders("_"), "moodle", BY_NUMBER),
    "moodle flat": (downloads.moodle_flat(), "moodle", BY_NUMBER),
    "moodle anonymous": (
        downloads.moodle_anonymous(),
        "moodle",
        {(str(s.number), f"Participant {s.number}") for s in CLASS},
    ),
    "canvas": (downloads.canvas(), "canvas", {(str(s.number), canvas_name(s.name)) for s in CLASS}),
    "canvas anonymous": (
        downloads.canvas_anonymous(),
        "canvas",
        {("anon_Ab3xZ", "anon Ab3xZ"), ("anon_Qr7tY", "anon Qr7tY")},
    ),
    "gradescope": (
        downloads.gradescope(),
        "gradescope",
        {("0021", "Zoé Lefèvre"), ("0022+jm@univ.fr", "Chloé D'Arc, Jean Martin"),
         ("submission_503", "submission_503")},
    ),
    "blackboard": (downloads.blackboard(), "blackboard", {(s.user, s.name) for s in CLASS}),
    "blackboard in French": (
        downloads.blackboard("tentative", "Nom"),
        "blackboard",
        {(s.user, s.name) for s in CLASS},
    ),
    "nbgrader": (downloads.nbgrader(), "nbgrader", BY_USER),
    "git": (downloads.git(), "git", BY_USER),
    "plain": (downloads.plain(), "plain", BY_USER),
}  # fmt: skip


def people(intake: Intake) -> set[tuple[str, str]]:
    return {(s.student, s.name) for s in intake.submissions}


def reasons(intake: Intake) -> dict[str, str]:
    return {s.path: render(s.reason, "en") for s in intake.set_aside}


@EACH
@pytest.mark.parametrize(("files", "layout", "expected"), WHOLE.values(), ids=WHOLE)
def test_everybody_is_found_in_every_layout(
    make: Make,
    files: Files,
    layout: str,
    expected: set[tuple[str, str]],
    tmp_path: Path,
    exercises: Exercises,
) -> None:
    intake = read_submissions([make(files, tmp_path / "class")], exercises)
    assert intake.layout == layout
    assert people(intake) == expected
    assert {s.exercise for s in intake.submissions} == {"02_autograd"}
    assert len(intake.submissions) == len(expected)
    assert all("not graded" in words for words in reasons(intake).values())


@EACH
@pytest.mark.parametrize("nobodys", ["Default group", "Groupe par défaut"])
def test_moodle_groups_are_known_by_their_number_and_nobodys_group_is_set_aside(
    make: Make, nobodys: str, tmp_path: Path, exercises: Exercises
) -> None:
    intake = read_submissions([make(downloads.moodle_groups(nobodys), tmp_path / "class")], exercises)
    assert people(intake) == {("31", "Groupe 31"), ("32", "Groupe 32")}
    assert list(reasons(intake)) == [f"{nobodys}_assignsubmission_file/{NOTEBOOK}"]


def test_canvas_tells_who_is_late(tmp_path: Path, exercises: Exercises) -> None:
    intake = read_submissions([as_folder(downloads.canvas(), tmp_path / "class")], exercises)
    assert [s.name for s in intake.submissions if s.late] == ["chloédarc"]
    (tmp_path / "anonymous").mkdir()
    intake = read_submissions([as_folder(downloads.canvas_anonymous(), tmp_path / "anonymous")], exercises)
    assert [s.student for s in intake.submissions if s.late] == ["anon_Qr7tY"]


def test_canvas_texts_and_links_are_set_aside(tmp_path: Path, exercises: Exercises) -> None:
    intake = read_submissions([as_folder(downloads.canvas(), tmp_path / "class")], exercises)
    assert sorted(path.rsplit("_", 1)[1] for path in reasons(intake)) == ["link.html", "text.html"]


def test_of_canvas_files_the_greatest_file_number_counts(tmp_path: Path, exercises: Exercises) -> None:
    root = as_folder(
        {
            "zoe_12_9001_02_autograd-2.ipynb": notebook("first = 1"),
            "zoe_12_9002_02_autograd.ipynb": notebook("second = 1"),
            "zoe_12_10001_02_autograd-1.ipynb": notebook("third = 1"),
        },
        tmp_path / "class",
    )
    intake = read_submissions([root], exercises)
    assert [s.path for s in intake.submissions] == ["zoe_12_10001_02_autograd-1.ipynb"]
    assert [s.is_superseded for s in intake.set_aside] == [True, True]


@pytest.mark.parametrize(
    "names",
    [
        ["dupont_03_02_autograd.ipynb"],
        ["tp_2026_12_02_autograd.ipynb", "dupont_02_autograd.ipynb"],
        ["dupont_2026_11_02_autograd.ipynb", "durand_2026_11_02_autograd.ipynb"],
        ["dupont_7_101_02_autograd.ipynb", "durand_7_102_02_autograd.ipynb"],
    ],
)
def test_numbers_in_plain_names_are_not_taken_for_canvas(
    names: list[str], tmp_path: Path, exercises: Exercises
) -> None:
    root = as_folder({name: notebook() for name in names}, tmp_path / "class")
    assert read_submissions([root], exercises).layout == "plain"


@EACH
def test_archives_that_students_handed_in_are_opened_in_every_layout(
    make: Make, tmp_path: Path, exercises: Exercises
) -> None:
    rendu = zipped({f"rendu/{NOTEBOOK}": notebook()})
    places = {
        "zoe_12_9001_travail.zip": ("canvas", "12"),
        "Zoé_12_assignsubmission_file_travail.zip": ("moodle", "12"),
        "TP_zoe_attempt_2026-11-02-08-00-00_travail.zip": ("blackboard", "zoe"),
        "submission_12/travail.zip": ("gradescope", "submission_12"),
        "submitted/zoe/tp1/travail.zip": ("nbgrader", "zoe"),
    }
    for number, (path, expected) in enumerate(places.items()):
        intake = read_submissions([make({path: rendu}, tmp_path / str(number))], exercises)
        assert (intake.layout, *(s.student for s in intake.submissions)) == expected


@EACH
def test_one_archive_among_moodles_flat_files_changes_nothing_for_the_others(
    make: Make, tmp_path: Path, exercises: Exercises
) -> None:
    archive = {"Ali_3_assignsubmission_file_travail.zip": zipped({NOTEBOOK: notebook()})}
    intake = read_submissions([make({**downloads.moodle_flat(), **archive}, tmp_path / "class")], exercises)
    assert people(intake) == {*BY_NUMBER, ("3", "Ali")}
    assert intake.set_aside == ()


BROKEN = {
    "nothing": b"",
    "no text": b"\xff\xfe\x00",
    "a list": "- a\n",
    "never closed": "a: [",
    "no entries": "submission_501: 3\n",
    "deep": "[" * 300_000 + "]" * 300_000,
    "deep and never closed": "[" * 2_000_000,
    "deep in blocks": "- " * 300_000 + "a",
    "in itself": "a: &a [*a]\n",
    "no list of people": "submission_501:\n  :submitters: {a: b}\n",
    "no people": "submission_501:\n  :submitters: [3, {[a]: b}]\n",
    "an object": "submission_501: !!python/object/apply:os.system [exit]\n",
}


@pytest.mark.parametrize("listed", BROKEN.values(), ids=BROKEN)
def test_a_broken_gradescope_list_leaves_the_submissions_numbers(
    listed: str | bytes, tmp_path: Path, exercises: Exercises
) -> None:
    intake = read_submissions([as_folder(downloads.gradescope(listed), tmp_path / "class")], exercises)
    assert {s.path.split("/")[1] for s in intake.submissions} == {
        "submission_501",
        "submission_502",
        "submission_503",
    }
    assert all(s.student.startswith("submission_") for s in intake.submissions)


def test_a_gradescope_groups_notebook_is_one_with_its_members(tmp_path: Path, exercises: Exercises) -> None:
    intake = read_submissions([as_folder(downloads.gradescope(), tmp_path / "class")], exercises)
    (same,) = (s for s in intake.submissions if "submission_502" in s.path)
    assert same.student == "0022+jm@univ.fr"
    assert [(m.student, m.name) for m in same.members] == [
        ("0022", "Chloé D'Arc"),
        ("jm@univ.fr", "Jean Martin"),
    ]


def test_blackboard_without_slips_and_with_later_attempts(tmp_path: Path, exercises: Exercises) -> None:
    root = as_folder(
        {
            "TP_zoe_attempt_2026-11-02-08-00-00_02_autograd.ipynb": notebook("old = 1"),
            "TP_zoe_attempt_2026-11-03-08-00-00_02_autograd.ipynb": notebook("new = 1"),
            "TP_ali_attempt_2026-11-03-08-00-00.txt": "Name: Ali (ali)\nSubmission: my text\n",
        },
        tmp_path / "class",
    )
    for file in root.iterdir():  # the older attempt was unpacked last
        day = 2 if "2026-11-02" in file.name else 1
        os.utime(file, (day * 1_000_000, day * 1_000_000))
    intake = read_submissions([root], exercises)
    assert [(s.student, "2026-11-03" in s.path) for s in intake.submissions] == [("zoe", True)]
    assert {s.name: s.is_superseded for s in intake.set_aside} == {"Ali": False, "zoe": True}


def test_git_folders_around_and_alone(tmp_path: Path, exercises: Exercises) -> None:
    root = as_folder(downloads.git("tp1", "tp1-submissions/"), tmp_path / "class")
    intake = read_submissions([root], exercises)
    assert people(intake) == BY_USER
    assert (
        render(intake.notes[0], "en") == "Students are named by what follows `tp1-` in their folders' names."
    )
    alone = as_folder(
        {"tp1-zoe/.git/HEAD": "", f"tp1-zoe/{NOTEBOOK}": notebook()}, tmp_path / "alone"
    )  # fmt: skip
    assert people(read_submissions([alone], exercises)) == {("tp1-zoe", "tp1-zoe")}


def test_some_students_own_repositories_do_not_make_a_class_one_of_git(
    tmp_path: Path, exercises: Exercises
) -> None:
    files = {**downloads.plain(), "zlefevre/.git/HEAD": "", ".git/HEAD": "the teacher's"}
    intake = read_submissions([as_folder(files, tmp_path / "class")], exercises)
    assert intake.layout == "plain"
    assert people(intake) == BY_USER
    deeper = {f"{s.user}/tp/{name}": notebook() for s in CLASS for name in (NOTEBOOK, ".git/HEAD")}
    assert people(read_submissions([as_folder(deeper, tmp_path / "deeper")], exercises)) == BY_USER


@EACH
def test_a_pattern_reads_what_is_not_recognised(make: Make, tmp_path: Path, exercises: Exercises) -> None:
    files = {
        "export/tp/LEFÈVRE Zoé (n° 21)/02_autograd/rendu.ipynb": notebook(),
        "export/tp/Martin Jean (n° 22)/xor_pytorch/rendu-final.ipynb": notebook(),
        "export/tp/Martin Jean (n° 22)/notes.txt": "x",
        "export/brouillon.ipynb": notebook(),
    }
    root = make(files, tmp_path / "class")
    intake = read_submissions([root], exercises, "{name} (n° {student})/{exercise}/*.ipynb")
    assert [(s.student, s.name, s.exercise) for s in intake.submissions] == [
        ("21", "LEFÈVRE Zoé", "02_autograd"),
        ("22", "Martin Jean", "03_XOR_pytorch"),
    ]
    assert reasons(intake) == {"export/brouillon.ipynb": "Its path does not fit the pattern."}
    anywhere = read_submissions([root], exercises, "tp/{student}/**/*.ipynb")
    assert {s.student for s in anywhere.submissions} == {"LEFÈVRE Zoé (n° 21)", "Martin Jean (n° 22)"}


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("{name}.ipynb", "{student} is missing"),
        ("{student}/{student}.ipynb", "stands in it twice"),
        ("{student}/{group}.ipynb", "not {group}"),
        ("{student/a.ipynb", "a brace is not closed"),
        ("", "{student} is missing"),
    ],
)
def test_a_wrong_pattern_is_refused(pattern: str, words: str) -> None:
    with pytest.raises(IntakeError) as refused:
        pattern_layout(pattern)
    assert words in str(refused.value)


LETTERS = st.characters(
    categories=("Lu", "Ll", "Lo", "Lt", "Mn"), include_characters=" '’-.", exclude_characters="_"
)
NAMES = (
    st.text(LETTERS, min_size=1, max_size=24)
    .map(lambda name: unicodedata.normalize("NFC", name).strip(" ."))
    .filter(lambda name: name and name != "Participant" and name.casefold() not in ("node_modules",))
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    listed=st.lists(
        st.tuples(NAMES, st.integers(1, 99_999)), min_size=1, max_size=6, unique_by=lambda p: p[1]
    )
)
def test_any_name_is_read_back_from_moodle_and_joined_by_its_number(
    listed: list[tuple[str, int]], tmp_path: Path, exercises: Exercises
) -> None:
    shapes = (
        "{}_{}_assignsubmission_file/02_autograd.ipynb",
        "{}_{}_assignsubmission_file_02_autograd.ipynb",
    )
    for shape in shapes:
        root = as_zip({shape.format(*person): notebook() for person in listed}, tmp_path / "class.zip")
        intake = read_submissions([root], exercises)
        assert people(intake) == {(str(number), name) for name, number in listed}
        root = as_zip(
            {unicodedata.normalize("NFD", shape.format(*person)): notebook() for person in listed},
            tmp_path / "class.zip",
        )
        assert people(read_submissions([root], exercises)) == people(intake)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=NAMES, student=NAMES)
def test_any_name_is_read_back_by_a_pattern(
    name: str, student: str, tmp_path: Path, exercises: Exercises
) -> None:
    root = as_zip({f"x/{name}_{student}.ipynb": notebook()}, tmp_path / "class.zip")
    intake = read_submissions([root], exercises, "{name}_{student}.ipynb")
    told = [(f.student, f.name) for f in (*intake.submissions, *intake.set_aside)]
    assert told == [(student, name)] or f"{name}_".startswith(".")
