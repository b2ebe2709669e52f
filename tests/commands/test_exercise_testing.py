"""`grade exercise verify` and `grade exercise mutate`: on a small course, with real kernels."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from grader.authoring.release import release
from grader.cli import main
from tests.course import ENDLESS, ID, make_course, notebook, write
from tests.pipeline.test_run import processes_of
from tests.sandbox.notebooks import descendants, gone

SOLUTION = "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
BY_SUM = 'about = "Adds."\n[cells]\ndouble = "def double(x): return x + x"\n'
TRIPLES = """
about = "Triples."
criterion = "double.values"
verdict = "wrong_answer"
says = "not right"
points = ["0", "0"]
[cells]
double = "def double(x): return 3 * x"
"""


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An exercise with all that it needs; the current folder."""
    make_course(tmp_path, solution=SOLUTION)
    handout = release(notebook(SOLUTION), exercise=ID)
    (tmp_path / "exercises" / ID / f"{ID}.ipynb").write_text(handout, encoding="utf-8")
    write(tmp_path / "reference" / ID / "right" / "sum_0.toml", BY_SUM)
    write(tmp_path / "reference" / ID / "mistakes" / "triples_0.toml", TRIPLES)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str, code: int = 0) -> Result:
    result = CliRunner(env={"COLUMNS": "200"}).invoke(main, ["exercise", *arguments])
    assert result.exit_code == code, result.output
    return result


def test_an_exercise_as_it_should_be_is_green_and_one_fault_turns_it_red(course: Path) -> None:
    run("verify", "--only", "reference", "--only", "blank", "--junit", "good.xml")
    assert ET.parse(course / "good.xml").getroot().get("failures") == "0"

    wrong = write(course / "reference" / ID / "right" / "halves.toml", BY_SUM.replace("x + x", "x / 2"))
    write(course / "reference" / ID / "mistakes" / "quiet.toml", TRIPLES.replace('"not right"', '"three"'))
    chosen = [part for name in ("halves", "quiet", "triples_0", "sum_0") for part in ("--only", name)]
    said = run("verify", *chosen, "--junit", "bad.xml", code=1).output
    assert f"reference/{ID}/right/{wrong.name}: double.values: wrong_answer (0" in said
    assert (
        f"reference/{ID}/mistakes/quiet.toml: double.values: the words do not name the mistake ('three')."
        " The student reads: " in said
    )
    assert "triples_0" not in said.split("Exercise")[-1]
    root = ET.parse(course / "bad.xml").getroot()
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("4", "2", "0")
    failed = [case.get("name") for case in root.iter("testcase") if case.find("failure") is not None]
    assert failed == ["halves", "quiet"]


def test_a_verification_in_french_is_french_and_its_xml_stays_english(course: Path) -> None:
    write(course / "reference" / ID / "right" / "halves.toml", BY_SUM.replace("x + x", "x / 2"))
    chosen = ("--only", "halves", "--junit", "bad.xml", "--lang", "fr")
    said = run("verify", *chosen, code=1).output.replace("\u202f", " ")
    assert "Vérifiés : 1 sur 1, " in said
    assert f"Exercice Quoi Notés Défauts {ID} right 1 1 " in " ".join(said.split())
    assert f"reference/{ID}/right/halves.toml : double.values : wrong_answer (0/2) : " in said
    (failure,) = ET.parse(course / "bad.xml").getroot().iter("failure")
    assert "The values are not right" in str(failure.get("message"))


def test_what_is_seen_without_grading_and_the_mutants_are_told_in_french(course: Path) -> None:
    for path in (course / "reference" / ID / "mistakes").iterdir():
        path.unlink()
    said = run("verify", "--lang", "fr", code=1).output.replace("\u202f", " ")
    assert "n’a pas d’erreur que « double.values » doive trouver" in said
    assert "variantes justes 1 ; 8 montreraient" in said
    assert f" {ID} fichiers 1 " in " ".join(said.split())
    assert "mutants, dont équivalents : 0" in run("mutate", "--list", "--lang", "fr").output.replace(
        "\u202f", " "
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["verify", "01_doubels"], "did you mean '01_doubles'"),
        (["verify", "--only", "triples_7"], "did you mean 'triples_"),
        (["mutate", "--only", "arithmetic.operatr"], "did you mean 'arithmetic.operator'"),
        (["mutate", "--out", "nowhere/record.jsonl"], "nowhere/record.jsonl: cannot be written"),
    ],
)
def test_bad_input_is_refused_before_anything_is_graded(
    course: Path, arguments: list[str], words: str
) -> None:
    assert words in run(*arguments, code=2).output


def test_a_variant_of_a_cell_that_is_not_there_is_bad_input(course: Path) -> None:
    write(course / "reference" / ID / "right" / "sum_0.toml", BY_SUM.replace("double =", "duoble ="))
    said = " ".join(run("verify", code=2).output.split())
    assert "sum_0.toml: cells: 'duoble': the reference has no such cell (did you mean 'double'?)" in said


def test_mutants_are_listed_graded_kept_and_not_graded_again(course: Path) -> None:
    said = run("mutate", "--list").output
    assert f"{ID} · double:3 numbers.other" in said
    assert "+    return 3 * x" in said

    entry = {"cell": "double", "rule": "arithmetic.operator", "line": "return 2 * x", "why": "Let us say so."}
    text = "[[mutants]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in entry.items())
    write(course / "reference" / ID / "equivalent.toml", text)
    chosen = ("--only", "numbers.*", "--only", "arithmetic.*")
    first = run("mutate", *chosen, "--out", "record.jsonl")
    assert "double:3 arithmetic.operator is said to be equivalent, but double.values finds it" in first.output
    assert first.output.split()[-8:] == [ID, "2", "1", "1", "0", "0", "100", "%"]
    kept = (course / "record.jsonl").read_text("utf-8")
    assert len(kept.splitlines()) == 2
    again = run("mutate", *chosen, "--out", "record.jsonl")
    assert "2 of 2 were tried already and are passed over." in again.output
    french = run("mutate", *chosen, "--out", "record.jsonl", "--lang", "fr").output.replace("\u202f", " ")
    assert "arithmetic.operator est dit équivalent, mais double.values le trouve." in french
    assert "Exercice Mutants Équivalents Tués Survivants Non jugés Score" in " ".join(french.split())
    assert (course / "record.jsonl").read_text("utf-8") == kept


def test_a_rubric_that_looks_at_nothing_lets_mutants_live(course: Path) -> None:
    path = course / "reference" / ID / "rubric.toml"
    path.write_text(path.read_text("utf-8").replace('call = "double(x)"', 'call = "0 * double(x)"'), "utf-8")
    said = run("mutate", "--only", "numbers.other", code=1).output
    assert f"{ID} · double:3 numbers.other lives\n    -    return 2 * x\n    +    return 3 * x" in said
    assert said.split()[-8:] == [ID, "1", "0", "0", "1", "0", "0", "%"]


def test_an_entry_for_a_mutant_that_is_gone_is_bad_input(course: Path) -> None:
    text = '[[mutants]]\ncell = "double"\nrule = "arithmetic.operator"\nline = "return 3 * x"\nwhy = "x"\n'
    write(course / "reference" / ID / "equivalent.toml", text)
    assert "there is no mutant 'double · arithmetic.operator · return 3 * x' any more" in " ".join(
        run("mutate", "--list", code=2).output.split()
    )


def test_ctrl_c_ends_with_130_and_leaves_no_process(course: Path) -> None:
    started = course / "started"
    code = ENDLESS.replace("print('started', flush=True)", f"open({str(started)!r}, 'w').close()")
    write(
        course / "reference" / ID / "right" / "endless.toml",
        f'about = "x"\n[cells]\ndouble = """\n{code}\n"""\n',
    )
    command = [sys.executable, "-m", "grader.cli", "exercise", "verify", "--only", "endless"]
    process = subprocess.Popen(
        command,
        env={**os.environ, "GRADE_TEST": str(course)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    while not started.exists() and process.poll() is None:
        time.sleep(0.05)
    left = descendants(process.pid)
    os.kill(process.pid, signal.SIGINT)
    said, _ = process.communicate()
    assert process.returncode == 130, said
    assert "Interrupted" in said
    assert "Traceback" not in said
    assert len(left) > 1, "a worker and a kernel"
    assert gone(left)
    assert processes_of(f"GRADE_TEST={course}") == set()
