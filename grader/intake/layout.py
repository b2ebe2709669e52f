"""What a layout is: a way to tell from a file's path, and from the lists beside it, whose it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from grader.intake.files import Found
from grader.model.text import Text


@dataclass(frozen=True)
class Person:
    """Somebody who handed in."""

    student: str
    """Stable identifier."""
    name: str
    """For people, NFC."""


@dataclass(frozen=True)
class Owner:
    """Whose a file is, as far as its place tells."""

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
    late: bool = False
    """Whether the layout says that it came late."""
    handed_in_at: datetime | None = None
    """When, where the layout tells; without a zone where it tells none."""
    attempt: int = 0
    """Greater in what was handed in later, where the layout tells; it says more than the files' dates."""
    others: tuple[Person, ...] = ()
    """Those who handed in the same file together with the student."""
    exercise: str = ""
    """What the place calls the exercise, where it tells; it then says more than the file's own name."""
    is_slip: bool = False
    """Whether it is the LMS's own note beside a submission, and nothing that a student made."""


OwnerOf = Callable[[Found], Owner | None]
"""From a file to its owner; None where the file is not of the layout."""
ByPath = Callable[[Found, frozenset[str]], Owner | None]
"""The same, from a file and the compact names of the exercises."""


@dataclass(frozen=True)
class Opened:
    """Files of which it is known how they are laid out."""

    owner: OwnerOf
    notes: tuple[Text, ...] = ()
    """What was concluded from all files together, and that people should see."""


@dataclass(frozen=True)
class Layout:
    """One way in which submissions are laid out."""

    name: str
    open: Callable[[Sequence[Found], frozenset[str]], Opened | None]
    """From all files and the compact names of the exercises; None where they are not laid out in this way."""


def by_path(name: str, owner: ByPath) -> Layout:
    """A layout that each path tells by itself; one file that fits is enough to recognise it."""

    def opened(found: Sequence[Found], exercises: frozenset[str]) -> Opened | None:
        def owner_of(file: Found) -> Owner | None:
            return owner(file, exercises)

        return Opened(owner_of) if any(map(owner_of, found)) else None

    return Layout(name, opened)
