"""The file to hand in holds the notebook byte for byte; intake passes over the receipt, wherever it lies."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from grader.errors import ReportError
from grader.intake import read_submissions
from grader.model.check_report import CheckReport
from grader.model.receipt import Receipt
from grader.selfcheck.fresh import read_file
from grader.selfcheck.hand_in import hand_in
from tests.course import write
from tests.selfcheck.course import ID, RIGHT, notebook


@pytest.fixture
def file(tmp_path):
    return read_file(write(tmp_path / "élève" / "TP1 (3).ipynb", notebook(RIGHT)))


@pytest.fixture
def report(file):
    return CheckReport(
        mode="fresh",
        language="en",
        exercise=ID,
        title="Doubles",
        notebook=file.path.name,
        notebook_sha256=file.sha256,
        passed=False,
        points=Decimal("1.5"),
        out_of=Decimal(3),
        tasks=(),
        hidden_criteria=2,
        hidden_points=Decimal(4),
        rubric_version="abc",
        tier="local",
        checked_at=datetime(2026, 9, 1, tzinfo=UTC),
    )


def test_notebook_and_receipt(report, file):
    with zipfile.ZipFile(hand_in(report, file)) as archive:
        assert archive.namelist() == [f"{ID}.ipynb", f"{ID}.receipt.json"]
        assert archive.read(f"{ID}.ipynb") == file.path.read_bytes()
        receipt = Receipt.model_validate_json(archive.read(f"{ID}.receipt.json"))
    assert (receipt.notebook_sha256, receipt.points, receipt.out_of) == (file.sha256, Decimal("1.5"), 3)
    assert receipt.remark.startswith("Hidden criteria remain: 2 (points: 4).")
    assert "no grade" in receipt.remark


def test_written_again_it_replaces_its_own_and_nothing_else(report, file):
    first = hand_in(report, file).read_bytes()
    assert hand_in(report, file).read_bytes() == first
    (file.path.parent / f"{ID}.zip").write_bytes(b"holiday pictures")
    with pytest.raises(ReportError, match="is there already"):
        hand_in(report, file)


@pytest.mark.parametrize("place", ["Zoé Ay_7_assignsubmission_file", "zoe", "submitted/zoe/02_double"])
def test_intake_finds_the_notebook_and_is_not_disturbed(place, report, file, tmp_path, public):
    folder = tmp_path / "class" / place
    folder.mkdir(parents=True)
    packed = hand_in(report, file)
    packed.rename(folder / packed.name)
    write(folder / f"{ID}.receipt.json", '{"points": "20"}')
    intake = read_submissions([tmp_path / "class"], [public.exercise])
    [submission] = intake.submissions
    assert (submission.exercise, submission.sha256) == (ID, file.sha256)
    assert intake.set_aside == ()


def test_the_zip_alone_can_be_graded(report, file, public):
    [submission] = read_submissions([hand_in(report, file)], [public.exercise]).submissions
    assert submission.sha256 == file.sha256
