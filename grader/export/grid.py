"""A table in a file that is not ours: single cells are exchanged, and every other byte stays as it is.

Separator, quoting, encoding, byte order mark and line ends are those of the file. Nothing is parsed and written again.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.errors import ExportError
from grader.model.text import say
from grader.spreadsheet import WORKBOOK, is_workbook

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNMARKED = ("utf-8", "cp1252", "latin-1")


@dataclass(frozen=True)
class Cell:
    """One cell: where its characters stand, and what they say."""

    start: int
    end: int
    value: str
    is_quoted: bool


@dataclass(frozen=True)
class Grid:
    """A whole file."""

    mark: bytes
    encoding: str
    separator: str
    has_quotes: bool
    text: str
    rows: tuple[tuple[Cell, ...], ...]

    def value(self, row: int, column: int | None) -> str:
        """What a cell says, without the spaces around it; nothing where there is none."""
        if column is None or column >= len(self.rows[row]):
            return ""
        return self.rows[row][column].value.strip()

    def changed(self, cells: Mapping[tuple[int, int], str]) -> bytes:
        """The file with other words in some cells, by row and column; a row that is too short is made longer."""
        text, pieces, at = self.text, [], 0
        for (row, column), value in sorted(cells.items()):
            present = self.rows[row]
            if column < len(present):
                cell = present[column]
                pieces += [text[at : cell.start], self._written(value, is_quoted=cell.is_quoted)]
                at = cell.end
            else:
                known = max((c for r, c in cells if r == row and c < column), default=-1)
                filled = max(len(present) - 1, known)
                end = present[-1].end
                pieces += [text[at:end], self.separator * (column - filled), self._written(value)]
                at = max(at, end)
        pieces.append(text[at:])
        return self.mark + "".join(pieces).encode(self.encoding, "replace")

    def _written(self, value: str, *, is_quoted: bool = False) -> str:
        needs = any(sign in value for sign in (self.separator, '"', "\n", "\r"))
        if not self.has_quotes:
            return re.sub(r"[\t\r\n]", " ", value)
        return '"' + value.replace('"', '""') + '"' if is_quoted or needs else value


def read_grid(raw: bytes, separator: str, *, has_quotes: bool = True) -> Grid:
    """Find all cells.

    Raises:
        ExportError: a quote is never closed, something follows one, or it is no text.
    """
    if is_workbook(raw):
        raise ExportError(WORKBOOK)
    mark, encoding = next(((m, e) for m, e in _MARKS if raw.startswith(m)), (b"", ""))
    body = raw[len(mark) :]
    text = ""
    for encoding in (encoding,) if encoding else _UNMARKED:  # noqa: B020 - the one that fits is kept
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError:
            continue
        break
    else:
        raise ExportError(say("The file is not written in the encoding that its first bytes announce."))
    rows = tuple(tuple(row) for row in _rows(text, separator, has_quotes))
    return Grid(mark, encoding, separator, has_quotes, text, rows)


def read_separated(raw: bytes, fit: Callable[[Grid], int]) -> Grid:
    """The table with the separator, of comma, semicolon and tabulator, with which it fits best.

    Raises:
        ExportError: with none of them can it be read.
    """
    grids: list[Grid] = []
    problems: list[ExportError] = []
    for separator in ",;\t":
        try:
            grids.append(read_grid(raw, separator))
        except ExportError as error:
            problems.append(error)
    if not grids:
        raise problems[0]
    return max(grids, key=lambda grid: (fit(grid), len(grid.rows[0])))


def _rows(text: str, separator: str, has_quotes: bool) -> Iterator[Sequence[Cell]]:
    plain = re.compile(rf"[^{re.escape(separator)}\r\n]*")
    quoted = re.compile(r'"((?:[^"]|"")*)"')
    row: list[Cell] = []
    at, line = 0, 1
    while at <= len(text):
        is_quoted = has_quotes and text.startswith('"', at)
        match = (quoted if is_quoted else plain).match(text, at)
        if match is None:
            raise ExportError(say("Line {line}: a quote is opened and never closed.", line=line))
        value = match[1].replace('""', '"') if is_quoted else match[0]
        row.append(Cell(at, match.end(), value, is_quoted))
        line += match[0].count("\n")
        at = match.end()
        if text.startswith(separator, at):
            at += 1
            continue
        yield row
        row = []
        if at == len(text):
            return
        if text[at] not in "\r\n":
            raise ExportError(say("Line {line}: something follows a quoted cell.", line=line))
        at += 2 if text.startswith("\r\n", at) else 1
        line += 1
        if at == len(text):
            return
