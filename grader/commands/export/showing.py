"""What an export did, or would do: cells before and after, rounding, and whom it left as they are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text as RichText

from grader.export.filling import Change, Filling
from grader.export.rounding import Scale, shown
from grader.i18n import render
from grader.model.text import Language, Text, say
from grader.reports.plain_text import fit

_MOST = 5
"""Names that are listed where the same is to be said of all."""
_WIDEST = 40


def show_filling(filling: Filling, language: Language, *, is_dry: bool) -> None:
    """Changes where nothing is written, then remarks, then how many are left as they are."""
    console = Console(soft_wrap=True)
    if is_dry and filling.changes:
        console.print(_table(filling.changes, language), markup=False)
    reasons: dict[str, list[str]] = {}
    for whose, text in filling.remarks:
        reasons.setdefault(render(text, language), []).append(whose)
    for reason, people in reasons.items():
        _line(console, say("  {names}: {reason}", names=_names(people, all_=is_dry), reason=reason), language)
    if filling.untouched:
        names = _names(filling.untouched, all_=is_dry)
        text = say("  Nothing is graded of {count}: {names}", count=len(filling.untouched), names=names)
        _line(console, text, language)


def show_written(filling: Filling, path: Path, scale_step: str, language: Language, *, is_dry: bool) -> None:
    """How many cells, where, and how grades were rounded."""
    grades = [change.rounded for change in filling.changes if change.rounded is not None]
    inexact = sum(not rounded.is_exact for rounded in grades)
    would = say("Would change in {path}: cells {cells}, grades {grades}.",
                path=str(path), cells=len(filling.changes), grades=len(grades))  # fmt: skip
    did = say("Changed in {path}: cells {cells}, grades {grades}.",
              path=str(path), cells=len(filling.changes), grades=len(grades))  # fmt: skip
    console = Console(soft_wrap=True)
    _line(console, would if is_dry else did, language)
    if inexact:
        _line(console, say("Rounded half up to {step}: {count}.", step=scale_step, count=inexact), language)


def step_text(scale: Scale, language: Language) -> str:
    """The step of rounding, in the language's numbers."""
    return shown(scale.step, "," if language == "fr" else ".")


def _table(changes: Sequence[Change], language: Language) -> Table:
    table = Table(box=None)
    for title in (say("Student"), say("Column"), say("Before"), say("After"), say("Unrounded")):
        table.add_column(render(title, language))
    sign = "," if language == "fr" else "."
    for change in changes:
        exact = "" if change.rounded is None else shown(change.rounded.exact, sign)
        table.add_row(*(RichText(_short(cell)) for cell in (
            change.whose, change.column, change.before or "–", change.after, exact)))  # fmt: skip
    return table


def _short(cell: str) -> str:
    line = " ".join(fit(cell).split())
    return line if len(line) <= _WIDEST else f"{line[: _WIDEST - 1]}…"


def _names(whose: Sequence[str], *, all_: bool) -> str:
    chosen = whose if all_ else whose[:_MOST]
    return fit(", ".join(chosen)) + (f", … ({len(whose)})" if len(chosen) < len(whose) else "")


def _line(console: Console, text: Text, language: Language) -> None:
    console.print(render(text, language), markup=False, highlight=False)
