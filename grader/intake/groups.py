"""Groups: who hands in together. To the grade book a group is one student, with members.

A table says who they are (`--groups`): a line for each member, with the group. Of all that a group's members handed in
for an exercise, one notebook counts, as of one student. Moodle's own folders of groups are recognised in it, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from grader.errors import ConfigError, IntakeError
from grader.intake.names import words
from grader.intake.newest import Candidate
from grader.model.file_words import unreadable
from grader.model.submission import Member, SetAside
from grader.model.text import Text, say
from grader.spreadsheet import as_given, read_table

_GROUP = ("group", "groupe", "équipe", "team", "binôme", "pair")
_STUDENT = ("student", "étudiant", "identifier", "identifiant", "id", "number", "numéro")
_NAME = ("name", "nom", "full name", "nom complet")
_NO_GROUP = ("", "-", "–", "default group", "groupe par défaut")
_PARTICIPANT = re.compile(r"^participant\D*(\d+)$", re.IGNORECASE)
_MOST_NAMED = 12


class Line(NamedTuple):
    """One member of one group, as the table says; where `student` is empty, `name` tells."""

    number: int
    """In the file."""
    group: str
    student: str
    name: str


@dataclass(frozen=True)
class Table:
    """A table of groups."""

    path: Path
    lines: tuple[Line, ...]

    def fault(self, line: Line, fault: Text) -> IntakeError:
        """What is wrong with a line."""
        return IntakeError(
            say("{path}: line {line}: {fault}", path=str(self.path), line=line.number, fault=fault)
        )


def read_groups(path: Path) -> Table:
    """Read a table with the columns `group`, and `student` or `name` or both; lines without a group are passed over.

    Moodle's grading worksheet is such a table, too: its `Participant 123` is 123.
    Raises: IntakeError naming the file and what is wrong with it.
    """
    try:
        rows = read_table(path.read_bytes())
    except OSError as error:
        raise IntakeError(unreadable(path, error)) from error
    except ConfigError as error:
        raise IntakeError(say("{path}: {fault}", path=str(path), fault=error.text)) from error
    titles = [title.strip().casefold() for title in rows[0]] if rows else []
    group, student, name = (_place(titles, known) for known in (_GROUP, _STUDENT, _NAME))
    if group is None or (student is None and name is None):
        raise IntakeError(
            say(
                "{path}: a table of groups has a line of titles with 'group', and 'student' or 'name', and a line for"
                " each member.",
                path=str(path),
            )
        )
    lines = [
        Line(number, _cell(row, group), _identifier(_cell(row, student)), _cell(row, name))
        for number, row in enumerate(rows[1:], start=2)
    ]
    told = (line for line in lines if line.group.casefold() not in _NO_GROUP and (line.student or line.name))
    return Table(path, tuple(told))


def gathered(
    candidates: Sequence[Candidate], set_aside: Sequence[SetAside], table: Table
) -> tuple[list[Candidate], list[SetAside], tuple[Text, ...]]:
    """The same files as those of groups, where their owners are in one, and what people should know of it.

    Raises: IntakeError when a student is in two groups, a name is two students', a group is called as a student is, or
    no line is of anybody who handed in.
    """
    people = {candidate.submission.student: candidate.submission.name for candidate in candidates}
    people |= {file.student: file.name for file in set_aside if file.student and file.student not in people}
    groups = _groups(table, people)
    group_of = {member.student: group for group in groups.values() for member in group.members}
    for group in groups.values():
        if group.student in group_of or (group.student in people and people[group.student] != group.name):
            raise IntakeError(
                say(
                    "{path}: '{group}' is a group there, and a student who handed in, too: call the group otherwise.",
                    path=str(table.path),
                    group=group.student,
                )
            )
    gathered_ = [_of_group(candidate, group_of, groups) for candidate in candidates]
    handed_in = {candidate.submission.student for candidate in gathered_}
    idle = [group.name for group in groups.values() if group.student not in handed_in]
    if len(idle) == len(groups):
        raise IntakeError(
            say(
                "{path}: none of its lines is of a student who handed in a notebook. Its column 'student' holds the"
                " identifiers by which they are graded, or 'name' their whole names.",
                path=str(table.path),
            )
        )
    named = ", ".join(idle[:_MOST_NAMED]) + (", …" if len(idle) > _MOST_NAMED else "")
    notes = (say("Groups of which nothing was handed in: {names}", names=named),) if idle else ()
    aside = [
        file.model_copy(update={"student": group_of[file.student].student})
        if file.student in group_of
        else file
        for file in set_aside
    ]
    return gathered_, aside, notes


class _Group(NamedTuple):
    student: str
    name: str
    members: tuple[Member, ...]


def _groups(table: Table, people: Mapping[str, str]) -> dict[str, _Group]:
    """By what the table calls them; a group that handed in under its own name keeps the LMS's identifier of it."""
    members: dict[str, dict[str, Member]] = {}
    in_group: dict[str, str] = {}
    for line in table.lines:
        member = _member(line, people, table)
        other = in_group.setdefault(member.student, line.group)
        if other != line.group:
            raise table.fault(
                line,
                say(
                    "{name} is in {group}, and in {other} above: a student is in one group.",
                    name=member.name,
                    group=line.group,
                    other=other,
                ),
            )
        members.setdefault(line.group, {})[member.student] = member
    found: dict[str, _Group] = {}
    for group, own in members.items():
        theirs = [s for s, name in people.items() if group in (s, name) and s not in in_group]
        student = theirs[0] if len(theirs) == 1 else group
        found[group] = _Group(student, people.get(student, group), tuple(own.values()))
    return found


def _member(line: Line, people: Mapping[str, str], table: Table) -> Member:
    if line.student in people:
        return Member(student=line.student, name=line.name or people[line.student])
    called = line.student or line.name
    same = [student for student, name in people.items() if words(called) and words(name) == words(called)]
    if len(same) > 1:
        raise table.fault(
            line,
            say(
                "several students are called {name}: {students}. Write the identifier.",
                name=called,
                students=", ".join(same),
            ),
        )
    if same:
        return Member(student=same[0], name=people[same[0]])
    return Member(student=called, name=line.name or called)


def _of_group(
    candidate: Candidate, group_of: Mapping[str, _Group], groups: Mapping[str, _Group]
) -> Candidate:
    submission = candidate.submission
    owners = [member.student for member in submission.members] or [submission.student]
    theirs = {group_of[owner].student: group_of[owner] for owner in owners if owner in group_of}
    own = [group for group in groups.values() if group.student == submission.student]
    found = own or (list(theirs.values()) if all(owner in group_of for owner in owners) else [])
    if len(found) != 1:
        return candidate
    told = {"student": found[0].student, "name": found[0].name, "members": found[0].members}
    return replace(candidate, submission=submission.model_copy(update=told))


def unit_of(people: Iterable[Member]) -> tuple[str, str, tuple[Member, ...]]:
    """Identifier, name and members of those who handed in one file together, where no table calls them otherwise."""
    members = tuple(sorted(people, key=lambda member: member.student))
    return "+".join(m.student for m in members), ", ".join(m.name for m in members), members


def _place(titles: Sequence[str], known: Sequence[str]) -> int | None:
    return next((titles.index(title) for title in known if title in titles), None)


def _cell(row: Sequence[str], place: int | None) -> str:
    return as_given(row[place].strip()) if place is not None and place < len(row) else ""


def _identifier(cell: str) -> str:
    match = _PARTICIPANT.match(cell)
    return match[1] if match else cell
