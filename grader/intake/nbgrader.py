"""nbgrader's folder of what was collected: `submitted/<student>/<assignment>/*.ipynb`, with `timestamp.txt`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from grader.intake.files import Found
from grader.intake.layout import Layout, Opened, Owner
from grader.model.moments import moment

_FOLDER = "submitted"
_BELOW = 3
"""Student, assignment, file."""
_SLIP = "timestamp.txt"
_LINE = 200
"""Bytes: the slip is one line, `2015-02-02 15:58:23.948203 America/Los_Angeles`."""


def _open(found: Sequence[Found], exercises: frozenset[str]) -> Opened | None:
    collected = [file for file in found if _FOLDER in file.parts[:-_BELOW]]
    if not collected:
        return None
    times = {file.parts[:-1]: at for file in collected if file.parts[-1] == _SLIP and (at := _on_slip(file))}

    def owner(file: Found) -> Owner | None:
        if _FOLDER not in file.parts[:-_BELOW]:
            return None
        start = file.parts.index(_FOLDER) + 1
        student, *folders, name = file.parts[start:]
        at = times.get(file.parts[: start + 2])
        return Owner(student, student, name, tuple(folders), handed_in_at=at, is_slip=name == _SLIP)

    return Opened(owner)


def _on_slip(file: Found) -> datetime | None:
    try:
        return moment(file.read(_LINE).decode("utf-8", "replace").strip())
    except OSError:  # then nobody knows when
        return None


NBGRADER = Layout("nbgrader", _open)
