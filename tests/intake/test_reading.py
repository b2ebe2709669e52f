from __future__ import annotations

import hashlib
import json
import os
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.errors import IntakeError
from grader.i18n import render
from grader.intake import read_submissions
from grader.model.exercise import Exercise
from grader.model.submission import Intake
from tests.intake.conftest import notebook

HandIn = Callable[..., Path]
Exercises = tuple[Exercise, ...]


def found(intake: Intake) -> list[tuple[str, str, str]]:
    return [(s.student, s.name, s.exercise) for s in intake.submissions]


def reasons(intake: Intake) -> dict[str, str]:
    return {s.path: render(s.reason, "en") for s in intake.set_aside}


def test_moodle_folders_with_all_exercises_in_each(
    hand_in: HandIn, exercises: Exercises, handouts: dict[str, str]
) -> None:
    for name in ("Zoé Dupont_12_assignsubmission_file", "Ali Ben_7_assignsubmission_file_"):
        for exercise, text in handouts.items():
            root = hand_in(f"{name}/{exercise}.ipynb", text)
    intake = read_submissions([root], exercises)
    assert intake.layout == "moodle"
    assert intake.set_aside == ()
    assert found(intake) == [("7", "Ali Ben", e) for e in handouts] + [
        ("12", "Zoé Dupont", e) for e in handouts
    ]
    first = intake.submissions[0]
    assert first.path == "Ali Ben_7_assignsubmission_file_/01_regression_lineaire.ipynb"
    assert first.sha256 == hashlib.sha256(handouts[first.exercise].encode()).hexdigest()


def test_moodle_subfolders_and_nested_downloads_belong_to_their_student(
    hand_in: HandIn, exercises: Exercises, handouts: dict[str, str]
) -> None:
    root = hand_in("Zoé_1_assignsubmission_file/TP/mon travail/02_autograd.ipynb", handouts["02_autograd"])
    hand_in("cours-TP-77/Ali_2_assignsubmission_file/x.ipynb", handouts["03_XOR_pytorch"])
    assert found(read_submissions([root], exercises)) == [
        ("2", "Ali", "03_XOR_pytorch"),
        ("1", "Zoé", "02_autograd"),
    ]


def test_moodle_side_by_side(hand_in: HandIn, exercises: Exercises) -> None:
    root = hand_in("Zoé Dupont_12_assignsubmission_file_02_autograd.ipynb")
    hand_in("Zoé Dupont_12_assignsubmission_file_01_regression_lineaire (1).ipynb")
    hand_in("Ali_3_assignsubmission_onlinetext_onlinetext.html", "<p>")
    intake = read_submissions([root], exercises)
    assert intake.layout == "moodle"
    assert found(intake) == [
        ("12", "Zoé Dupont", "01_regression_lineaire"),
        ("12", "Zoé Dupont", "02_autograd"),
    ]
    assert "typed into Moodle" in reasons(intake)["Ali_3_assignsubmission_onlinetext_onlinetext.html"]


def test_one_students_moodle_folder_given_alone(hand_in: HandIn, exercises: Exercises) -> None:
    root = hand_in("Zoé_12_assignsubmission_file/02_autograd.ipynb")
    folder = root / "Zoé_12_assignsubmission_file"
    assert found(read_submissions([folder], exercises)) == [("12", "Zoé", "02_autograd")]
    assert found(read_submissions([folder / "02_autograd.ipynb"], exercises)) == [
        ("12", "Zoé", "02_autograd")
    ]


def test_moodle_without_participant_numbers_is_set_aside(hand_in: HandIn, exercises: Exercises) -> None:
    root = hand_in("Groupe par défaut_assignsubmission_file/02_autograd.ipynb")
    intake = read_submissions([root], exercises)
    assert intake.submissions == ()
    assert (
        "participant's number" in reasons(intake)["Groupe par défaut_assignsubmission_file/02_autograd.ipynb"]
    )


def test_two_students_of_one_name_are_told_apart_by_id(hand_in: HandIn, exercises: Exercises) -> None:
    root = hand_in("Jean Martin_5_assignsubmission_file/02_autograd.ipynb")
    hand_in("Jean Martin_31_assignsubmission_file/02_autograd.ipynb")
    assert [s.student for s in read_submissions([root], exercises).submissions] == ["31", "5"]


def test_anonymous_participants_are_named_by_their_number(hand_in: HandIn, exercises: Exercises) -> None:
    root = hand_in("Participant_31_assignsubmission_file/02_autograd.ipynb")
    assert found(read_submissions([root], exercises)) == [("31", "Participant 31", "02_autograd")]


def test_names_become_nfc(hand_in: HandIn, exercises: Exercises) -> None:
    decomposed = unicodedata.normalize("NFD", "Zoé Lefèvre")
    root = hand_in(f"{decomposed}_4_assignsubmission_file/02_autograd.ipynb")
    assert [s.name for s in read_submissions([root], exercises).submissions] == ["Zoé Lefèvre"]


@pytest.mark.parametrize(
    ("path", "student", "exercise"),
    [
        ("12345678/02_autograd.ipynb", "12345678", "02_autograd"),
        ("dupont/TP/02_autograd.ipynb", "dupont", "02_autograd"),
        ("dupont/02_autograd/rendu.ipynb", "dupont", "02_autograd"),
        ("02_autograd/dupont.ipynb", "dupont", "02_autograd"),
        ("submitted/dupont.ipynb", None, None),
        ("02_autograd_dupont.ipynb", "dupont", "02_autograd"),
        ("Dupont - 02 Autograd.ipynb", "Dupont", "02_autograd"),
        ("02_autograd.ipynb", "class", "02_autograd"),
        ("02_autograd (1).ipynb", "class", "02_autograd"),
        ("dupont/01_Régression_Linéaire-Copy1.ipynb", "dupont", "01_regression_lineaire"),
        ("dupont/regression lineaire-2.IPYNB", "dupont", "01_regression_lineaire"),
        ("dupont/RegressionLineaire_dupont.ipynb", "dupont", "01_regression_lineaire"),
        ("dupont/XOR_pytorch.ipynb", "dupont", "03_XOR_pytorch"),
        ("dupont/tp3-xor-lightning (2).ipynb.json", "dupont", "03_XOR_lightning"),
        ("dupont/03_XOR_pytorch_autograd.ipynb", "dupont", "03_XOR_pytorch"),
        ("dupont/xor.ipynb", None, None),
        ("dupont/TP1.ipynb", None, None),
    ],
)
def test_plain_files_and_folders(
    hand_in: HandIn, exercises: Exercises, path: str, student: str | None, exercise: str | None
) -> None:
    intake = read_submissions([hand_in(path)], exercises)
    assert intake.layout == "plain"
    assert found(intake) == ([(student, student, exercise)] if student else [])
    assert len(intake.set_aside) == (0 if student else 1)


def test_numbered_students_are_not_taken_for_copies(
    hand_in: HandIn, exercises: Exercises, handouts: dict[str, str]
) -> None:
    root = hand_in("binome-1.ipynb", handouts["02_autograd"])
    hand_in("binome-2.ipynb", handouts["02_autograd"])
    assert [s.student for s in read_submissions([root], exercises).submissions] == ["binome-1", "binome-2"]


def test_single_notebooks_of_one_name_in_different_folders(hand_in: HandIn, exercises: Exercises) -> None:
    root = hand_in("marie/02_autograd.ipynb")
    hand_in("paul/02_autograd.ipynb")
    paths = [root / "marie" / "02_autograd.ipynb", root / "paul" / "02_autograd.ipynb"]
    assert [s.student for s in read_submissions(paths, exercises).submissions] == ["marie", "paul"]


def test_a_file_reached_by_two_paths_counts_once(hand_in: HandIn, exercises: Exercises) -> None:
    root = hand_in("marie/02_autograd.ipynb")
    intake = read_submissions([root, root / "marie" / "02_autograd.ipynb"], exercises)
    assert len(intake.submissions) == 1
    assert intake.set_aside == ()


def test_exercise_by_metadata_beats_the_name(hand_in: HandIn, exercises: Exercises) -> None:
    root = hand_in("a/02_autograd.ipynb", notebook(grade={"exercise": "03_XOR_pytorch"}))
    hand_in("b/02_autograd.ipynb", notebook(grade={"exercise": "unknown"}))
    hand_in("c/02_autograd.ipynb", notebook(grade={"exercise": ["02_autograd"]}))
    intake = read_submissions([root], exercises)
    assert [(s.exercise, s.by_content) for s in intake.submissions] == [
        ("03_XOR_pytorch", False),
        ("02_autograd", False),
        ("02_autograd", False),
    ]


def test_exercise_by_names_defined(hand_in: HandIn, exercises: Exercises) -> None:
    regression = ["def predict(x, w, b): ...", "%matplotlib inline\ndef mse(a, b): ...\ndef gradients(): ...",
                  "class LinearRegression: ..."]  # fmt: skip
    root = hand_in("a/TP.ipynb", notebook(*regression))
    hand_in("b/TP.ipynb", notebook("class LitXOR: ...", "def broken("))
    hand_in("c/TP.ipynb", notebook("class XORNet: ...", "def make_xor(): ..."))
    hand_in("d/TP.ipynb", notebook("class Net: ...", "def train(): ..."))
    intake = read_submissions([root], exercises)
    assert [(s.student, s.exercise) for s in intake.submissions] == [
        ("a", "01_regression_lineaire"),
        ("b", "03_XOR_lightning"),
        ("c", "03_XOR_pytorch"),
    ]
    assert all(s.by_content for s in intake.submissions)
    assert reasons(intake) == {
        "d/TP.ipynb": "Neither its name nor its content tells which exercise it is."
        " Name the file after its exercise."
    }


def test_exercise_by_what_was_handed_out(
    hand_in: HandIn, exercises: Exercises, handouts: dict[str, str]
) -> None:
    for exercise, text in handouts.items():
        stripped = text.replace(f'"exercise": "{exercise}"', '"exercise": ""')
        root = hand_in(f"{exercise[:2]}{exercise[-1]}/Untitled.ipynb", stripped)
    intake = read_submissions([root], exercises)
    assert sorted(s.exercise for s in intake.submissions) == sorted(handouts)


def test_ambiguous_name_is_settled_by_content_or_set_aside(
    hand_in: HandIn, exercises: Exercises, handouts: dict[str, str]
) -> None:
    both = "03_XOR_pytorch_03_XOR_lightning.ipynb"
    root = hand_in(f"a/{both}", notebook("class LitXOR: ..."))
    hand_in("b/02_autograd_03_XOR_pytorch.ipynb", "{")
    merged = json.loads(handouts["03_XOR_pytorch"])
    merged["cells"] += json.loads(handouts["03_XOR_lightning"])["cells"]
    hand_in("c/TP.ipynb", json.dumps({**merged, "metadata": {}}))
    intake = read_submissions([root], exercises)
    assert [(s.student, s.exercise) for s in intake.submissions if s.student != "b"] == [
        ("a", "03_XOR_lightning")
    ]
    assert "03_XOR_lightning, 03_XOR_pytorch" in reasons(intake)["c/TP.ipynb"]


def test_the_newest_of_duplicates_counts(hand_in: HandIn, exercises: Exercises) -> None:
    root = hand_in("a/02_autograd (9).ipynb")
    hand_in("a/02_autograd.ipynb")
    os.utime(root / "a" / "02_autograd (9).ipynb", (1_000_000, 1_000_000))
    os.utime(root / "a" / "02_autograd.ipynb", (1_000_900, 1_000_900))
    intake = read_submissions([root], exercises)
    assert [s.path for s in intake.submissions] == ["a/02_autograd.ipynb"]
    assert "newer one" in reasons(intake)["a/02_autograd (9).ipynb"]


def test_of_duplicates_of_one_age_the_highest_copy_counts_then_the_last_name(
    hand_in: HandIn, exercises: Exercises
) -> None:
    names = ["a/02_autograd.ipynb", "a/02_autograd (2).ipynb", "a/02_autograd (10).ipynb"]
    names += ["b/02_autograd_b.ipynb", "b/02_autograd_final.ipynb"]
    for seconds, name in enumerate(names):
        root = hand_in(name)
        os.utime(root / name, (1_000_000 - seconds / 4, 1_000_000 - seconds / 4))
    intake = read_submissions([root], exercises)
    assert [s.path for s in intake.submissions] == ["a/02_autograd (10).ipynb", "b/02_autograd_final.ipynb"]
    assert len(intake.set_aside) == 3


def test_unreadable_notebooks_are_submissions_with_a_problem(hand_in: HandIn, exercises: Exercises) -> None:
    root = hand_in("a/02_autograd.ipynb", b"")
    hand_in("b/02_autograd.ipynb", b'{"cells": [')
    hand_in("c/whatever.ipynb", b"")
    intake = read_submissions([root], exercises)
    assert [(s.student, s.notebook) for s in intake.submissions] == [("a", None), ("b", None)]
    assert [render(s.problem, "en")[:15] for s in intake.submissions if s.problem] == [
        "The file is emp",
        "The file is cut",
    ]
    assert reasons(intake) == {"c/whatever.ipynb": "The file is empty. Save the notebook, and hand in again."}


def test_huge_file_is_not_read(hand_in: HandIn, exercises: Exercises) -> None:
    root = hand_in("a/02_autograd.ipynb")
    os.truncate(root / "a" / "02_autograd.ipynb", 200 * 2**20)
    (submission,) = read_submissions([root], exercises).submissions
    assert submission.problem is not None
    assert "too large (200 MB; the limit is 20 MB)" in render(submission.problem, "en")


def test_huge_files_are_known_by_all_their_bytes(hand_in: HandIn, exercises: Exercises) -> None:
    raw = b" " * (21 * 2**20)
    root = hand_in("a/02_autograd.ipynb", raw)
    hand_in("b/02_autograd.ipynb", raw[:-1] + b"x")
    hand_in("c/02_autograd.ipynb", b"")
    huge, other, empty = read_submissions([root], exercises).submissions
    assert huge.sha256 == hashlib.sha256(raw).hexdigest()
    assert len({huge.sha256, other.sha256, empty.sha256}) == 3
    assert huge.notices == ()


def test_file_too_long_even_for_its_digest_is_known_by_size_and_date(
    hand_in: HandIn, exercises: Exercises
) -> None:
    root = hand_in("a/02_autograd.ipynb")
    file = root / "a" / "02_autograd.ipynb"
    seen = set()
    for size, when in ((2**40, 1000), (2**40, 2000), (2**40 + 1, 2000)):
        os.truncate(file, size)
        os.utime(file, (when, when))
        (submission,) = read_submissions([root], exercises).submissions
        assert "in place of its SHA-256" in render(submission.notices[0], "en")
        seen.add(submission.sha256)
    assert len(seen) == 3


def test_folder_named_like_a_notebook_fifo_and_links_are_not_opened(
    hand_in: HandIn, exercises: Exercises, tmp_path: Path
) -> None:
    root = hand_in("a/02_autograd.ipynb")
    secret = tmp_path / "secret.ipynb"
    secret.write_text(notebook())
    (root / "b" / "02_autograd.ipynb").mkdir(parents=True)
    os.mkfifo(root / "b" / "03_XOR_pytorch.ipynb")
    (root / "c").mkdir()
    (root / "c" / "02_autograd.ipynb").symlink_to(secret)
    (root / "c" / "loop").symlink_to(root)
    (root / "d").symlink_to(tmp_path)
    intake = read_submissions([root], exercises)
    assert [s.student for s in intake.submissions] == ["a"]
    assert {path: text.split(".")[0] for path, text in reasons(intake).items()} == {
        "b/02_autograd.ipynb": "The folder is empty",
        "b/03_XOR_pytorch.ipynb": "This is not an ordinary file",
        "c/02_autograd.ipynb": "This is a link to another place",
        "c/loop": "This is a link to another place",
        "d": "This is a link to another place",
    }


def test_a_notebook_in_a_folder_named_like_one_is_read(hand_in: HandIn, exercises: Exercises) -> None:
    root = hand_in("dupont/02_autograd.ipynb/02_autograd.ipynb")
    assert found(read_submissions([root], exercises)) == [("dupont", "dupont", "02_autograd")]


def test_machines_own_folders_and_files_are_passed_over(hand_in: HandIn, exercises: Exercises) -> None:
    root = hand_in("a/02_autograd.ipynb")
    hand_in("a/.ipynb_checkpoints/02_autograd-checkpoint.ipynb")
    hand_in("__MACOSX/a/._02_autograd.ipynb", b"\0")
    hand_in("a/._02_autograd.ipynb", b"\0")
    hand_in("a/.DS_Store", b"\0")
    hand_in("README.md", b"the teacher's notes")
    intake = read_submissions([root], exercises)
    assert len(intake.submissions) == 1
    assert intake.set_aside == ()


def test_what_is_no_notebook_is_set_aside(hand_in: HandIn, exercises: Exercises) -> None:
    root = hand_in("a_1_assignsubmission_file/02_autograd.py", b"x")
    hand_in("stray.ipynb")
    hand_in("README.md", b"the teacher's notes")
    (root / "b_2_assignsubmission_file").mkdir()
    assert reasons(read_submissions([root], exercises)) == {
        "a_1_assignsubmission_file/02_autograd.py": "It is not a notebook (.ipynb).",
        "b_2_assignsubmission_file": "The folder is empty.",
        "stray.ipynb": "It lies in no student's folder.",
    }


@pytest.mark.parametrize("is_alone", [True, False])
def test_what_is_set_aside_is_known_by_its_student(
    hand_in: HandIn, exercises: Exercises, is_alone: bool
) -> None:
    root = hand_in("Zoé Lefèvre_12_assignsubmission_file/x/y.zip", b"no archive")
    (root / "Karim Haddad_7_assignsubmission_file").mkdir()
    hand_in("Karim Haddad_7_assignsubmission_onlinetext/onlinetext.html", b"x")
    if not is_alone:
        hand_in("Ali_3_assignsubmission_file/02_autograd.ipynb", notebook())
    intake = read_submissions([root], exercises)
    assert intake.layout == "moodle"
    assert [(file.student, file.name) for file in intake.set_aside] == [
        ("7", "Karim Haddad"),
        ("7", "Karim Haddad"),
        ("12", "Zoé Lefèvre"),
    ]


def test_damaged_archive_beside_the_other_files_is_known_by_its_student(
    hand_in: HandIn, exercises: Exercises
) -> None:
    root = hand_in("Ali_3_assignsubmission_file_02_autograd.ipynb")
    hand_in("Zoé_12_assignsubmission_file_y.zip", b"no archive")
    intake = read_submissions([root], exercises)
    assert [s.student for s in intake.submissions] == ["3"]
    assert [(file.student, file.name) for file in intake.set_aside] == [("12", "Zoé")]


def test_older_files_are_superseded_and_others_are_not(hand_in: HandIn, exercises: Exercises) -> None:
    root = hand_in("a/02_autograd.ipynb")
    hand_in("a/02_autograd (1).ipynb")
    hand_in("a/notes.txt", b"x")
    intake = read_submissions([root], exercises)
    assert {file.path: file.is_superseded for file in intake.set_aside} == {
        "a/02_autograd.ipynb": True,
        "a/notes.txt": False,
    }


def test_folder_and_file_without_permission_are_named(
    hand_in: HandIn, exercises: Exercises, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = hand_in("a/02_autograd.ipynb")
    hand_in("b/02_autograd.ipynb")
    hand_in("c/02_autograd.ipynb")
    scandir, opened = os.scandir, os.open

    def refuse_folder(path: Path) -> object:
        if Path(path).name == "a":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    def refuse_file(path: Path, flags: int, *more: object, **named: object) -> int:
        if Path(path).parent.name == "b":
            raise PermissionError(13, "Permission denied")
        return opened(path, flags, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr("grader.intake.files.os.scandir", refuse_folder)
    monkeypatch.setattr("grader.intake.files.os.open", refuse_file)
    intake = read_submissions([root], exercises)
    assert [(s.student, s.problem is None) for s in intake.submissions] == [("b", False), ("c", True)]
    assert "Permission denied" in render(intake.submissions[0].problem, "en")  # type: ignore[arg-type]
    assert intake.submissions[0].sha256 != hashlib.sha256().hexdigest()
    assert "Permission denied" in reasons(intake)["a"]
    assert [(file.student, file.name) for file in intake.set_aside] == [("a", "a")]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("nothing", "does not exist"),
        ("a/tp.rar", "is an archive"),
        ("a/x.py", "neither a folder, a zip archive, nor a notebook"),
    ],
)
def test_paths_that_cannot_be_submissions_are_refused(
    hand_in: HandIn, exercises: Exercises, path: str, words: str
) -> None:
    hand_in("a/tp.rar", b"Rar!")
    root = hand_in("a/x.py", b"x")
    with pytest.raises(IntakeError, match=words):
        read_submissions([root / path], exercises)


def test_several_folders_are_read_together(hand_in: HandIn, exercises: Exercises) -> None:
    root = hand_in("TP1/A_1_assignsubmission_file/02_autograd.ipynb")
    hand_in("TP2/b/01_regression_lineaire.ipynb")
    intake = read_submissions([root / "TP1", root / "TP2"], exercises)
    assert [s.path for s in intake.submissions] == [
        "TP1/A_1_assignsubmission_file/02_autograd.ipynb",
        "TP2/b/01_regression_lineaire.ipynb",
    ]


def test_names_that_are_not_utf8_are_read(hand_in: HandIn, exercises: Exercises) -> None:
    root = hand_in("a/02_autograd.ipynb")
    os.rename(os.fsencode(root / "a"), os.fsencode(root) + b"/caf\xe9")
    (submission,) = read_submissions([root], exercises).submissions
    assert submission.name == "caf\N{REPLACEMENT CHARACTER}"
    submission.model_dump_json()
