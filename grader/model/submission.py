"""Submissions: one immutable file of one student for one exercise."""

from __future__ import annotations

from datetime import datetime

from grader.model.base import Frozen
from grader.model.packed import Packed
from grader.model.text import Text


class Member(Frozen):
    """One of those who handed in together."""

    student: str
    """Stable identifier."""
    name: str
    """For people, NFC."""


class Submission(Frozen):
    """One file of one student for one exercise, known by its SHA-256."""

    student: str
    """Stable identifier: the LMS's participant id, else the folder's or file's name; of a group, the group's."""
    name: str
    """The student's name as shown to people, NFC."""
    exercise: str
    path: str
    """Where it lies, relative to the submissions folder; for people."""
    sha256: str
    content_sha256: str = ""
    """Of what its cells say alone, see `content_sha256`; empty when it cannot be read."""
    notebook: Packed | None
    """nbformat 4 JSON, upgraded where need be; None when it cannot be read."""
    problem: Text | None = None
    """Why it cannot be read, and what to do."""
    notices: tuple[Text, ...] = ()
    """What was put right silently otherwise: upgraded from nbformat 3, say."""
    late: bool = False
    """Whether the layout says that it came late; a late policy that knows when it came decides by itself."""
    handed_in_at: datetime | None = None
    """When it was handed in, where that is known; without a zone, in that of the course."""
    by_content: bool = False
    """Whether neither metadata nor name told which exercise it is, but its content alone."""
    members: tuple[Member, ...] = ()
    """Of a group, which is one student to the grade book: those in it, where they are known."""


class SetAside(Frozen):
    """A file or folder that is not graded, and why."""

    path: str
    reason: Text
    student: str = ""
    """Identifier of the one whose it is, where its place tells."""
    name: str = ""
    """Of that student, for people."""
    exercise: str = ""
    """Where that was told."""
    is_superseded: bool = False
    """Whether a newer file of the same student counts in its place, so that nobody need look at it."""


class Intake(Frozen):
    """All that was found in one place."""

    layout: str
    """By their names, those of all places that were read: `moodle`, `canvas, plain`."""
    submissions: tuple[Submission, ...]
    set_aside: tuple[SetAside, ...] = ()
    """Duplicates, unmatched files, unreadable folders."""
    notes: tuple[Text, ...] = ()
    """What was concluded from how the files are laid out."""
