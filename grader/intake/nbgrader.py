"""nbgrader's folder of what was collected: `submitted/<student>/<assignment>/*.ipynb`, with `timestamp.txt`."""

from __future__ import annotations

from grader.intake.files import Found
from grader.intake.layout import Owner, by_path

_FOLDER = "submitted"
_BELOW = 3
"""Student, assignment, file."""


def _owner(found: Found, exercises: frozenset[str]) -> Owner | None:
    if _FOLDER not in found.parts[:-_BELOW]:
        return None
    student, *folders, name = found.parts[found.parts.index(_FOLDER) + 1 :]
    return Owner(student, student, name, tuple(folders), is_slip=name == "timestamp.txt")


NBGRADER = by_path("nbgrader", _owner)
