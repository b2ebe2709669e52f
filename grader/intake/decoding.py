"""From bytes to text: byte order marks, UTF-16, old Windows text, and files that are something else altogether."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from grader.model.text import Text, say

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UNMARKED = (
    (b"{\x00\x00\x00", "utf-32-le"),
    (b"\x00\x00\x00{", "utf-32-be"),
    (b"{\x00", "utf-16-le"),
    (b"\x00{", "utf-16-be"),
)


@dataclass(frozen=True)
class Decoded:
    """A file's text."""

    text: str
    notices: tuple[Text, ...] = ()


def decode(raw: bytes) -> Decoded | Text:
    """Text of a file that may be a notebook, or words on what it is instead."""
    other = _something_else(raw)
    if other is not None:
        return other
    encoding = next((name for mark, name in (*_MARKS, *_UNMARKED) if raw.startswith(mark)), "utf-8")
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace") if encoding == "utf-8" else raw.decode(encoding, "replace")
        return Decoded(text, (say("The file is not UTF-8; some accents may be wrong."),))
    if encoding in ("utf-8", "utf-8-sig"):
        return Decoded(text)
    return Decoded(
        text, (say("The file was {encoding} and not UTF-8; it was read all the same.", encoding=encoding),)
    )


def _something_else(raw: bytes) -> Text | None:
    if not raw.strip():
        return say("The file is empty. Save the notebook, and hand in again.")
    start = raw[:512].lstrip()
    if not raw[:4096].strip(b"\0"):
        return say("The file holds nothing but null bytes: saving or copying failed. Hand in again.")
    if start.startswith(b"PK\x03\x04"):
        return say(
            "The file is a zip archive that was named .ipynb. Unzip it, and hand in the notebook inside."
        )
    if start.startswith(b"%PDF"):
        return say("The file is a PDF that was named .ipynb. Hand in the notebook itself.")
    if start.startswith(b"\x1f\x8b"):
        return say("The file is a compressed archive that was named .ipynb. Hand in the notebook itself.")
    if start.lower().startswith((b"<!doctype", b"<html")):
        return say(
            "The file is a web page that was named .ipynb. Download the notebook itself, and hand in again."
        )
    if start.startswith(b"version https://git-lfs"):
        return say("The file is only Git LFS's pointer to a notebook. Hand in the notebook itself.")
    return None
