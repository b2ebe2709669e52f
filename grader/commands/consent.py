"""Asks yes or no at a terminal, in the user's language."""

from __future__ import annotations

import rich_click as click

from grader.i18n import render
from grader.model.text import Language, Text, say
from grader.reports.words import colon

_YES = ("y", "yes", "o", "oui")
_NO = ("", "n", "no", "non")


def agrees(question: Text, language: Language) -> bool:
    """Whether whoever sits there says yes; Enter alone is no. Raises: click.Abort where the input ends."""
    answers = say("[y/N]")
    asked = f"{render(question, language)} {render(answers, language)}"
    while True:
        answer = click.prompt(
            asked, default="", show_default=False, prompt_suffix=f"{colon(language)} ", err=True
        )
        word = answer.strip().casefold()
        if word in (*_YES, *_NO):
            return word in _YES
