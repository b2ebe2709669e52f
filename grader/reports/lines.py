"""Lines of the terminal, with nothing in them that could steer it."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text as RichText

from grader.i18n import render
from grader.model.text import Language, Text, say
from grader.reports.plain_text import fit


def print_line(console: Console, text: Text, language: Language) -> None:
    """One sentence."""
    console.print(render(text, language), markup=False, highlight=False)


def print_note(console: Console, subject: str, reason: Text, language: Language) -> None:
    """What there is to say of one file or student."""
    shown = fit(subject)
    line = RichText(f"  {fit(render(say('{path}: {reason}', path=shown, reason=reason), language))}")
    line.stylize("bold", 2, 2 + len(shown))
    console.print(line)
