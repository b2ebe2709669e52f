"""`grade exercise calibrate`: measures on real kernels, goes on where it stopped, writes only when told."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from grader.authoring.calibration import record
from grader.authoring.calibration.cases import calibrated, cases_of
from grader.authoring.calibration.sitting import key_of, question_of
from grader.authoring.calibration.starts import Start
from grader.authoring.variants import load_variants
from grader.catalog import read_catalog
from grader.cli import main
from grader.commands.exercise.calibration_shown import Counting
from grader.criteria import KINDS
from tests.authoring.calibration.course import ID, make_course
from tests.conftest import ROOT


def calibrate(folder: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Result:
    monkeypatch.chdir(folder)
    return CliRunner(env={"COLUMNS": "200"}).invoke(main, ["exercise", "calibrate", *arguments])


def rubric(folder: Path) -> str:
    return (folder / "reference" / ID / "rubric.toml").read_text(encoding="utf-8")


def promised(output: str) -> set[str]:
    """The right solutions to which the promise was shown to be kept."""
    return set(re.findall(r"promise kept: (\S+):", output))


def remember(folder: Path, loss: Callable[[str, int], float]) -> None:
    """Write 204 starts of every notebook into the record, as if they had been measured."""
    (exercise,) = read_catalog(folder / "exercises", folder / "reference", KINDS)
    (criterion,) = calibrated(exercise)
    (folder / "calibration").mkdir()
    for case in cases_of(exercise, criterion, folder / "reference"):
        number = 0
        for sitting in range(-(-204 // criterion.starts)):
            question = question_of(criterion, exercise, sitting, {})
            for start in range(criterion.starts):
                found = Start(
                    key=key_of(case, question, start),
                    sitting=sitting,
                    number=start,
                    loss=loss(case.name, number),
                    weights=str(number),
                    wall_s=0.1,
                )
                record.append(folder / "calibration" / record.FILE, found)
                number += 1


def test_every_training_is_measured_once_and_the_same_command_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_course(tmp_path)
    kept = folder / "calibration" / record.FILE
    first = calibrate(folder, monkeypatch, "--starts", "6", "--only", "reference")
    assert first.exit_code == 0, first.output
    assert "No proposal: it needs all notebooks" in first.output
    begun = kept.read_bytes()
    assert len(begun.splitlines()) == 6
    kept.write_bytes(begun + b'{"key":"half a li')
    whole = calibrate(folder, monkeypatch, "--starts", "18")
    assert whole.exit_code == 0, whole.output
    assert kept.read_bytes().startswith(begun)
    starts = list(record.read(kept))
    assert len(starts) == 4 * 18
    assert len({(s.key, s.number) for s in starts}) == len(starts)
    assert {round(s.loss or 0) for s in starts} == {0, 2}, "recomputed from the weights that came back"
    assert "No proposal: it needs at least 200 starts" in whole.output
    assert "promise" in whole.output
    page = (folder / "calibration" / f"{ID}.html").read_text(encoding="utf-8")
    assert page.count("M") > 4 * 18
    again = calibrate(folder, monkeypatch, "--starts", "18")
    assert kept.read_bytes().count(b"\n") == 4 * 18 + 1, "nothing is measured twice"
    assert "Starts" not in again.output


def test_a_proposal_is_shown_and_written_only_when_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_course(tmp_path, starts=2)
    remember(folder, lambda name, k: (0.8 if name == "stuck" or k % 5 == 0 else 1e-9) + k * 1e-12)
    before = rubric(folder)
    shown = calibrate(folder, monkeypatch)
    assert shown.exit_code == 1, "one in five stuck twice is more than one in a thousand"
    assert "PROMISE BROKEN: reference" in shown.output
    assert "-starts = 2 # a remark that stays" in shown.output
    assert "nothing was written" in shown.output
    assert rubric(folder) == before
    written = calibrate(folder, monkeypatch, "--write")
    assert "written" in written.output
    after = rubric(folder)
    assert "starts = 6 # a remark that stays" in after
    assert after.replace("starts = 6", "starts = 2") == before


def test_tables_warnings_proposal_and_page_are_told_in_french(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_course(tmp_path, starts=2)
    remember(folder, lambda name, k: (0.8 if name == "stuck" or k % 5 == 0 else 1e-9) + k * 1e-12)
    said = calibrate(folder, monkeypatch, "--lang", "fr").output.replace("\u202f", " ")
    assert "notebook   doit" in said
    assert "PROMESSE NON TENUE : reference : 40 départs sur 200 échouent, 20 % (" in said
    assert "Proposé : starts 2 → 6." in said
    assert "rubric.toml : rien n’a été écrit ; --write le fait." in said
    page = (folder / "calibration" / f"{ID}.html").read_text(encoding="utf-8")
    assert "La promesse faite aux solutions justes" in page


def test_progress_counts_starts_in_the_language_of_the_terminal() -> None:
    left = [12]
    console = Console(file=io.StringIO(), width=200)
    with Counting(lambda: left[0], "fr", console) as counting:
        left[0] = 0
        counting.tell("01_toss · reference")
    assert isinstance(console.file, io.StringIO)
    said = console.file.getvalue().replace("\u202f", " ").splitlines()
    assert said == ["Départs à mesurer : 12", "Départs : 12 sur 12, 0 s écoulées · 01_toss · reference"]


def test_what_keeps_the_promise_is_left_alone_whatever_the_thresholds_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_course(tmp_path, starts=12)
    remember(folder, lambda name, k: (0.8 if name == "stuck" or k % 5 == 0 else 1e-9) + k * 1e-12)
    path = folder / "reference" / ID / "rubric.toml"
    before = rubric(folder).replace("full_marks = 0.01", "full_marks = 0.02")
    path.write_text(before, encoding="utf-8")
    result = calibrate(folder, monkeypatch, "--write")
    assert result.exit_code == 0, result.output
    assert promised(result.output) == {"reference", "renamed"}
    assert "Starts" not in result.output, "new thresholds are judged by what was measured"
    assert "full_marks 0.02" in result.output
    assert "nothing measured does better" in result.output
    assert rubric(folder) == before


def test_a_promise_that_was_not_shown_is_no_failure_and_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_course(tmp_path, starts=5)
    remember(folder, lambda name, k: 0.8 if name == "stuck" or k % 5 == 0 else 1e-9)
    result = calibrate(folder, monkeypatch)
    assert result.exit_code == 0, result.output
    assert "promise not shown: reference" in result.output
    assert promised(result.output) == set()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["01_tos"], "did you mean '01_toss'"),
        (["--only", "stuk"], "did you mean 'stuck'"),
        (["--write", "--starts", "20"], "at least 200 starts"),
        (["--write", "--only", "reference"], "leave out --only"),
    ],
)
def test_wrong_usage_says_what_is_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
) -> None:
    result = calibrate(make_course(tmp_path), monkeypatch, *arguments)
    assert result.exit_code == 2
    assert words in " ".join(result.output.split())


@pytest.mark.nightly
@pytest.mark.timeout(0)
@pytest.mark.parametrize("exercise_id", ["01_regression_lineaire", "03_XOR_pytorch", "03_XOR_lightning"])
def test_no_right_variant_fails_more_often_than_is_promised(exercise_id: str, tmp_path: Path) -> None:
    arguments = [exercise_id, "--only", "reference", "--only", "right", "--out", str(tmp_path)]
    result = CliRunner(env={"COLUMNS": "200"}).invoke(main, ["exercise", "calibrate", *arguments])
    assert result.exit_code == 0, result.output
    right = load_variants(ROOT / "reference" / exercise_id / "right")
    assert promised(result.output) == {"reference", *(variant.name for variant in right)}, result.output
