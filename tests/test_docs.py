"""The documents lead where they say, and name commands and tests that there are."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from grader.cli import main
from grader.config import TABLES, LateSettings, Settings
from grader.criteria import KINDS
from grader.model.rubric import Criterion
from grader.model.verdict import Verdict
from grader.reports.grades_csv import COLUMNS
from tests.conftest import ROOT

sys.path.insert(0, str(ROOT / "docs" / "_ext"))

import command_pages
import criterion_pages
import format_pages
import generated_pages

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
        (name, f"GRADE_{name.upper()}", f"--{name.replace('_', '-')}")
        for name in Settings.model_fields
        if name not in TABLES
    ]
    late = re.findall(r"^\| `(\w+)` \| [^`|]", page.partition("## The table `[late]`")[2], re.MULTILINE)
    assert late == list(LateSettings.model_fields)
    example = tomllib.loads((ROOT / "docs" / "grader.toml").read_text(encoding="utf-8"))
    assert list(example) == list(Settings.model_fields)
    shown = Settings.model_validate(example)
    told = [name for name in Settings.model_fields if name not in ("jobs", "lang", *TABLES)]
    assert list(example["late"]) == list(LateSettings.model_fields)
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


def commands(group: click.Group, name: str) -> list[str]:
    found = [name]
    for word, command in group.commands.items():
        path = f"{name} {word}"
        found += commands(command, path) if isinstance(command, click.Group) else [path]
    return found


def test_the_reference_is_made_of_every_command_kind_key_and_column() -> None:
    headings = re.findall(r"^#+ (.*)$", command_pages.commands_page(), re.MULTILINE)
    assert headings[1:] == sorted(commands(main, "grade"), key=headings.index)
    criteria = criterion_pages.criteria_page()
    for kind, criterion in KINDS.items():
        section = criteria.partition(f"\n## {kind}\n")[2].partition("\n## ")[0]
        assert "```toml" in section, kind
        for key in set(criterion.model_fields) - set(Criterion.model_fields):
            assert f"| `{key}` |" in section, key
    formats = format_pages.formats_page()
    assert all(f"| `{name}` |" in formats for name in (*COLUMNS, *Verdict, "graded_at", "staff_note"))
    assert "| `depends` |" in criteria
    assert all(f"| `{key}` |" in criterion_pages.rubric_page() for key in ("schema", "criteria", "cell_s"))


def test_links_of_a_page_fit_the_site() -> None:
    docs = ROOT / "docs"
    text = "[a](docs/lms.md#x) [b](LICENSE) ![c](docs/images/class.png) [d](https://x.y) [e](docs/README.md) `[f](x)`"
    found = generated_pages.linked(text, folder=ROOT, place=docs / "project", docs=docs)
    assert found == "[a](../lms.md#x) b ![c](../images/class.png) [d](https://x.y) [e](../index.md) `[f](x)`"
    assert (
        generated_pages.linked("[g](../README.md)", folder=docs, place=docs, docs=docs)
        == "[g](project/readme.md)"
    )


def test_pictures_are_modest() -> None:
    pictures = list((ROOT / "docs" / "images").glob("*.png"))
    assert pictures
    assert sum(picture.stat().st_size for picture in pictures) < 1_000_000
