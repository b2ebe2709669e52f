"""A Moodle zip goes in; the filled worksheet and the feedback come out, with three commands, from every layout.

Real kernels without walls; what one layout's notebooks got is known when the next layout brings the same.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import main
from tests.course import ID, RIGHT, WRONG, make_course, notebook
from tests.export.worksheets import Line, cells, worksheet
from tests.intake.downloads import CLASS, zipped

FILE = f"{ID}.ipynb"
LAYOUTS = {
    "folders": "{name}_{number}_assignsubmission_file/{file}",
    "before 4.1": "{name}_{number}_assignsubmission_file_/{file}",
    "flat": "{name}_{number}_assignsubmission_file_{file}",
    "anonymous": "Participant_{number}_assignsubmission_file/{file}",
}
WRONG_ONES = (40212, 40219)
ABSENT = Line(99, "Absente, Anne")


def call(*args: str) -> str:
    result = CliRunner(env={"COLUMNS": "200"}).invoke(main, list(args))
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_course(tmp_path_factory.mktemp("course"))


@pytest.mark.nightly
@pytest.mark.parametrize("shape", LAYOUTS.values(), ids=LAYOUTS)
def test_three_commands_from_the_zip_to_the_worksheet_and_the_feedback(
    course: Path, shape: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(course)
    files: dict[str, str | bytes] = {}
    for student in CLASS:
        code = notebook(WRONG if student.number in WRONG_ONES else RIGHT)
        own = {"file": "rendu.zip", "name": student.name, "number": student.number}
        if student.user == "zlefevre":  # as `grade check --bundle` writes it
            files[shape.format(**own)] = zipped({FILE: code, f"{ID}.receipt.json": "{}"})
        else:
            files[shape.format(**own | {"file": FILE})] = code
    (course / "cours-TP-77.zip").write_bytes(zipped(files))
    names = {s.number: s.name.replace("DArc", "D’Arc") for s in CLASS}
    sheet = worksheet([*(Line(number, name) for number, name in names.items()), ABSENT], french=True)
    (course / "notes.csv").write_bytes(sheet)

    assert "Found: students 9, notebooks 9, set aside 0 (layout: moodle)" in call("run", "cours-TP-77.zip")
    assert "cells 18, grades 9" in call("export", "moodle", "notes.csv", "--dry-run")
    assert (course / "notes.csv").read_bytes() == sheet
    call("export", "moodle", "notes.csv", "--feedback", "feedback.zip")

    rows = cells((course / "notes.csv").read_bytes())[1:]
    assert [row[1] for row in rows] == [*names.values(), ABSENT.name]
    grades = {int(row[0].removeprefix("Participant")): row[6] for row in rows}
    assert grades == {99: ""} | {n: "0,00" if n in WRONG_ONES else "20,00" for n in names}
    with zipfile.ZipFile(course / "feedback.zip") as archive:
        folders = [name.partition("/")[0] for name in archive.namelist()]
        assert [int(folder.split("_")[1]) for folder in folders] == list(names)
        assert [folder.split("_")[0] for folder in folders] == [s.name for s in CLASS]


@pytest.mark.nightly
def test_three_commands_for_groups(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(course)
    files = {
        f"{name}_assignsubmission_file/{FILE}": notebook(RIGHT)
        for name in ("L’été A_31", "Groupe par défaut")
    }
    (course / "groupes.zip").write_bytes(zipped(files))
    lines = [Line(1, "Zoé", group="L’été / A"), Line(2, "Ольга", group="L’été / A"), Line(31, "张伟")]
    (course / "groupes.csv").write_bytes(worksheet(lines))
    assert "set aside 1" in call("run", "groupes.zip")
    call("export", "moodle", "groupes.csv", "--dry-run")
    call("export", "moodle", "groupes.csv", "--feedback", "groupes-feedback.zip")
    assert [row[6] for row in cells((course / "groupes.csv").read_bytes())[1:]] == ["20.00", "20.00", ""]
    with zipfile.ZipFile(course / "groupes-feedback.zip") as archive:
        assert sorted(archive.namelist()) == [
            f"{who}_assignsubmission_file/feedback.html" for who in ("Zoé_1", "Ольга_2")
        ]
