"""Cells that no spreadsheet takes for a formula."""

from __future__ import annotations

import re

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def defused(cell: str) -> str:
    """A cell of one line that no spreadsheet takes for a formula: an apostrophe is put before `= + - @`."""
    line = _CONTROLS.sub(" ", cell)
    return f"'{line}" if line.lstrip().startswith(_FORMULA) else line


def as_given(cell: str) -> str:
    """What a cell said before `defused`, for texts of one line."""
    return cell[1:] if cell.startswith("'") and cell[1:].lstrip().startswith(_FORMULA) else cell
