"""Writes files whole or not at all, and finds safe names for students' folders."""

from __future__ import annotations

import errno
import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from grader.disk import whole_file
from grader.errors import ReportError
from grader.model.file_words import reason_of
from grader.model.text import Text, say

_RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)$")
_ENDS_LIKE_OURS = re.compile(r"-[0-9a-f]{6}$", re.IGNORECASE)
_LONGEST = 60


def write_whole(path: Path, text: str | Iterable[str]) -> None:
    """Write UTF-8 text, whole or in pieces, beside `path`, then rename it there: nobody ever sees half a file.

    Raises:
        ReportError: the folder is read-only, the disk is full, or the path cannot be.
    """
    try:
        with whole_file(path) as stream:
            for piece in [text] if isinstance(text, str) else text:
                stream.write(piece.encode("utf-8", "replace"))
    except OSError as error:
        raise ReportError(
            say(
                "{path} cannot be written: {reason}. {advice} What was graded is kept, and `grade report` writes the"
                " reports again.",
                path=str(path),
                reason=reason_of(error),
                advice=advice(error),
            )
        ) from error


def advice(error: OSError) -> Text:
    """What a person can do about a file or folder that cannot be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return say("Free some space, or choose another folder with --out.")
    if error.errno in (errno.EACCES, errno.EPERM):
        return say("Change the folder's permissions, or choose another folder with --out.")
    return say("Choose another folder with --out.")


def safe_names(identifiers: Iterable[str]) -> dict[str, str]:
    """For each identifier a name that every file system takes, unique without regard to case: `A-Za-z0-9_-`.

    A name that had to be changed, or that only case tells from another, ends with six digits of its identifier's
    SHA-256.
    """
    unique = list(dict.fromkeys(identifiers))
    folded = Counter(identifier.casefold() for identifier in unique)
    return {
        identifier: _safe_name(identifier, alone=folded[identifier.casefold()] == 1) for identifier in unique
    }


def _safe_name(identifier: str, alone: bool) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", identifier) if not unicodedata.combining(c))
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", plain).strip("-")[:_LONGEST]
    taken = _RESERVED.match(name.casefold()) or _ENDS_LIKE_OURS.search(name)
    if name and name == identifier and alone and not taken:
        return name
    return f"{name or 'student'}-{hashlib.sha256(identifier.encode('utf-8', 'replace')).hexdigest()[:6]}"
