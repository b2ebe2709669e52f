from __future__ import annotations

import csv
import errno
import gc
import io
import json
import os
import re
import weakref
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import ReportError
from grader.model.report import GradeReport
from grader.model.text import say
from grader.model.verdict import Verdict
from grader.reports import write_reports
from grader.reports.files import safe_names, write_whole
from grader.reports.grades_csv import COLUMNS, render_csv
from grader.reports.results import Results, json_pieces, render_json, results_of
from grader.reports.schema import results_schema
from tests.reports.builders import ROOT, class_of, criterion, report

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)


def read_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_csv_has_the_columns_of_the_contract() -> None:
    (row,) = read_csv(render_csv(class_of(report(criterion(points="4")))))
    assert tuple(row) == tuple(COLUMNS)
    assert row == {
        "student": "12",
        "name": "Zoé Lefèvre",
        "exercise": "03_XOR_pytorch",
        "points": "4",
        "out_of": "4",
        "grade": "20.00",
        "verdict": "accepted",
        "needs_review": "false",
        "notebook_sha256": "ab" * 32,
        "rubric_version": "0123456789ab",
        "graded_at": "2026-11-23T18:30:00+00:00",
        "handed_in_at": "",
        "late": "false",
        "taken_off": "0",
        "members": "",
        "carried": "0",
    }


def test_csv_grade_is_out_of_twenty_rounded_half_up() -> None:
    graded = report(criterion(Verdict.PARTIALLY_ACCEPTED, points="16", share="0.00028125"))
    assert graded.points == Decimal("0.0045")
    (row,) = read_csv(render_csv(class_of(graded)))
    assert row["grade"] == "0.01"


def test_csv_grade_is_empty_while_a_person_must_decide() -> None:
    some = report(criterion(), criterion(Verdict.NEEDS_REVIEW, id_="b.b"))
    none = report(criterion(Verdict.JUDGE_ERROR), student="2")
    rows = read_csv(render_csv(class_of(some, none)))
    assert [(r["points"], r["grade"], r["needs_review"]) for r in rows] == [
        ("2", "", "true"),
        ("", "", "true"),
    ]


@given(NAMES, NAMES)
def test_csv_comes_back_whole_and_no_cell_is_a_formula(student: str, name: str) -> None:
    (row,) = read_csv(render_csv(class_of(report(student=student, name=name))))
    for cell, value in ((row["student"], student), (row["name"], name)):
        line = re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", value)
        assert cell in (line, f"'{line}")
        assert not cell.lstrip().startswith(("=", "+", "-", "@"))


@given(NAMES, st.lists(st.sampled_from(list(Verdict)), min_size=1, max_size=4), st.sampled_from(["fr", "en"]))
def test_results_come_back_whole_and_fit_the_schema(
    name: str, verdicts: list[Verdict], language: str
) -> None:
    criteria = [
        criterion(v, id_=f"a.c{i}", staff_note=name, got=say("{x}", x=name)) for i, v in enumerate(verdicts)
    ]
    results = results_of(class_of(report(*criteria, name=name)), "fr" if language == "fr" else "en")
    text = render_json(results)
    assert Results.model_validate_json(text) == results
    jsonschema.validate(json.loads(text), json.loads(results_schema()))


def test_results_have_the_keys_of_the_contract() -> None:
    plain = json.loads(render_json(results_of(class_of(report()), "en")))
    assert plain["schema"] == 1
    assert {"seed", "versions", "tier"} <= set(plain["run"])
    (entry,) = plain["reports"]
    assert {"student", "name", "exercise", "notebook", "notebook_sha256", "verdict", "points", "out_of", "wall_s",
            "criteria"} <= set(entry)  # fmt: skip
    (line,) = entry["criteria"]
    assert {"id", "task", "kind", "verdict", "score", "points", "out_of", "message", "staff_note"} <= set(
        line
    )
    assert (entry["points"], line["score"]) == ("2", "1")


def test_points_that_nobody_decided_are_null() -> None:
    plain = json.loads(render_json(results_of(class_of(report(criterion(Verdict.NEEDS_REVIEW))), "en")))
    entry = plain["reports"][0]
    assert (entry["points"], entry["grade"], entry["criteria"][0]["score"]) == (None, None, None)


@given(st.lists(NAMES | st.just("a\u2028b\x85c"), max_size=3))
def test_written_in_pieces_it_is_the_same_file(names: list[str]) -> None:
    class_report = class_of(
        *(report(criterion(summary=say("{name}", name=name)), name=name) for name in names)
    )
    pieces = json_pieces(class_report, "fr", iter(class_report.reports))
    assert "".join(pieces) == render_json(results_of(class_report, "fr"))


def test_grades_are_read_whole_one_at_a_time(tmp_path: Path) -> None:
    seen: list[weakref.ref[GradeReport]] = []
    most = 0

    def whole(light: GradeReport) -> GradeReport:
        nonlocal most
        found = light.model_copy(update={"path": "only the whole grade knows it"})
        gc.collect()
        seen.append(weakref.ref(found))
        most = max(most, sum(reference() is not None for reference in seen))
        return found

    write_reports(class_of(*(report(student=str(i)) for i in range(9))), tmp_path, "en", whole)
    entries = json.loads((tmp_path / "results.json").read_text("utf-8"))["reports"]
    assert {entry["notebook"] for entry in entries} == {"only the whole grade knows it"}
    assert most <= 2


def test_published_schema_is_in_step() -> None:
    assert (ROOT / "docs" / "results.schema.json").read_text("utf-8") == results_schema()


def test_all_files_are_written_and_only_they(tmp_path: Path) -> None:
    reports = (
        report(),
        report(exercise_id="01_regression_lineaire"),
        report(student="../../etc", name="../x"),
    )
    paths = write_reports(class_of(*reports), tmp_path / "report", "fr")
    found = sorted(p for p in (tmp_path / "report").rglob("*") if p.is_file())
    assert sorted(paths) == found
    shown = [p.relative_to(tmp_path / "report").as_posix() for p in found]
    assert shown[:2] == ["grades.csv", "index.html"]
    assert "students/12/01_regression_lineaire.html" in shown
    assert any(re.fullmatch(r"students/etc-[0-9a-f]{6}/03_XOR_pytorch.html", p) for p in shown)
    index = (tmp_path / "report" / "index.html").read_text("utf-8")
    for place in shown:
        if place != "index.html":
            assert f'href="{place}"' in index


def test_written_twice_is_the_same_to_the_last_byte(tmp_path: Path) -> None:
    class_report = class_of(report(), report(criterion(Verdict.NEEDS_REVIEW), student="2"))
    first = {p.name: p.read_bytes() for p in write_reports(class_report, tmp_path, "en")}
    second = {p.name: p.read_bytes() for p in write_reports(class_report, tmp_path, "en")}
    assert first == second


@given(
    st.lists(
        st.text(max_size=80) | st.sampled_from(["..", "/", "CON", "a", "A", "é", "a/b", "a-abcdef", ".x"]),
        max_size=12,
    )
)
def test_file_names_are_safe_and_unique(identifiers: list[str]) -> None:
    names = safe_names(identifiers)
    assert set(names) == set(identifiers)
    assert len({name.casefold() for name in names.values()}) == len(names)
    for name in names.values():
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,70}", name)
        assert name.casefold() not in ("con", "nul", "aux", "prn")


def test_ordinary_identifiers_keep_their_names() -> None:
    assert safe_names(["12345678", "dupont", "03_XOR_pytorch"]) == {
        i: i for i in ("12345678", "dupont", "03_XOR_pytorch")
    }


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "report").write_text("a file is in the way")
    with pytest.raises(ReportError, match=r"grades\.csv cannot be written"):
        write_reports(class_of(report()), tmp_path / "report", "en")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "Free some space"),
        (errno.EDQUOT, "Free some space"),
        (errno.EACCES, "Change the folder's permissions"),
        (errno.EROFS, "Choose another folder"),
        (errno.ENOTDIR, "Choose another folder"),
    ],
)
def test_advice_fits_what_went_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("grader.disk.tempfile.mkstemp", fail)
    with pytest.raises(ReportError) as caught:
        write_whole(tmp_path / "grades.csv", "new")
    assert words in str(caught.value)
    assert ("space" in str(caught.value).partition("cannot be written: ")[2].partition(". ")[2]) == (
        number in (errno.ENOSPC, errno.EDQUOT)
    )
    assert "--out" in str(caught.value)


@pytest.mark.parametrize("step", ["mkstemp", "fchmod", "replace"])
def test_full_disk_leaves_the_old_file_whole_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "grades.csv"
    path.write_text("old")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    owner: object = {"mkstemp": "grader.disk.tempfile", "fchmod": "grader.disk.os"}.get(step, Path)
    monkeypatch.setattr(f"{owner}.{step}", full) if isinstance(owner, str) else monkeypatch.setattr(
        owner, step, full
    )
    with pytest.raises(ReportError, match="No space left on device"):
        write_whole(path, "new")
    monkeypatch.undo()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["grades.csv"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_read_only_device_is_reported() -> None:
    with pytest.raises(ReportError, match="cannot be written"):
        write_whole(Path("/proc/grades.csv"), "new")
