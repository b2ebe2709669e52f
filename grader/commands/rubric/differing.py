"""Prints in what two rubrics differ."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from grader.authoring.rubric_diff import Difference
from grader.commands.telling import tell
from grader.i18n import render
from grader.model.text import Language, say
from grader.reports.plain_text import fit

_LONGEST = 70
"""Characters of a value that are shown."""


def print_differences(changed: tuple[Difference, ...], language: Language) -> None:
    """Print a table of them, or that there are none."""
    if not changed:
        tell(say("Nothing differs."), language)
        return
    table = Table(box=None, pad_edge=False)
    for title in (say("Key"), say("Before"), say("After")):
        table.add_column(render(title, language), overflow="fold")
    for key, before, after in changed:
        table.add_row(fit(key), _cell(before), _cell(after))
    Console().print(table, markup=False)


def _cell(words: str | None) -> str:
    if words is None:
        return "–"
    line = " ".join(fit(words).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
