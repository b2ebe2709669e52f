"""The documents lead where they say, and name commands and tests that there are."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from grader.cli import main
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
