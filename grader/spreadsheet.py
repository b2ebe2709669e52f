"""Cells that no spreadsheet takes for a formula, tables that one has written, and files that only spreadsheets read."""

from __future__ import annotations

import csv
import io
import re

from grader.errors import ConfigError
from grader.model.text import say

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_SIGN = f"[{re.escape(''.join(_FORMULA))}]"
_BEHIND_SEPARATOR = re.compile(rf'([,;][\s"]*)(?={_SIGN})')
_DEFUSED_BEHIND = re.compile(rf"([,;][\s\"]*)'(?={_SIGN})")
WORKBOOK = say("This is a workbook, and no table as text: save it as CSV in the spreadsheet, and give that.")
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How files of Excel and LibreOffice begin, newer and older."""
_KEPT_NUMBER = re.compile(r"0|[1-9]\d{0,10}", re.ASCII)
"""Spreadsheets show longer ones as `1.2E+11`, and save them so."""
_TEXT = re.compile(r'="((?:[^"]|"")*)"')
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def defused(cell: str) -> str:
    """A cell of one line that no spreadsheet takes for a formula: an apostrophe is put before `= + - @`.

    Also behind commas and semicolons, where a cell begins for who reads the table with another separator than its own.
    """
    line = _BEHIND_SEPARATOR.sub(r"\1'", _CONTROLS.sub(" ", cell))
    return f"'{line}" if line.lstrip().startswith(_FORMULA) else line


def as_text(cell: str) -> str:
    """A cell of one line that spreadsheets keep letter by letter, for identifiers: `="0021"` stays 0021.

    They would drop zeros in front, round long numbers, and make dates of `3-12` and numbers of `12E5`. Whole numbers
    that they keep stay plain. What begins like a formula is defused.
    """
    line = defused(cell)
    if line.startswith("'") or not any(c.isdecimal() for c in line) or _KEPT_NUMBER.fullmatch(line):
        return line
    quoted = line.replace('"', '""')
    return f'="{quoted}"'


def as_given(cell: str) -> str:
    """What a cell said before `defused` or `as_text`, for texts of one line."""
    if match := _TEXT.fullmatch(cell):
        return match[1].replace('""', '"')
    whole = cell[1:] if cell.startswith("'") and cell[1:].lstrip().startswith(_FORMULA) else cell
    return _DEFUSED_BEHIND.sub(r"\1", whole)


def is_workbook(raw: bytes) -> bool:
    """Whether a file is Excel's or LibreOffice's own, in which no table can be found."""
    return raw.startswith(_WORKBOOKS)


def read_table(raw: bytes) -> list[list[str]]:
    """The rows of a table as text, empty ones left out; commas, semicolons or tabulators, UTF-8 or Windows-1252.

    Raises: ConfigError.
    """
    if is_workbook(raw):
        raise ConfigError(WORKBOOK)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    head = text.partition("\n")[0]
    separator = max(",;\t", key=head.count)
    try:
        return [
            row for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True) if row
        ]
    except csv.Error as error:
        raise ConfigError(say("It is no table: {reason}.", reason=str(error))) from error
