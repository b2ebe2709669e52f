"""A question at the terminal is answered in the language in which it is asked."""

from __future__ import annotations

import pytest
import rich_click as click
from click.testing import CliRunner, Result

from grader.commands.consent import agrees
from grader.model.text import Language, say


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("oui\n", "True"),
        ("O\n", "True"),
        ("y\n", "True"),
        ("\n", "False"),
        ("non\n", "False"),
        ("x\no\n", "True"),
    ],
)
def test_yes_is_said_in_either_language_and_enter_is_no(typed: str, answer: str) -> None:
    assert ask(typed, "fr").stdout.endswith(f"{answer}\n")


def test_the_question_shows_how_to_answer() -> None:
    assert ask("o\n", "fr").stderr.startswith("Remplacer le barème\u202f? [o/N]\u202f: ")
    assert ask("y\n", "en").stderr.startswith("Replace the rubric? [y/N]: ")
    assert ask("", "fr").exit_code == 1


def ask(typed: str, language: Language) -> Result:
    @click.command()
    def command() -> None:
        click.echo(agrees(say("Replace the rubric?"), language))

    return CliRunner().invoke(command, input=typed)
