"""A student's text made fit for a page: no terminal colours, no control characters, not too long."""

from __future__ import annotations

import re

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_CONTROLS = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_CODE = re.compile(r"`([^`\n]+)`")
LONGEST = 20_000


def fit(text: str) -> str:
    """As a terminal would show it at the end: what a carriage return overwrote is gone."""
    visible = _ESCAPES.sub("", text[: 50 * LONGEST]).replace("\r\n", "\n")
    if "\r" in visible:
        visible = "\n".join(_last_written(line) for line in visible.split("\n"))
    return _CONTROLS.sub("", visible)


def cut(text: str, longest: int = LONGEST) -> tuple[str, int]:
    """The text's beginning and end, and how many characters were left out between them."""
    if len(text) <= longest:
        return text, 0
    half = longest // 2
    return f"{text[:half]}\n[…]\n{text[-half:]}", len(text) - 2 * half


def code_marked(escaped: str) -> str:
    """HTML in which what stands between backquotes is marked as code; `escaped` is safe to show already."""
    return _CODE.sub(r"<code>\1</code>", escaped)


def _last_written(line: str) -> str:
    pieces = [piece for piece in line.split("\r") if piece]
    return pieces[-1] if pieces else ""
