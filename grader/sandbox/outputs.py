"""Text outputs as a terminal would show them, and their weight: progress bars overwrite themselves."""

from __future__ import annotations

import re

_STEPS = re.compile(r"(\n|\r|\x1b\[A)")
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]{6,16}\b")
_SURROGATES = re.compile("[\ud800-\udfff]")


def without_colours(text: str) -> str:
    """Text without terminal control sequences."""
    return _COLOURS.sub("", text)


def printable(text: str) -> str:
    """Text that can be encoded (lone surrogates become question marks) and does not differ from run to run.

    Addresses in memory, as in `<Net object at 0x7f…>`, become `0x0`.
    """
    return _ADDRESS.sub(" at 0x0", _SURROGATES.sub("?", text))


class Screen:
    """What remains of a stream of text on a screen with endless lines."""

    def __init__(self) -> None:
        self.size = 0
        """Bytes shown now."""
        self._lines = [""]
        self._row = 0
        self._fresh = False

    def write(self, text: str) -> None:
        """Add text; a carriage return starts its line anew, `ESC [ A` goes up a line."""
        for step in _STEPS.split(text):
            if step == "\n":
                self._down()
            elif step == "\r":
                self._fresh = True
            elif step == "\x1b[A":
                self._row = max(0, self._row - 1)
            elif step:
                self._put(step)

    def text(self) -> str:
        """All lines."""
        return "\n".join(self._lines)

    def cut(self, most: int) -> None:
        """Keep so many bytes from the top; to be written to no more."""
        kept = self.text().encode()[:most].decode(errors="ignore")
        self._lines, self.size = [kept], _weight(kept)

    def _down(self) -> None:
        self._row += 1
        self._fresh = self._row < len(self._lines)
        if not self._fresh:
            self._lines.append("")
            self.size += 1

    def _put(self, piece: str) -> None:
        before = self._lines[self._row]
        after = piece if self._fresh else before + piece
        self._fresh = False
        self._lines[self._row] = after
        self.size += _weight(after) - _weight(before)


def _weight(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())
