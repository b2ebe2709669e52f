"""Shows who handed in under another name than the known one, and asks whether that is the same person."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import rich_click as click
from rich.console import Console

from grader.commands.consent import agrees
from grader.commands.telling import tell
from grader.model.text import Language, say
from grader.reports.plain_text import fit

if TYPE_CHECKING:
    from grader.pipeline import OtherName

_MOST = 3
"""Files that are named of each."""


def tell_other_names(names: Sequence[OtherName], language: Language) -> None:
    """A line for each."""
    for one in names:
        paths = ", ".join(one.paths[:_MOST]) + (", …" if len(one.paths) > _MOST else "")
        words = say(
            "{student} is known as {known}, and was handed in by {found}: {paths}",
            student=fit(one.student),
            known=fit(one.known),
            found=fit(one.found),
            paths=fit(paths),
        )
        tell(words, language, Console(stderr=True))


def are_the_same(names: Sequence[OtherName], language: Language) -> bool:
    """Ask, at a terminal; elsewhere nobody agrees. Says what is left out where they are not the same."""
    agreed = False
    if sys.stdin.isatty():
        try:
            agreed = agrees(say("Are these the same people, under another name?"), language)
        except click.Abort:
            agreed = False
    if not agreed:
        words = say(
            "They are left out: nothing of theirs is graded, and their grades from before stand. With `--rename` the"
            " new names are taken."
        )
        tell(words, language, Console(stderr=True))
    return agreed
