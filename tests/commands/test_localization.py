from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from grader.cli import main
from grader.commands.localization import in_french, language_of
from grader.i18n import french
from tests.test_cli import every_command

COMMANDS = [(), *every_command(main)]
CODE = re.compile(r"`[^`]*`")
ARGUMENT = re.compile(r"\b[A-Z]{2,}\b")
ENGLISH = re.compile(
    r"(?<![-\w])(the|of|and|is|are|with|for|which|may|default|usage:|directory|integer)(?![-\w])",
    re.IGNORECASE,
)


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without settings."""
    monkeypatch.chdir(tmp_path)


def help_of(path: tuple[str, ...], language: str) -> Result:
    return CliRunner(env={"GRADE_LANG": language, "COLUMNS": "10000"}).invoke(main, [*path, "--help"])


def words(result: Result) -> str:
    return " ".join(re.sub(r"[│─╭╮╰╯]", " ", result.output).split())


def command_at(path: tuple[str, ...]) -> click.Command:
    command: click.Command = main
    for name in path:
        assert isinstance(command, click.Group)
        command = command.commands[name]
    return command


def texts(command: click.Command) -> Iterator[str]:
    """All that a command's declaration says, paragraph by paragraph."""
    options = [p.help for p in command.params if isinstance(p, click.Option) and not p.hidden]
    for text in (command.help, command.epilog, *options):
        for paragraph in re.split(r"\n\s*\n", text or ""):
            if paragraph.strip():
                yield " ".join(paragraph.split())


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_help_is_in_french_for_who_reads_french(path: tuple[str, ...]) -> None:
    result = help_of(path, "fr")
    assert result.exit_code == 0
    said = words(result)
    for text in texts(command_at(path)):
        assert " ".join(french("help")[text].split()) in said
    assert "Afficher ce message et quitter." in said
    assert ENGLISH.findall(CODE.sub("", said)) == []


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_help_is_what_the_code_says_for_who_does_not(path: tuple[str, ...]) -> None:
    result = help_of(path, "en")
    assert result.exit_code == 0
    said = words(result)
    for text in texts(command_at(path)):
        assert text in said
    assert said.startswith("Usage: main")
    assert "Show this message and exit." in said


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_french_help_calls_arguments_what_the_line_of_usage_calls_them(path: tuple[str, ...]) -> None:
    command = command_at(path)
    names = {
        name for p in command.params for name in ARGUMENT.findall(p.metavar or (p.name or "").upper()) if name
    }
    for text in texts(command):
        for name in names & set(ARGUMENT.findall(text)):
            assert french("help")[name] in french("help")[text]


def test_english_help_waits_for_no_catalogue() -> None:
    french.cache_clear()
    help_of((), "en")
    assert french.cache_info().currsize == 0


def test_a_french_copy_leaves_the_commands_as_they_are() -> None:
    before = help_of(("run",), "en").output
    assert in_french(main).commands["run"].help != main.commands["run"].help
    assert help_of(("run",), "en").output == before


@pytest.mark.parametrize("columns", range(60, 120, 10))
def test_no_line_of_french_help_begins_with_what_belongs_to_the_line_before(columns: int) -> None:
    for path in (("run",), ("exercise", "calibrate")):
        env = {"GRADE_LANG": "fr", "COLUMNS": str(columns)}
        output = CliRunner(env=env).invoke(main, [*path, "--help"]).output
        assert re.findall(r"^[ │]+[:;!?»%].*", output, re.MULTILINE) == []


def test_the_flag_outranks_the_environment_and_that_outranks_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GRADE_LANG", raising=False)
    (tmp_path / "grader.toml").write_text('lang = "fr"\n', encoding="utf-8")
    assert language_of(["run", "--help"]) == "fr"
    monkeypatch.setenv("GRADE_LANG", "en")
    assert language_of(["run", "--help"]) == "en"
    assert language_of(["run", "--lang", "fr", "--help"]) == "fr"
    assert language_of(["run", "--help", "--lang=fr"]) == "fr"
    assert language_of(["run", "--lang", "de"]) == "en"
    assert language_of(["run", "--lang"]) == "en"


def test_help_comes_where_the_settings_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "grader.toml").write_text("lang =", encoding="utf-8")
    assert help_of(("run",), "").exit_code == 0
