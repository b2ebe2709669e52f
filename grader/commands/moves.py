"""Shows whose grades would move, and asks."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import rich_click as click
from rich.console import Console
from rich.table import Table

from grader.commands.consent import agrees
from grader.commands.telling import tell
from grader.i18n import render
from grader.model.text import Language, say
from grader.reports.numbers import points_text
from grader.reports.plain_text import fit

if TYPE_CHECKING:
    from grader.pipeline import Move
    from grader.pipeline.moves import Outcome

_MOST = 60
"""Lines of the table in a terminal; without one, all are printed."""
_REASONS = 4


class Consent:
    """Whether grades that stand may be replaced; asked once a run, where there is anything to ask."""

    def __init__(self, given: bool, language: Language) -> None:
        self._given = given
        self._language = language
        self.is_missing = False
        """Somebody had to agree, and nobody did."""

    def ask(self, moves: Sequence[Move]) -> bool:
        """Show the moves, then ask at a terminal; elsewhere only `--yes` agrees."""
        console = Console(stderr=True)
        _print_table(moves, self._language, console)
        if self._given:
            return True
        if sys.stdin.isatty():
            try:
                agreed = agrees(say("Replace these {count} grades?", count=len(moves)), self._language)
            except click.Abort:
                agreed = False
        else:
            agreed = False
        self.is_missing = not agreed
        if not agreed:
            words = say(
                "Nothing was replaced: the grades from before stand. The new ones are kept; the same command with "
                "`--yes` lets them stand, and grades nothing again."
            )
            tell(words, self._language, console)
        return agreed


def _print_table(moves: Sequence[Move], language: Language, console: Console) -> None:
    ways = Counter((m.after.share > m.before.share) - (m.after.share < m.before.share) for m in moves)
    head = say(
        "Graded again, {count} grades would move: up {up}, down {down}, otherwise {other}.",
        count=len(moves),
        up=ways[1],
        down=ways[-1],
        other=ways[0],
    )
    tell(head, language, console)
    table = Table(box=None, pad_edge=False)
    for title, justify in ((say("Student"), "left"), (say("Exercise"), "left"), (say("Before"), "right")):
        table.add_column(render(title, language), justify="right" if justify == "right" else "left")
    table.add_column(render(say("After"), language), justify="right")
    table.add_column(render(say("Why"), language), overflow="fold")
    most = _MOST if console.is_terminal else len(moves)
    for move in moves[:most]:
        reasons = [render(reason, language) for reason in move.reasons]
        more = [f"… +{len(reasons) - _REASONS}"] if len(reasons) > _REASONS else []
        why = "; ".join([*reasons[:_REASONS], *more])
        before, after = _outcome(move.before, language), _outcome(move.after, language)
        table.add_row(fit(move.name), move.exercise, before, after, fit(why))
    console.print(table, markup=False)
    if len(moves) > most:
        tell(say("and {count} more", count=len(moves) - most), language, console)


def _outcome(outcome: Outcome, language: Language) -> str:
    waits = f" +{points_text(outcome.undecided, language)}?" if outcome.undecided else ""
    return f"{points_text(outcome.points, language)}/{points_text(outcome.out_of, language)}{waits}"
