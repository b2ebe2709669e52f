"""The documents lead where they say, and name commands and tests that there are."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from grader.cli import main
from grader.config import Settings
from tests.conftest import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "submissions" / "README.md"])
LINK = re.compile(r"\]\((?!https?:)([^)#]+)[^)]*\)")
TEST_FILE = re.compile(r"`(tests/[\w/]+\.py)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_and_named_tests_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in LINK.findall(text):
        assert (page.parent / target).exists(), target
    for target in TEST_FILE.findall(text):
        assert (ROOT / target).exists(), target


def test_commands_in_the_readme_exist() -> None:
    blocks = re.findall(r"```bash\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line.startswith("grade ")]
    context = click.Context(main)
    for line in lines:
        word = line.split()[1]
        known = word in main.list_commands(context)
        assert known or (ROOT / word).exists(), line
    assert lines


def test_every_setting_is_documented_and_the_example_is_a_valid_file() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \| `(--[\w-]+)` \|", page, re.MULTILINE)
    assert rows == [
        (name, f"GRADE_{name.upper()}", f"--{name.replace('_', '-')}") for name in Settings.model_fields
    ]
    example = tomllib.loads((ROOT / "docs" / "grader.toml").read_text(encoding="utf-8"))
    assert list(example) == list(Settings.model_fields)
    shown = Settings.model_validate(example)
    told = [name for name in Settings.model_fields if name not in ("jobs", "lang")]
    assert shown.model_dump(include=set(told)) == Settings().model_dump(include=set(told))


def test_readme_and_help_say_the_same_of_exit_codes_and_of_what_can_be_given() -> None:
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    said = " ".join(CliRunner(env={"COLUMNS": "10000"}).invoke(main, ["--help"]).output.split())
    assert "1 when the grader could not judge something (`judge_error`)" in readme
    assert "1 when the grader could not judge something (`judge_error`)" in said
    assert "what waits for a mark by hand gives 0" in readme
    assert "0 when all is judged or waits only for a mark by hand" in said
    said = " ".join(CliRunner(env={"COLUMNS": "10000"}).invoke(main, ["run", "--help"]).output.split())
    for words in ("zip", "notebooks"):
        assert words in readme
        assert words in said
