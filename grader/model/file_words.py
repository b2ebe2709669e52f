"""Why a file cannot be read or written, as an error's message."""

from __future__ import annotations

from pathlib import Path

from grader.model.text import Text, say

_SYSTEMS_WORDS = {
    text.msgid: text
    for text in (
        say("No such file or directory"),
        say("Permission denied"),
        say("Operation not permitted"),
        say("Not a directory"),
        say("Is a directory"),
        say("File exists"),
        say("File name too long"),
        say("No space left on device"),
        say("Disk quota exceeded"),
        say("Read-only file system"),
        say("Too many open files"),
        say("Input/output error"),
    )
}
"""What the system says in English, whatever the language, where people meet it."""


def unwritable(path: Path, error: OSError) -> Text:
    """That a file cannot be written."""
    return say("{path} cannot be written: {reason}.", path=str(path), reason=reason_of(error))


def unreadable(path: Path, error: OSError | UnicodeDecodeError) -> Text:
    """That a file cannot be read."""
    return say("{path}: cannot be read: {reason}.", path=str(path), reason=reason_of(error))


def reason_of(error: OSError | UnicodeDecodeError) -> Text | str:
    """The system's words, which can be French where they are known."""
    words = getattr(error, "strerror", None) or str(error)
    return _SYSTEMS_WORDS.get(words, words)
