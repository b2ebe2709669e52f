from __future__ import annotations

import hashlib
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grader.errors import IntakeError
from grader.i18n import render
from grader.intake import read_submissions
from grader.intake.archive import opened_archives
from grader.intake.files import Found
from grader.model.exercise import Exercise
from grader.model.submission import Intake, SetAside
from tests.intake.conftest import notebook
from tests.intake.downloads import zipped

HandIn = Callable[..., Path]
Exercises = tuple[Exercise, ...]
FOLDER = "Zoé_12_assignsubmission_file"


def reasons(intake: Intake) -> dict[str, str]:
    return {s.path: render(s.reason, "en") for s in intake.set_aside}


def test_a_moodle_download_is_read_without_unpacking(tmp_path: Path, exercises: Exercises) -> None:
    path = tmp_path / "cours-TP-77.zip"
    path.write_bytes(
        zipped(
            {
                f"{FOLDER}/02_autograd.ipynb": notebook(),
                f"{FOLDER}/03_XOR_pytorch.ipynb": "",
                "Ali_3_assignsubmission_file/data.csv": "1",
                "__MACOSX/._02_autograd.ipynb": "x",
            }
        )
    )
    intake = read_submissions([path], exercises)
    assert intake.layout == "moodle"
    assert [(s.student, s.name, s.exercise, s.problem is None) for s in intake.submissions] == [
        ("12", "Zoé", "02_autograd", True),
        ("12", "Zoé", "03_XOR_pytorch", False),
    ]
    assert intake.submissions[0].path == f"{FOLDER}/02_autograd.ipynb"
    assert reasons(intake) == {"Ali_3_assignsubmission_file/data.csv": "It is not a notebook (.ipynb)."}
    assert sorted(tmp_path.iterdir()) == [path]


def test_a_students_own_archive_is_opened(hand_in: HandIn, exercises: Exercises) -> None:
    root = hand_in(f"{FOLDER}/rendu.zip", zipped({"TP/02_autograd.ipynb": notebook(), "TP/notes.txt": "x"}))
    intake = read_submissions([root], exercises)
    assert [(s.student, s.path) for s in intake.submissions] == [
        ("12", f"{FOLDER}/rendu/TP/02_autograd.ipynb")
    ]
    assert list(reasons(intake)) == [f"{FOLDER}/rendu/TP/notes.txt"]


def test_a_students_archive_in_a_download_is_opened_and_one_in_that_is_not(
    tmp_path: Path, exercises: Exercises
) -> None:
    inner = zipped({"02_autograd.ipynb": notebook()})
    path = tmp_path / "cours-TP-77.zip"
    path.write_bytes(
        zipped(
            {
                f"{FOLDER}/rendu.zip": zipped({"02_autograd.ipynb": notebook(), "again.zip": inner}),
                "Ali_3_assignsubmission_file/rendu.ZIP": inner[:-30],
                "Bob_4_assignsubmission_file/rendu.zip": zipped({"02_autograd.ipynb": b" " * (64 << 20)}),
                "Eve_5_assignsubmission_file/rendu.zip": b" " * (101 << 20),
            }
        )
    )
    intake = read_submissions([path], exercises)
    assert [(s.student, s.path, s.problem is None) for s in intake.submissions] == [
        ("4", "Bob_4_assignsubmission_file/rendu/02_autograd.ipynb", False),
        ("12", f"{FOLDER}/rendu/02_autograd.ipynb", True),
    ]
    assert reasons(intake) == {
        "Ali_3_assignsubmission_file/rendu.ZIP": "The archive is damaged. Hand in the notebook itself.",
        "Eve_5_assignsubmission_file/rendu.zip": "The archive is too large. Hand in the notebook itself.",
        f"{FOLDER}/rendu/again.zip": "It is not a notebook (.ipynb).",
    }


def test_an_archive_named_after_its_student(hand_in: HandIn, exercises: Exercises) -> None:
    root = hand_in("dupont.zip", zipped({"02_autograd.ipynb": notebook()}))
    assert [s.student for s in read_submissions([root], exercises).submissions] == ["dupont"]


def test_the_newest_in_an_archive_counts(hand_in: HandIn, exercises: Exercises) -> None:
    root = hand_in(
        f"{FOLDER}/1.zip", zipped({"02_autograd.ipynb": notebook("new = 1")}, when=(2026, 11, 9, 0, 0, 0))
    )
    hand_in(f"{FOLDER}/2.zip", zipped({"02_autograd.ipynb": notebook("old = 1")}))
    hand_in(
        f"{FOLDER}/3.zip", zipped({"02_autograd.ipynb": notebook("broken = 1")}, when=(2026, 0, 0, 0, 0, 0))
    )
    intake = read_submissions([root], exercises)
    assert [s.path for s in intake.submissions] == [f"{FOLDER}/1/02_autograd.ipynb"]


@pytest.mark.parametrize(
    "name", ["../../02_autograd.ipynb", "/etc/02_autograd.ipynb", "..\\02_autograd.ipynb"]
)
def test_names_that_lead_elsewhere_lead_nowhere(
    hand_in: HandIn, exercises: Exercises, tmp_path: Path, name: str
) -> None:
    root = hand_in(f"{FOLDER}/rendu.zip", zipped({name: notebook()}))
    before = sorted(tmp_path.rglob("*"))
    (submission,) = read_submissions([root], exercises).submissions
    assert submission.student == "12"
    assert ".." not in submission.path
    assert sorted(tmp_path.rglob("*")) == before


def test_links_bombs_and_damage_are_named(hand_in: HandIn, exercises: Exercises) -> None:
    bomb = zipped({"02_autograd.ipynb": b" " * (64 << 20)})
    good = zipped({"02_autograd.ipynb": notebook("x = 1" * 500)})
    root = hand_in(
        "a_1_assignsubmission_file/x.zip", zipped({"02_autograd.ipynb": "/etc/passwd"}, stat.S_IFLNK | 0o777)
    )
    hand_in("b_2_assignsubmission_file/x.zip", bomb)
    hand_in("c_3_assignsubmission_file/x.zip", good[: len(good) // 2])
    hand_in("d_4_assignsubmission_file/x.zip", b"")
    hand_in("e_5_assignsubmission_file/x.zip", zipped({f"{i}.txt": "" for i in range(600)}))
    at = good.index(b".ipynb") + 20
    hand_in("f_6_assignsubmission_file/x.zip", good[:at] + b"\xff\xff\xff" + good[at + 3 :])
    intake = read_submissions([root], exercises)
    assert [s.student for s in intake.submissions] == ["2"]
    assert intake.submissions[0].problem is not None
    assert "too large (64 MB" in render(intake.submissions[0].problem, "en")
    said = {path.split("_")[0]: words for path, words in reasons(intake).items() if "/x/5" not in path}
    assert said["a"] == "This is not an ordinary file."
    assert said["c"] == said["d"] == "The archive is damaged. Hand in the notebook itself."
    assert "damaged in its archive" in said["f"]
    assert any("holds too much" in words for words in reasons(intake).values())


@pytest.mark.parametrize("name", [f"{FOLDER}/x.zip", "x.zip"])
def test_an_archive_that_lists_millions_is_not_read(
    hand_in: HandIn, exercises: Exercises, tmp_path: Path, name: str
) -> None:
    raw = zipped({"a": ""})
    start, end = raw.rindex(b"PK\x01\x02"), raw.rindex(b"PK\x05\x06")
    listing, last = raw[start:end] * 1_000_000, bytearray(raw[end:])
    last[12:16] = len(listing).to_bytes(4, "little")
    root = hand_in(name, raw[:start] + listing + bytes(last))
    assert list(reasons(read_submissions([root], exercises)).values()) == [
        "The archive is too large. Hand in the notebook itself."
    ]
    with pytest.raises(IntakeError, match="lists more files"):
        read_submissions([root / name], exercises)


def test_too_large_a_notebook_in_an_archive_is_known_by_its_bytes_or_by_its_checksum(
    hand_in: HandIn, exercises: Exercises
) -> None:
    large, larger = b" " * (64 << 20), b" " * (101 << 20)
    root = hand_in("a_1_assignsubmission_file/x.zip", zipped({"02_autograd.ipynb": large}))
    hand_in(
        "b_2_assignsubmission_file/x.zip",
        zipped({"02_autograd.ipynb": larger, "03_XOR_pytorch.ipynb": notebook()}),
    )
    hand_in("c_3_assignsubmission_file/x.zip", zipped({"02_autograd.ipynb": larger[:-1] + b"x"}))
    read, whole, beside, other = read_submissions([root], exercises).submissions
    assert read.sha256 == hashlib.sha256(large).hexdigest()
    assert read.notices == ()
    assert beside.problem is None
    for submission in (whole, other):
        assert "in place of its SHA-256" in render(submission.notices[0], "en")
    assert whole.sha256 != other.sha256


def test_what_is_no_archive_is_refused(tmp_path: Path, exercises: Exercises) -> None:
    (tmp_path / "a.zip").write_bytes(b"no archive")
    with pytest.raises(IntakeError, match="no zip archive"):
        read_submissions([tmp_path / "a.zip"], exercises)


GOOD = zipped({"02_autograd.ipynb": notebook(), "b/c.txt": "x"})


@example(at=GOOD.rindex(b"b/c.txt"), patch=b"\0")
@given(at=st.integers(min_value=0), patch=st.binary(min_size=1, max_size=8))
def test_no_damage_to_an_archive_crashes_intake(at: int, patch: bytes) -> None:
    place = at % len(GOOD)
    raw = GOOD[:place] + patch + GOOD[place + len(patch) :]
    file = Found(key="x", parts=("root", "x.zip"), mtime_ns=0, size=len(raw), read=lambda limit: raw[:limit])
    for entry in opened_archives([file]):
        assert isinstance(entry, SetAside) or entry.read(10) in (notebook().encode()[:10], b"")


def test_an_archive_that_lists_one_entry_twice_is_read(hand_in: HandIn, exercises: Exercises) -> None:
    raw = zipped({"02_autograd.ipynb": notebook()})
    start, end = raw.rindex(b"PK\x01\x02"), raw.rindex(b"PK\x05\x06")
    entry, last = raw[start:end], bytearray(raw[end:])
    last[8:12] = (2).to_bytes(2, "little") * 2
    last[12:16] = (2 * len(entry)).to_bytes(4, "little")
    root = hand_in(f"{FOLDER}/rendu.zip", raw[:start] + entry + entry + bytes(last))
    assert [s.student for s in read_submissions([root], exercises).submissions] == ["12"]
