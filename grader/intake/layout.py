"""What a layout is: a way to tell from a file's path whose it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from grader.intake.files import Found
from grader.model.text import Text


@dataclass(frozen=True)
class Owner:
    """Whose a file is, as far as its path tells."""

    student: str
    """Stable identifier."""
    name: str
    """For people, NFC."""
    file_name: str
    """What the student called the file."""
    folders: tuple[str, ...] = ()
    """The student's own folders around it, from the outside in."""
    refused: Text | None = None
    """Why nothing in this place is graded."""


@dataclass(frozen=True)
class Layout:
    """One way in which submissions are laid out."""

    name: str
    owner: Callable[[Found, frozenset[str]], Owner | None]
    """From a file and the compact names of the exercises to its owner; None where the file is not of this layout."""
