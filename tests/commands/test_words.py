"""No command says anything but through `say`, which has it in both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.commands.usage_errors import MESSAGES
from tests.conftest import ROOT

COMMANDS = ROOT / "grader" / "commands"
SHOWING = ("echo", "secho", "print", "add_column", "add_row", "confirm", "prompt", "status", "tell")
LANGUAGE = re.compile(r"[^\W\d_]{2,} [^\W\d_]{2,}|^[A-Z][a-z]+\b")
"""Two words, or one as a title has it."""
WORD = re.compile(r"[^\W\d_]{2,}")
MARKUP = re.compile(r"\[/?[a-z ]*\]")
STYLES = {"bold", "dim", "ellipsis", "yellow"}
PYTHON = {"None"}


def literals(node: ast.AST) -> Iterator[str]:
    """All strings below a node but docstrings, ids of messages, and what decorates a function or annotates a name."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            yield MARKUP.sub("", node.value)
        return
    below: list[ast.AST] = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
        below = [keyword.value for keyword in node.keywords]
    elif isinstance(node, ast.FunctionDef):
        below = list(node.body)
    elif isinstance(node, ast.AnnAssign):
        below = [] if node.value is None else [node.value]
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    for child in below:
        yield from literals(child)


def untranslated(source: str) -> set[str]:
    """What the functions of a module say to people in one language only; the help around them has a catalogue."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            found |= {text for text in literals(node) if LANGUAGE.search(text)}
        elif isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            shown = (text for argument in node.args for text in literals(argument))
            if name in SHOWING:
                found |= {text for text in shown if WORD.search(text) and text not in STYLES}
    return {text for text in found - PYTHON if not any(text in message for message in MESSAGES)}


@pytest.mark.parametrize("path", sorted(COMMANDS.rglob("*.py")), ids=lambda p: str(p.relative_to(COMMANDS)))
def test_all_that_a_command_shows_is_said_in_both_languages(path: Path) -> None:
    assert untranslated(path.read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize(
    "code",
    [
        'click.echo(f"{path}: written")',
        'console.print("done")',
        'for title in ("Exercise", "Score"):\n        table.add_column(title)',
        'words = f"Interrupted: {count} of them are kept"',
        'steps.tell(say("{mutant} {fate}", fate="could not be judged"))',
        'table = Table(title="What is wrong")',
    ],
)
def test_what_is_in_one_language_only_is_found(code: str) -> None:
    assert untranslated(f"def command():\n    {code}\n") != set()


def test_what_is_no_language_is_left_alone() -> None:
    code = 'console.print(render(say("Two words"), lang), f"{path}:{line} · ", RichText(name, "bold"))'
    assert (
        untranslated(f'@click.command(help="Two words")\ndef command():\n    """Two words."""\n    {code}\n')
        == set()
    )
