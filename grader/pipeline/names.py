"""Another name under a known number: it may be somebody else, so a person is asked before anything is kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from grader.export.people import can_be_one_in_any_spelling
from grader.model.submission import Intake


@dataclass(frozen=True)
class OtherName:
    """A number that is known under one name, and was handed in under another."""

    student: str
    unit: str
    """Whose work it is: the student's own number, or that of the group."""
    known: str
    """In the grade book; or in what was handed in, where two names came under one number."""
    found: str
    paths: tuple[str, ...]
    """What came under the other name."""


def other_names(intake: Intake, known: Mapping[str, Collection[str]]) -> tuple[OtherName, ...]:
    """Those numbers of which a name cannot be any of the known ones; `known` are names by number.

    A name in another spelling or order, with more or fewer words, and a name that is the number itself or that
    nobody's is, as `Participant 12`, is no other name.
    """
    files: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    units: dict[str, str] = {}
    for submission in intake.submissions:
        files[submission.student][submission.name].append(submission.path)
        for member in submission.members:
            files[member.student][member.name].append(submission.path)
            units[member.student] = submission.student
    for aside in intake.set_aside:
        if aside.is_superseded:
            files[aside.student][aside.name].append(aside.path)
    found: list[OtherName] = []
    for student, named in files.items():
        told = [name for name in sorted(known.get(student, ())) if name != student]
        for name in sorted(named):
            if name == student:
                continue
            if told and not any(can_be_one_in_any_spelling(name, one) for one in told):
                found.append(
                    OtherName(student, units.get(student, student), told[0], name, tuple(named[name]))
                )
            elif not told:
                told = [name]
    return tuple(found)


def without_students(intake: Intake, students: Collection[str]) -> Intake:
    """What others handed in."""
    return intake.model_copy(
        update={
            "submissions": tuple(file for file in intake.submissions if file.student not in students),
            "set_aside": tuple(file for file in intake.set_aside if file.student not in students),
        }
    )
