"""The record: whole lines, whatever ended the run."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from grader.authoring.calibration import record
from grader.errors import ReportError
from tests.authoring.calibration.samples import start


def test_what_is_written_is_read_also_where_a_training_diverged(tmp_path: Path) -> None:
    file = tmp_path / record.FILE
    written = [start(1e-9, 0), start(math.nan, 1), start(None, 2)]
    for one in written:
        record.append(file, one)
    read = list(record.read(file))
    assert [s.number for s in read] == [0, 1, 2]
    assert math.isnan(read[1].loss or 0.0)
    assert read[2] == written[2]


def test_a_line_that_a_kill_left_half_written_is_passed_over_and_ended(tmp_path: Path) -> None:
    file = tmp_path / record.FILE
    record.append(file, start(1e-9, 0))
    record.append(file, start(1e-9, 1))
    file.write_bytes(file.read_bytes()[:-20])
    assert [s.number for s in record.read(file)] == [0]
    record.append(file, start(1e-9, 2))
    assert [s.number for s in record.read(file)] == [0, 2]


def test_another_file_is_refused_by_line(tmp_path: Path) -> None:
    file = tmp_path / record.FILE
    file.write_text('{"some": "thing"}\n', encoding="utf-8")
    with pytest.raises(ReportError, match=r"starts\.jsonl, line 1"):
        list(record.read(file))


def test_no_file_means_nothing_known(tmp_path: Path) -> None:
    assert list(record.read(tmp_path / "nowhere")) == []
