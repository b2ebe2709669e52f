"""A new exercise passes what is asked of every exercise, before its author has touched it."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from grader.authoring.founding import found
from grader.authoring.skeleton import check_id, skeleton, title_of
from grader.cli import main
from grader.errors import ConfigError


def test_what_new_writes_passes_verify_as_it_is(tmp_path, monkeypatch, tier):
    monkeypatch.chdir(tmp_path)
    ask = CliRunner(env={"COLUMNS": "200"}).invoke
    new = ask(main, ["exercise", "new", "05_new", "--title", "Un nouveau"])
    assert new.exit_code == 0, new.output
    verified = ask(main, ["exercise", "verify", "05_new"])
    assert verified.exit_code == 0, verified.output
    assert "right variants 1; 8 would show" in verified.output
    assert "mistakes of the task 'center' 1; 4 would show" in verified.output


def test_it_has_a_right_variant_and_a_mistake_and_a_handout_without_the_answer(tmp_path):
    exercise = found("05_new", skeleton("05_new", "Un"), exercises=tmp_path / "e", reference=tmp_path / "r")
    assert [p.parent.name for p in sorted((tmp_path / "r").glob("05_new/*/*.toml"))] == ["mistakes", "right"]
    assert "x.mean(dim=0)" in exercise.reference
    assert "x.mean(dim=0)" not in exercise.handout
    assert (tmp_path / "e" / "05_new" / "05_new.ipynb").read_text("utf-8") == exercise.handout


def test_any_title_is_kept_to_the_letter(tmp_path):
    title = 'L’« été » "en" \\ {deux} # lignes'
    exercise = found("x", skeleton("x", title), exercises=tmp_path / "e", reference=tmp_path / "r")
    assert exercise.rubric.title.fr == title


@pytest.mark.parametrize(
    ("id_", "proposed"),
    [
        ("été 5", "ete_5"),
        ("../up", "up"),
        ("a/b", "a_b"),
        ("", "05_softmax"),
        ("_", "05_softmax"),
        ("é" * 70, "e" * 64),
    ],
)
def test_a_name_that_cannot_be_is_refused_with_one_that_can(id_, proposed):
    with pytest.raises(ConfigError, match=rf"for example {re.escape(proposed)}\.$"):
        check_id(id_)


@pytest.mark.parametrize(
    ("id_", "title"), [("05_softmax", "Softmax"), ("03_XOR-en_deux", "Xor en deux"), ("12", "12")]
)
def test_without_a_title_the_id_is_read_as_one(id_, title):
    assert title_of(id_) == title


def test_an_exercise_that_exists_is_not_touched_and_nothing_is_left_behind(tmp_path):
    (tmp_path / "e" / "One").mkdir(parents=True)
    with pytest.raises(ConfigError, match="is there already"):
        found("one", skeleton("one", "x"), exercises=tmp_path / "e", reference=tmp_path / "r")
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["One", "e"]


def test_files_that_make_no_exercise_leave_nothing_behind(tmp_path):
    files = skeleton("one", "x") | {"rubric.toml": "schema = 1\ncriteria = []\n"}
    with pytest.raises(ConfigError, match=r"rubric\.toml"):
        found("one", files, exercises=tmp_path / "e", reference=tmp_path / "r")
    assert [p.name for p in tmp_path.rglob("*")] == ["r"]
