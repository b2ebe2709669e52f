"""Why a file cannot be read or written, as an error's message."""

from __future__ import annotations

from pathlib import Path

from grader.model.text import Text, say


def unwritable(path: Path, error: OSError) -> Text:
    """That a file cannot be written."""
    return say("{path} cannot be written: {reason}.", path=str(path), reason=reason_of(error))


def unreadable(path: Path, error: OSError | UnicodeDecodeError) -> Text:
    """That a file cannot be read."""
    return say("{path}: cannot be read: {reason}.", path=str(path), reason=reason_of(error))


def reason_of(error: OSError | UnicodeDecodeError) -> str:
    """The system's words."""
    return getattr(error, "strerror", None) or str(error)
