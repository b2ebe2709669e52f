"""`--only`: which of the submissions to grade, and to speak of."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from grader.errors import ConfigError
from grader.model.exercise import Exercise
from grader.model.nearest import LIKE, meant_or_known
from grader.model.people import those_left
from grader.model.submission import Intake, SetAside, Submission
from grader.model.text import Text, say


def select(intake: Intake, exercises: Sequence[Exercise], only: Sequence[str]) -> Intake:
    """What of the intake is of the students and exercises that `only` names; all of it without a name of that sort.

    A student is named by identifier or by name, without regard to case; naming a student and an exercise means
    that student's work on that exercise. What was set aside stays where nothing tells that it is another exercise's.
    Raises: ConfigError when a name is nobody's.
    """
    known_exercises = {exercise.id.casefold() for exercise in exercises}
    found: list[Submission | SetAside] = [*intake.submissions, *intake.set_aside]
    known_students = {word for file in found for word in _names(file)}
    chosen_exercises: set[str] = set()
    chosen_students: set[str] = set()
    for name in only:
        word = name.casefold()
        if word in known_exercises:
            chosen_exercises.add(word)
        elif word in known_students:
            chosen_students.add(word)
        else:
            raise ConfigError(_unknown(name, known_exercises | known_students))

    def is_chosen(file: Submission | SetAside) -> bool:
        may_be = not chosen_exercises or file.exercise.casefold() in {*chosen_exercises, ""}
        return may_be and (not chosen_students or not chosen_students.isdisjoint(_names(file)))

    return intake.model_copy(
        update={
            "submissions": tuple(filter(is_chosen, intake.submissions)),
            "set_aside": tuple(filter(is_chosen, intake.set_aside)),
        }
    )


def without_people(intake: Intake, removed: Collection[str]) -> Intake:
    """The same without what those handed in who were taken out of the class."""

    def is_there(file: Submission | SetAside) -> bool:
        members = file.members if isinstance(file, Submission) else ()
        return file.student not in removed and (not members or bool(those_left(members, removed)))

    return intake.model_copy(
        update={
            "submissions": tuple(filter(is_there, intake.submissions)),
            "set_aside": tuple(filter(is_there, intake.set_aside)),
        }
    )


def _names(file: Submission | SetAside) -> set[str]:
    members = file.members if isinstance(file, Submission) else ()
    told = (file.student, file.name, *(word for m in members for word in (m.student, m.name)))
    return {name.casefold() for name in told if name}


def _unknown(name: str, known: set[str]) -> Text:
    hint = meant_or_known(
        name.casefold(),
        sorted(known),
        like=LIKE,
        otherwise=say("it must be a student's or an exercise's name."),
    )
    return say("--only {name}: no student and no exercise has this name; {hint}", name=name, hint=hint)
