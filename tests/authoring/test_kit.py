"""The students' kit and the wheels: grade, handout, and what the exercise's file declares; nothing of the reference."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import subprocess
import sys
import zipfile

import pytest
from click.testing import CliRunner

from grader.authoring.kit import kit_files
from grader.authoring.wheel import own_wheel
from grader.cli import main
from grader.selfcheck.public import parse_bundle
from tests.conftest import ROOT
from tests.selfcheck.course import HIDDEN_ID, ID, SOLUTION_MARK, make_course


def contents(wheel: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def own() -> dict[str, bytes]:
    return contents(own_wheel()[1])


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> dict[str, bytes]:
    """The wheel that the build backend makes of the sources."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [path] = folder.glob("*.whl")
    return contents(path.read_bytes())


def test_the_wheel_made_without_sources_is_the_one_that_is_built_from_them(own, built):
    package = {name: content for name, content in built.items() if name.startswith("grader/")}
    assert {name: content for name, content in own.items() if name.startswith("grader/")} == package
    assert {name.rpartition("/")[2] for name in own if ".dist-info/" in name} == {
        "METADATA",
        "WHEEL",
        "RECORD",
        "entry_points.txt",
    }


def test_its_record_lists_every_file_with_its_digest(own):
    record = next(name for name in own if name.endswith("/RECORD"))
    rows = {row[0]: row[1] for row in csv.reader(own[record].decode().splitlines())}
    assert rows.keys() == own.keys()
    for name, content in own.items():
        if name != record:
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            assert rows[name] == f"sha256={digest}"


def test_neither_wheel_holds_a_cell_of_a_reference(own, built, exercises):
    import json

    for wheel in (own, built):
        assert not [name for name in wheel if not name.startswith(("grader/", "grade-"))]
        text = b"\n".join(wheel.values()).decode("utf-8", "replace")
        for exercise in exercises.values():
            handed_out = exercise.handout
            for cell in json.loads(exercise.reference)["cells"]:
                source = "".join(cell["source"])
                if cell["cell_type"] == "code" and "BEGIN SOLUTION" in source:
                    assert json.dumps(source) not in handed_out
                    solution = source.partition("### BEGIN SOLUTION")[2].partition("### END SOLUTION")[0]
                    assert solution.strip() not in text
            for criterion in exercise.rubric.criteria:
                assert f'"{criterion.id}"' not in text


def test_the_kit_holds_the_handout_the_public_part_grade_and_instructions(public):
    files = kit_files(public.bundle, public.exercise.rubric.title)
    [wheel] = [name for name in files if name.endswith(".whl")]
    assert set(files) == {f"{ID}.ipynb", f"{ID}.check.json", wheel, "LISEZMOI.md"}
    assert files[f"{ID}.ipynb"].decode() == public.exercise.handout
    assert parse_bundle(files[f"{ID}.check.json"], origin="kit").bundle.exercise == ID
    words = files["LISEZMOI.md"].decode()
    for command in (
        f"pip install {wheel}",
        f"grade check {ID}.ipynb",
        f"grade check {ID}.ipynb --bundle",
        "%check",
    ):
        assert command in words
    assert "`%check double` ne regarde que la tâche `double`" in words
    assert "{" not in words
    for name in (f"{ID}.ipynb", f"{ID}.check.json", "LISEZMOI.md"):
        assert SOLUTION_MARK not in files[name].decode()
        assert HIDDEN_ID not in files[name].decode()


def test_an_unknown_exercise_is_wrong_usage_with_a_suggestion(tmp_path, monkeypatch):
    monkeypatch.chdir(make_course(tmp_path))
    result = CliRunner().invoke(main, ["exercise", "kit", "02_doubel", "--sandbox", "none"])
    assert result.exit_code == 2
    assert "did you mean '02_double'?" in " ".join(result.output.split())


@pytest.mark.nightly
def test_the_command_writes_a_folder_and_one_file_for_the_lms(tmp_path, monkeypatch):
    monkeypatch.chdir(make_course(tmp_path))
    result = CliRunner().invoke(main, ["exercise", "kit", ID, "--sandbox", "none"])
    assert result.exit_code == 0, result.output
    assert "criteria in it: 3, kept back: 1" in result.output
    with zipfile.ZipFile(tmp_path / "kits" / f"{ID}.zip") as archive:
        assert {name.partition("/")[2] for name in archive.namelist()} == {
            path.name for path in (tmp_path / "kits" / ID).iterdir()
        }
