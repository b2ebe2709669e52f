"""Prints a message in the user's language."""

from __future__ import annotations

from rich.console import Console

from grader.i18n import render
from grader.model.text import Language, Text


def tell(text: Text, language: Language, console: Console | None = None) -> None:
    """Print a message as it is, on one line however long; on standard output unless a console says otherwise."""
    shown = console or Console()
    shown.print(render(text, language), markup=False, emoji=False, highlight=False, soft_wrap=True)
